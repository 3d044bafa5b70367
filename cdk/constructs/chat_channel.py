"""A Slack channel, through Amazon Q Developer in chat applications."""

from collections.abc import Sequence

from aws_cdk import aws_chatbot as chatbot
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk.config.model import Deployment, Slack
from cdk.constructs.survival import document


class ChatChannel(Construct):
    """It shows what the topics say and may do nothing else: its role has no statement, and its guardrail denies all.

    Without a guardrail of its own a channel gets AdministratorAccess as the bound of what its members may ask for.
    See: https://docs.aws.amazon.com/chatbot/latest/adminguide/understanding-permissions.html
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, deployment: Deployment, slack: Slack, topics: Sequence[str]
    ) -> None:
        super().__init__(scope, construct_id)
        trusted = iam.PolicyStatement(
            principals=[iam.ServicePrincipal("chatbot.amazonaws.com")],
            actions=["sts:AssumeRole"],
            conditions={"StringEquals": {"aws:SourceAccount": deployment.account}},
        )
        role = iam.CfnRole(
            self,
            "Role",
            description="Amazon Q Developer in chat applications: shows messages, may do nothing",
            assume_role_policy_document=document(trusted),
            permissions_boundary=deployment.permissions_boundary,
        )
        chatbot.CfnSlackChannelConfiguration(
            self,
            "Channel",
            configuration_name=f"{deployment.stack_prefix}-{slack.channel_id}",
            slack_workspace_id=slack.workspace_id,
            slack_channel_id=slack.channel_id,
            iam_role_arn=role.attr_arn,
            guardrail_policies=[f"arn:{deployment.partition}:iam::aws:policy/AWSDenyAll"],
            sns_topic_arns=list(topics),
        )
