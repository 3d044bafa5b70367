"""What CloudTrail tells of the things we protect: rotations that the service gave up, deletions, changed policies.

They need a trail that records management events; without one these rules never match, and nobody is told.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/cloudtrail_log_entries.html
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from cdk.messages import Message

# EventBridge: a pattern has at most 2,048 characters; some are left for what is filled in at deploy.
_LONGEST_PATTERN: Final = 1_800
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


def rotations_given_up(names: Sequence[str]) -> Iterator[Message]:
    """The service's own word that a rotation failed or was abandoned, for the secrets of these names.

    Where the ARN stands differs between events, and so does its spelling (`arn`, `aRN`): all are looked at.
    """
    for number, some in enumerate(_in_patterns(names, times=3)):
        secrets = [{"wildcard": f"*{name}*"} for name in some]
        yield Message(
            name=f"RotationGivenUp{number or ''}",
            pattern={
                "source": ["aws.secretsmanager"],
                "detail-type": [_HAPPENED, _CALLED],
                "detail": {
                    "eventName": ["RotationFailed", "RotationAbandoned"],
                    "$or": [
                        {"additionalEventData": {"SecretId": secrets}},
                        {"responseElements": {"arn": secrets}},
                        {"responseElements": {"aRN": secrets}},
                    ],
                },
            },
            text="Secrets Manager: <event> of <secret><arn><shouted>.",
            title="vsync: rotation given up",
            paths={
                "event": "$.detail.eventName",
                "secret": "$.detail.additionalEventData.SecretId",
                "arn": "$.detail.responseElements.arn",
                "shouted": "$.detail.responseElements.aRN",
            },
            alarming=True,
        )


def secrets_changed(names: Sequence[str]) -> Iterator[Message]:
    """Somebody deleted a secret, changed who may read it, or switched its rotation off."""
    for number, some in enumerate(_in_patterns(names, times=1)):
        yield _called(
            f"SecretChanged{number or ''}",
            "aws.secretsmanager",
            _CHANGES,
            {"secretId": [{"wildcard": f"*{name}*"} for name in some]},
            "<event> of secret <what> by <who> from <address>.",
            "$.detail.requestParameters.secretId",
        )


def keys_changed(key_ids: Sequence[str]) -> Message:
    """Somebody wants a key gone, switched it off or changed its policy. `key_ids` are ids, not ARNs."""
    return _called(
        "KeyChanged",
        "aws.kms",
        _KEY_CHANGES,
        {"keyId": [{"wildcard": f"*{key_id}"} for key_id in key_ids]},
        "<event> of KMS key <what> by <who> from <address>.",
        "$.detail.requestParameters.keyId",
    )


def buckets_changed(buckets: Sequence[str]) -> Iterator[Message]:
    """Somebody deleted a bucket or changed who may read it."""
    for number, some in enumerate(_in_patterns(buckets, times=1)):
        yield _called(
            f"BucketChanged{number or ''}",
            "aws.s3",
            _BUCKET_CHANGES,
            {"bucketName": list(some)},
            "<event> of bucket <what> by <who> from <address>.",
            "$.detail.requestParameters.bucketName",
        )


def users_changed(users: Sequence[str]) -> Iterator[Message]:
    """Somebody deleted a reader's user or changed what it may do. IAM tells this in us-east-1 alone."""
    for number, some in enumerate(_in_patterns(users, times=1)):
        yield _called(
            f"UserChanged{number or ''}",
            "aws.iam",
            _USER_CHANGES,
            {"userName": list(some)},
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


def _in_patterns(names: Iterable[str], times: int) -> Iterator[list[str]]:
    """The names in groups, each of which fits into a pattern that repeats it so often."""
    group: list[str] = []
    room = _LONGEST_PATTERN // times - 150
    for name in dict.fromkeys(names):
        if group and sum(len(each) + 20 for each in [*group, name]) > room:
            yield group
            group = []
        group.append(name)
    if group:
        yield group
