"""Where events go that nobody could take: kept for two weeks, for a person to look at."""

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk.config.model import Deployment
from cdk.constructs.survival import document

_KEPT_DAYS = 14  # SQS keeps no longer


class DeadLetters(Construct):
    """A queue, encrypted by SQS, TLS only. Rules of this account may send, and what has a role that allows it."""

    def __init__(self, scope: Construct, construct_id: str, *, deployment: Deployment) -> None:
        super().__init__(scope, construct_id)
        self._queue = sqs.CfnQueue(
            self,
            "Queue",
            sqs_managed_sse_enabled=True,
            message_retention_period=Duration.days(_KEPT_DAYS).to_seconds(),
        )
        sqs.CfnQueuePolicy(
            self,
            "Policy",
            queues=[self._queue.ref],
            policy_document=document(self._from_rules(deployment), self._tls_only()),
        )

    @property
    def arn(self) -> str:
        """The queue's ARN."""
        return self._queue.attr_arn

    @property
    def name(self) -> str:
        """The queue's name, as its metrics have it."""
        return self._queue.attr_queue_name

    def _from_rules(self, deployment: Deployment) -> iam.PolicyStatement:
        rules = f"arn:{deployment.partition}:events:{deployment.region}:{deployment.account}:rule/*"
        return iam.PolicyStatement(
            sid="RulesKeepWhatFails",
            principals=[iam.ServicePrincipal("events.amazonaws.com")],
            actions=["sqs:SendMessage"],
            resources=[self.arn],
            conditions={"ArnLike": {"aws:SourceArn": rules}},
        )

    def _tls_only(self) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            sid="TlsOnly",
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["sqs:*"],
            resources=[self.arn],
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        )
