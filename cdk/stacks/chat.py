"""A Slack channel that shows what people are told.

A stack of its own, deployed last: a workspace that nobody authorised, or a channel that the account has configured
already, fails this stack, and no message, alarm or dashboard with it.
"""

from aws_cdk import Stack
from constructs import Construct

from cdk.config.model import Deployment, Slack
from cdk.constructs.chat_channel import ChatChannel
from cdk.names import chat_stack, chat_topic
from cdk.stacks.place import environment


class ChatStack(Stack):
    """The channel. It names its topic instead of importing it: each of the two stacks may go before the other."""

    def __init__(self, scope: Construct, deployment: Deployment, slack: Slack) -> None:
        super().__init__(
            scope,
            chat_stack(deployment),
            env=environment(deployment),
            description="vsync rotation: a chat channel that shows messages and alarms. Replaceable.",
        )
        topic = f"arn:{deployment.partition}:sns:{deployment.region}:{deployment.account}:{chat_topic(deployment)}"
        ChatChannel(self, "Chat", deployment=deployment, slack=slack, topics=[topic])
