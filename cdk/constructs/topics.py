"""The topics people are told through, under one key that lets events and alarms in."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from cdk.config.model import Deployment
from cdk.constructs.survival import document


class Topics(Construct):
    """A topic for people, a second one for the chat where one is named: their messages have different forms."""

    def __init__(self, scope: Construct, construct_id: str, *, deployment: Deployment) -> None:
        super().__init__(scope, construct_id)
        self._deployment = deployment
        self._key = kms.CfnKey(
            self,
            "Key",
            description=f"Messages of vsync rotation ({deployment.stack_prefix})",
            enable_key_rotation=True,
            key_policy=document(*_key_statements(deployment)),
        )
        self._key.override_logical_id(f"{construct_id}Key")
        self.people = self._topic("People")
        for number, address in enumerate(deployment.notifications.email):
            sns.CfnSubscription(self, f"Mail{number or ''}", topic_arn=self.people, protocol="email", endpoint=address)
        self.chat = self._topic("Chat") if deployment.notifications.slack is not None else None

    @property
    def key_arn(self) -> str:
        """The key of the topics."""
        return self._key.attr_arn

    @property
    def key_id(self) -> str:
        """Its id."""
        return self._key.ref

    @property
    def plain(self) -> Sequence[str]:
        """Every topic that takes plain sentences."""
        return [self.people, *self._deployment.notifications.topics]

    def _topic(self, construct_id: str) -> str:
        topic = sns.CfnTopic(self, construct_id, kms_master_key_id=self._key.ref)
        sns.CfnTopicPolicy(
            self,
            f"{construct_id}Policy",
            topics=[topic.ref],
            policy_document=document(*_topic_statements(topic.ref, self._deployment)),
        )
        return topic.ref


def _alarms_of(deployment: Deployment) -> dict[str, dict[str, str]]:
    alarms = f"arn:{deployment.partition}:cloudwatch:{deployment.region}:{deployment.account}:alarm:*"
    return {"StringEquals": {"aws:SourceAccount": deployment.account}, "ArnLike": {"aws:SourceArn": alarms}}


def _key_statements(deployment: Deployment) -> list[iam.PolicyStatement]:
    """EventBridge sends no source of its request to KMS: a condition on one would drop every message without a sound.

    See: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
    """
    used = ["kms:Decrypt", "kms:GenerateDataKey"]
    return [
        iam.PolicyStatement(
            sid="AccountAdministers",
            principals=[iam.AccountPrincipal(deployment.account)],
            actions=["kms:*"],
            resources=["*"],
        ),
        iam.PolicyStatement(
            sid="EventsUseIt",
            principals=[iam.ServicePrincipal("events.amazonaws.com")],
            actions=used,
            resources=["*"],
        ),
        iam.PolicyStatement(
            sid="AlarmsUseIt",
            principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            actions=used,
            resources=["*"],
            conditions=_alarms_of(deployment),
        ),
    ]


def _topic_statements(topic_arn: str, deployment: Deployment) -> list[iam.PolicyStatement]:
    """EventBridge's guide documents this statement without conditions; a message that is not told is the worse fault.

    See: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    """
    return [
        iam.PolicyStatement(
            sid="EventsTell",
            principals=[iam.ServicePrincipal("events.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[topic_arn],
        ),
        iam.PolicyStatement(
            sid="AlarmsTell",
            principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[topic_arn],
            conditions=_alarms_of(deployment),
        ),
        iam.PolicyStatement(
            sid="TlsOnly",
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["sns:Publish"],
            resources=[topic_arn],
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        ),
    ]
