"""A Slack channel that shows what people are told.

A stack of its own, deployed last: a workspace that nobody authorised, or a channel that the account has configured
already, fails this stack, and no message, alarm or dashboard with it.
"""

from aws_cdk import Stack
from constructs import Construct

from cdk.config.model import Deployment, Slack
from cdk.constructs.chat_channel import ChatChannel
from cdk.names import chat_stack
from cdk.stacks.place import environment


class ChatStack(Stack):
    """The channel."""

    def __init__(self, scope: Construct, deployment: Deployment, slack: Slack, topic_arn: str) -> None:
        super().__init__(
            scope,
            chat_stack(deployment),
            env=environment(deployment),
            description="vsync rotation: a chat channel that shows messages and alarms. Replaceable.",
        )
        ChatChannel(self, "Chat", deployment=deployment, slack=slack, topics=[topic_arn])
