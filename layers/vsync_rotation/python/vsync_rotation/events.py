"""The events of a rotation as values, and their details for the bus. No I/O, no secret material.

Every detail starts with who and when; what is not known is null, never left out, so that a rule or a query can rely
on the field. Source and names: SPEC 12.
"""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import ClassVar, Final

SOURCE: Final = "vsync.rotation"

Detail = dict[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class Subject:
    """The secret an event is about, as far as it is known.

    repo and env stay None until the blob was read, and for plain key pairs.
    """

    secret_arn: str | None
    secret_name: str | None
    kind: str
    repo: str | None = None
    env: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events: the fields of a subclass are the further detail."""

    detail_type: ClassVar[str]

    def detail(self, subject: Subject, at: datetime) -> Detail:
        """The whole detail; `at` is the instant of the invocation."""
        head: Detail = {field.name: getattr(subject, field.name) for field in fields(subject)}
        return head | {"at": iso_utc(at)} | {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class KeyRotationFinished(Event):
    """An access key was promoted."""

    detail_type: ClassVar[str] = "Rotation Finished"
    version_id: str
    previous_version_id: str | None
    iam_user: str
    access_key_id: str | None
    superseded_access_key_id: str | None


@dataclass(frozen=True, slots=True)
class PassphraseRotationFinished(Event):
    """A passphrase was promoted. race_window_ms is None where another invocation swapped the pointer."""

    detail_type: ClassVar[str] = "Rotation Finished"
    version_id: str
    previous_version_id: str | None
    gen: int
    prev_gen: int
    bundle_ts: str
    race_window_ms: int | None


@dataclass(frozen=True, slots=True)
class RotationStepFailed(Event):
    """A step raised."""

    detail_type: ClassVar[str] = "Rotation Step Failed"
    version_id: str | None
    step: str | None
    error: str
    message: str
    retryable: bool


@dataclass(frozen=True, slots=True)
class KeyDeleted(Event):
    """A superseded key was deleted."""

    detail_type: ClassVar[str] = "Key Deleted"
    iam_user: str
    access_key_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class OrphanKeyDeleted(Event):
    """A key was deleted that a rotation had made and nobody ever received."""

    detail_type: ClassVar[str] = "Orphan Key Deleted"
    iam_user: str
    access_key_id: str
    reason: str


def iso_utc(moment: datetime) -> str:
    """ISO 8601 in UTC with `Z`, whole seconds: the one form of times in tags, events and logs."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_iso_utc(text: str) -> datetime:
    """The instant `iso_utc` wrote.

    Raises:
        ValueError: any other form.
    """
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    # strptime also takes single digits, digits of other scripts and small letters.
    if iso_utc(moment) != text:
        raise ValueError("not the form that iso_utc writes")
    return moment
