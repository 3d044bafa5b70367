"""The topics people are told through, under one key that lets events and alarms in."""

import hashlib
from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from cdk.config.model import Deployment
from cdk.constructs.survival import document

_DIGEST: Final = 8


class Topic(Construct):
    """A topic that events and alarms may speak through, over TLS alone."""

    def __init__(self, scope: Construct, construct_id: str, *, deployment: Deployment, key_id: str) -> None:
        super().__init__(scope, construct_id)
        topic = sns.CfnTopic(self, "Topic", kms_master_key_id=key_id)
        self.arn = topic.ref
        sns.CfnTopicPolicy(
            self, "Policy", topics=[self.arn], policy_document=document(*_topic_statements(self.arn, deployment))
        )


class Topics(Construct):
    """The topic for people, and one for a chat, whose messages have another form; and the key of both.

    They stay: a topic that is made anew has lost whoever was subscribed to it, and tells nobody without an error.
    """

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
        self.people = Topic(self, "People", deployment=deployment, key_id=self.key_id).arn
        self.chat = Topic(self, "Chat", deployment=deployment, key_id=self.key_id).arn
        for address in deployment.notifications.email:
            # By the address and not by its place: subscribing one twice gives the same subscription, and taking the
            # second away would take away both.
            sns.CfnSubscription(
                self,
                f"Mail{hashlib.sha256(address.encode()).hexdigest()[:_DIGEST]}",
                topic_arn=self.people,
                protocol="email",
                endpoint=address,
            )

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
