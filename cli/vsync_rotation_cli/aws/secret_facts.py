"""What DescribeSecret tells of a secret.

See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

CURRENT: Final = "AWSCURRENT"
PENDING: Final = "AWSPENDING"


@dataclass(frozen=True, slots=True)
class SecretFacts:
    """A secret, without any value.

    Attributes:
        labels: staging labels by version id.
        to_be_deleted: it is scheduled for deletion.
        primary_region: of a replicated secret; None for one that is not.
        owner: the AWS service or partner that manages the secret; None for one of the account's own.
        kms_key: as the service says it: an id, an ARN or an alias; None for the account's default key.
        rotation_function: the ARN of the function that rotates it, also where rotation is switched off.
        answered_at: when the service answered, by its own clock; None where it did not say.
    """

    arn: str
    name: str
    tags: Mapping[str, str]
    labels: Mapping[str, frozenset[str]]
    to_be_deleted: bool
    primary_region: str | None
    owner: str | None
    kms_key: str | None
    rotation_function: str | None
    rotation_enabled: bool | None
    last_rotated_at: datetime | None
    answered_at: datetime | None = None

    def holder(self, label: str) -> str | None:
        """The version that carries the label."""
        return next((version for version, labels in self.labels.items() if label in labels), None)

    @property
    def has_value(self) -> bool:
        """Whether anybody can read it: a version is AWSCURRENT."""
        return self.holder(CURRENT) is not None

    @property
    def region(self) -> str:
        """Where it is."""
        return self.arn.split(":")[3]

    @property
    def account(self) -> str:
        """Whose it is."""
        return self.arn.split(":")[4]


def facts_in(answer: Any) -> SecretFacts:
    """The service's answer."""
    rotated: datetime | None = answer.get("LastRotatedDate")
    return SecretFacts(
        arn=answer["ARN"],
        name=answer["Name"],
        tags={tag["Key"]: tag["Value"] for tag in answer.get("Tags", [])},
        labels={version: frozenset(names) for version, names in answer.get("VersionIdsToStages", {}).items()},
        to_be_deleted="DeletedDate" in answer,
        primary_region=answer.get("PrimaryRegion"),
        owner=answer.get("OwningService") or answer.get("Type"),
        kms_key=answer.get("KmsKeyId"),
        rotation_function=answer.get("RotationLambdaARN"),
        rotation_enabled=answer.get("RotationEnabled"),
        last_rotated_at=None if rotated is None else rotated.astimezone(UTC),
        answered_at=_answered_at(answer),
    )


def _answered_at(answer: Any) -> datetime | None:
    date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        return None if date is None else parsedate_to_datetime(date)
    except ValueError:
        return None
