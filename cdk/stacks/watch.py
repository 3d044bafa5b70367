"""What people are told and shown: a rule and a sentence for each event, alarms, one dashboard."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from cdk.config.model import Adopted, Deployment, Vault
from cdk.constructs.alarms import queue_alarm, rule_alarm, sum_alarm
from cdk.constructs.announcement import Announcement, Audience
from cdk.constructs.dashboard import Dashboard
from cdk.constructs.dead_letters import DeadLetters
from cdk.constructs.topics import Topics
from cdk.messages import Message, told_by
from cdk.names import FUNCTIONS, watch_stack
from cdk.stacks.place import environment
from cdk.stacks.rotation import RotationStack
from cdk.trail_messages import (
    buckets_changed,
    keys_changed,
    rotations_given_up,
    secrets_changed,
    users_changed,
    watched,
)

# The one region of a partition where IAM's own calls come by.
# See: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
_REGION_OF_IAM: Final = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}


@dataclass(frozen=True, slots=True)
class Protected:
    """What a trail is watched for."""

    key_arns: Sequence[str]
    deployment: Deployment

    def messages(self) -> Iterator[Message]:
        """A rule each, or several where names are many."""
        vaults, here = self.deployment.vaults, self.deployment.region
        secrets = [secret for vault in vaults for secret in watched(vault, self.deployment)]
        yield from rotations_given_up(secrets)
        yield from secrets_changed(secrets)
        # What CloudTrail tells of a thing in another region never comes by here.
        stores = [vault.store for vault in vaults if vault.store.is_aws and vault.store.region == here]
        yield from buckets_changed([store.bucket for store in stores])
        keys = [key for vault in vaults for key in _keys_of(vault) if _region_in(key) == here]
        yield from keys_changed([*self.key_arns, *keys])
        if here == _REGION_OF_IAM[self.deployment.partition]:
            yield from users_changed([vault.reader.name for vault in vaults if vault.reader is not None])


class WatchStack(Stack):
    """Comes last: it looks at what the other stacks made."""

    def __init__(
        self,
        scope: Construct,
        deployment: Deployment,
        topics: Topics,
        secrets_key_arn: str,
        rotations: Sequence[RotationStack],
    ) -> None:
        super().__init__(
            scope,
            watch_stack(deployment),
            env=environment(deployment),
            description="vsync rotation: what people are told and shown. Replaceable.",
        )
        chat = topics.chat if deployment.notifications.slack is not None else None
        self._actions = [*topics.plain, *([chat] if chat is not None else [])]
        dead_letters = DeadLetters(self, "DeadLetters", deployment=deployment)
        audience = Audience(topics.plain, chat, dead_letters.arn)
        protected = Protected([secrets_key_arn, topics.key_arn], deployment)
        for message in (*told_by(deployment.stack_prefix), *protected.messages()):
            self._announce(message, audience)
        for rotation in rotations:
            self._watch(rotation)
        queue_alarm(
            self,
            "MessagesWait",
            queue_name=dead_letters.name,
            what="A message to people could not be delivered: read it in the queue, and mend the topic.",
            actions=self._actions,
        )
        Dashboard(
            self,
            "Dashboard",
            deployment=deployment,
            logs={folder: [found.functions[folder].log.ref for found in rotations] for folder in FUNCTIONS},
            alarm_arns=[alarm.attr_arn for alarm in self._alarms()],
        )

    def _announce(self, message: Message, audience: Audience) -> None:
        announcement = Announcement(self, message, audience)
        if message.alarming:
            rule_alarm(
                self,
                f"{message.name}Alarm",
                rule_name=announcement.rule_name,
                what=f"{message.title}. The message beside this alarm says which secret and what to do.",
                actions=self._actions,
            )

    def _watch(self, rotation: RotationStack) -> None:
        place = Construct(self, rotation.stack_name)
        functions = [{"FunctionName": found.function.function_name} for found in rotation.functions.values()]
        for metric, what in (
            ("Errors", "A function failed. Its log says why; what it was doing is repeated, or waits in the queue."),
            ("Throttles", "A function could not run for lack of concurrency in the account; it is tried again."),
        ):
            sum_alarm(
                place,
                f"Functions{metric}",
                namespace="AWS/Lambda",
                metric=metric,
                dimensions=functions,
                what=what,
                actions=self._actions,
            )
        queue_alarm(
            place,
            "DeadLettersWait",
            queue_name=rotation.dead_letters.name,
            what="An event could not be delivered, or failed three times: read it, mend the cause, send it again.",
            actions=self._actions,
        )

    def _alarms(self) -> list[cloudwatch.CfnAlarm]:
        return [child for child in self.node.find_all() if isinstance(child, cloudwatch.CfnAlarm)]


def _region_in(key_arn: str) -> str:
    return key_arn.split(":")[3]


def _keys_of(vault: Vault) -> Iterator[str]:
    """Keys of the operator's own, without which the vault or its secrets cannot be read any more."""
    if vault.store.kms_key is not None:
        yield vault.store.kms_key
    for secret in (vault.config_secret, vault.passphrase_secret, vault.writer_secret):
        if isinstance(secret, Adopted) and secret.kms_key is not None:
            yield secret.kms_key
