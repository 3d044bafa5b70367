"""What CloudTrail tells of the things we protect: rotations that the service gave up, deletions, changed policies.

They need a trail that records management events; without one these rules never match, and nobody is told.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/cloudtrail_log_entries.html
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aws_cdk import Fn

from cdk.config.model import Adopted, Deployment, Made, Vault
from cdk.messages import Message

# EventBridge: a pattern has at most 2,048 characters; some are left for what is filled in at deploy, and for what
# frames the names. Sizes are measured once everything is filled in.
_LONGEST_PATTERN: Final = 1_900
_FRAME: Final = 300
_CALLED: Final = "AWS API Call via CloudTrail"
_HAPPENED: Final = "AWS Service Event via CloudTrail"
_CHANGES: Final = ("DeleteSecret", "DeleteResourcePolicy", "PutResourcePolicy", "CancelRotateSecret")
_KEY_CHANGES: Final = ("ScheduleKeyDeletion", "DisableKey", "PutKeyPolicy")
_BUCKET_CHANGES: Final = ("DeleteBucket", "DeleteBucketPolicy", "PutBucketPolicy")
_USER_CHANGES: Final = (
    "AttachUserPolicy",
    "DeleteUser",
    "DeleteUserPolicy",
    "DetachUserPolicy",
    "PutUserPolicy",
    "RemoveUserFromGroup",
)
_WHO: Final = {
    "event": "$.detail.eventName",
    "who": "$.detail.userIdentity.arn",
    "address": "$.detail.sourceIPAddress",
}


@dataclass(frozen=True, slots=True)
class Watched:
    """Secrets as EventBridge patterns name them: by prefixes and whole values. Wildcards soon make a rule too complex.

    Attributes:
        names: what a request calls them by: a name, or an ARN with or without its last six characters.
        arns: what the service's own events call them by: always a full ARN.
    """

    names: tuple[Any, ...]
    arns: tuple[Any, ...]


def watched(vault: Vault, deployment: Deployment) -> Iterator[Watched]:
    """The secrets of a vault: those that are made share the beginning of their names, adopted ones stand alone."""
    root = f"arn:{deployment.partition}:secretsmanager:{deployment.region}:{deployment.account}:secret:"
    secrets = (vault.config_secret, vault.passphrase_secret, vault.writer_secret)
    if any(isinstance(secret, Made) for secret in secrets):
        made = f"{vault.repo}/{vault.env}/VSYNC_"
        yield Watched(({"prefix": made}, {"prefix": f"{root}{made}"}), ({"prefix": f"{root}{made}"},))
    for secret in secrets:
        if isinstance(secret, Adopted):
            arn = f"{root}{secret.name}"
            yield Watched((secret.name, arn, {"prefix": f"{arn}-"}), ({"prefix": f"{arn}-"},))


def rotations_given_up(secrets: Sequence[Watched]) -> Iterator[Message]:
    """The service's own word that a rotation failed or was abandoned.

    Where the ARN stands differs between events, and so does its spelling (`arn`, `aRN`): all are looked at.
    """
    for number, some in enumerate(_in_patterns([secret.arns for secret in secrets], times=3)):
        yield Message(
            name=f"RotationGivenUp{number or ''}",
            pattern={
                "source": ["aws.secretsmanager"],
                "detail-type": [_HAPPENED, _CALLED],
                "detail": {
                    "eventName": ["RotationFailed", "RotationAbandoned"],
                    "$or": [
                        {"additionalEventData": {"SecretId": some}},
                        {"responseElements": {"arn": some}},
                        {"responseElements": {"aRN": some}},
                    ],
                },
            },
            text="Secrets Manager: <event> of <secret><arn><shouted>. The function's log says why; rotate again: that "
            "retries it.",
            title="vsync: rotation given up",
            paths={
                "event": "$.detail.eventName",
                "secret": "$.detail.additionalEventData.SecretId",
                "arn": "$.detail.responseElements.arn",
                "shouted": "$.detail.responseElements.aRN",
            },
            alarming=True,
        )


def secrets_changed(secrets: Sequence[Watched]) -> Iterator[Message]:
    """Somebody deleted a secret, changed who may read it, or switched its rotation off."""
    for number, some in enumerate(_in_patterns([secret.names for secret in secrets], times=1)):
        yield _called(
            f"SecretChanged{number or ''}",
            "aws.secretsmanager",
            _CHANGES,
            {"secretId": some},
            "<event> of secret <what> by <who> from <address>.",
            "$.detail.requestParameters.secretId",
        )


def keys_changed(key_arns: Sequence[str]) -> Iterator[Message]:
    """Somebody wants a key gone, switched it off or changed its policy; a request names it by id or by ARN."""
    for number, some in enumerate(_in_patterns([(arn, _key_id(arn)) for arn in dict.fromkeys(key_arns)], times=1)):
        yield _called(
            f"KeyChanged{number or ''}",
            "aws.kms",
            _KEY_CHANGES,
            {"keyId": some},
            "<event> of KMS key <what> by <who> from <address>.",
            "$.detail.requestParameters.keyId",
        )


def buckets_changed(buckets: Sequence[str]) -> Iterator[Message]:
    """Somebody deleted a bucket or changed who may read it."""
    for number, some in enumerate(_in_patterns([(bucket,) for bucket in buckets], times=1)):
        yield _called(
            f"BucketChanged{number or ''}",
            "aws.s3",
            _BUCKET_CHANGES,
            {"bucketName": some},
            "<event> of bucket <what> by <who> from <address>.",
            "$.detail.requestParameters.bucketName",
        )


def users_changed(users: Sequence[str]) -> Iterator[Message]:
    """Somebody deleted a reader's user or changed what it may do. IAM tells this in one region of a partition alone."""
    for number, some in enumerate(_in_patterns([(user,) for user in users], times=1)):
        yield _called(
            f"UserChanged{number or ''}",
            "aws.iam",
            _USER_CHANGES,
            {"userName": some},
            "<event> of user <what> by <who> from <address>.",
            "$.detail.requestParameters.userName",
        )


def _called(name: str, source: str, events: Sequence[str], parameters: dict[str, Any], text: str, what: str) -> Message:
    return Message(
        name=name,
        pattern={
            "source": [source],
            "detail-type": [_CALLED],
            "detail": {"eventName": list(events), "requestParameters": parameters},
        },
        text=text,
        title="vsync: something protected was changed",
        paths={**_WHO, "what": what},
        alarming=True,
    )


def _in_patterns(matchers: Iterable[tuple[Any, ...]], times: int) -> Iterator[list[Any]]:
    """The matchers in groups, each of which fits into a pattern that repeats it so often; each matcher once."""
    room = (_LONGEST_PATTERN - _FRAME) // times
    group: list[Any] = []
    for some in dict.fromkeys(json.dumps(found) for found in matchers):
        if group and len(json.dumps(group)) + len(some) > room:
            yield group
            group = []
        group += json.loads(some)
    if group:
        yield group


def _key_id(key_arn: str) -> str:
    return Fn.select(1, Fn.split("/", key_arn))
