"""What the rotation service reports of itself, as CloudTrail and EventBridge would carry it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TrailEvent(StrEnum):
    """Event names of CloudTrail, and the one EventBridge event that needs no trail.

    See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/cloudtrail_log_entries.html
    """

    ROTATION_STARTED = "RotationStarted"
    ROTATION_SUCCEEDED = "RotationSucceeded"
    ROTATION_FAILED = "RotationFailed"
    ROTATION_ABANDONED = "RotationAbandoned"
    TEST_ROTATION_STARTED = "TestRotationStarted"
    TEST_ROTATION_SUCCEEDED = "TestRotationSucceeded"
    TEST_ROTATION_FAILED = "TestRotationFailed"
    LABEL_UPDATED = "Secret Label Updated"


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One entry; `label` only with a label update."""

    event: TrailEvent
    at: datetime
    secret_arn: str
    version_id: str | None
    label: str | None = None
