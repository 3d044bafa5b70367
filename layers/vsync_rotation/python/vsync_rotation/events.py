"""The events of a rotation as values, and their details for the bus. No I/O, no secret material.

Every detail starts with who and when; what is not known is null, never left out, so that a rule or a query can rely
on the field. Source and names: SPEC 12.
"""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

SOURCE: Final = "vsync.rotation"

Detail = dict[str, str | int | bool | list[str] | None]


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
        further = {field.name: _for_json(getattr(self, field.name)) for field in fields(self)}
        return head | {"at": iso_utc(at)} | further


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
class KeyDeactivated(Event):
    """A superseded key, an orphan or a revoked key was deactivated."""

    detail_type: ClassVar[str] = "Key Deactivated"
    iam_user: str
    access_key_id: str
    reason: str


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


@dataclass(frozen=True, slots=True)
class SupersededKeyStillInUse(Event):
    """A superseded key is past its overlap and something still uses it. All null: its last use could not be read."""

    detail_type: ClassVar[str] = "Superseded Key Still In Use"
    iam_user: str
    access_key_id: str
    last_used_at: str | None
    last_used_service: str | None
    last_used_region: str | None


@dataclass(frozen=True, slots=True)
class SupersededKeyHeld(Event):
    """A superseded key is past its overlap and quiet, and stays for another reason."""

    detail_type: ClassVar[str] = "Superseded Key Held"
    iam_user: str
    access_key_id: str
    reason: str
    consumers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyReactivated(Event):
    """A key that was deactivated is Active again: a person did that, and decides what follows."""

    detail_type: ClassVar[str] = "Key Reactivated"
    iam_user: str
    access_key_id: str
    deactivated_at: str


@dataclass(frozen=True, slots=True)
class UnmanagedKeyFound(Event):
    """The user has a key that no version of the secret explains and no rotation made."""

    detail_type: ClassVar[str] = "Unmanaged Key Found"
    iam_user: str
    access_key_id: str


@dataclass(frozen=True, slots=True)
class KeyInUseInactive(Event):
    """A key that AWSCURRENT or AWSPENDING holds is Inactive: nothing starts with it, and a person has to act.

    `label` is AWSCURRENT where both hold it.
    """

    detail_type: ClassVar[str] = "Key In Use Inactive"
    iam_user: str
    access_key_id: str
    label: str


@dataclass(frozen=True, slots=True)
class KeyInUseMissing(Event):
    """The key that AWSCURRENT holds was deleted: nothing starts with it, and rotating is the way out."""

    detail_type: ClassVar[str] = "Key In Use Missing"
    iam_user: str
    access_key_id: str


@dataclass(frozen=True, slots=True)
class VaultDriftDetected(Event):
    """A layout is not what AWSCURRENT opens. Sent once per finding."""

    detail_type: ClassVar[str] = "Vault Drift Detected"
    layout: str
    reason: str


@dataclass(frozen=True, slots=True)
class VaultWellAgain(Event):
    """A finding that was reported is gone; `layout` is null where it was about the rotation."""

    detail_type: ClassVar[str] = "Vault Well Again"
    layout: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class TornRotationCompleted(Event):
    """A rotation that had moved a pointer and never came back was completed."""

    detail_type: ClassVar[str] = "Torn Rotation Completed"
    version_id: str
    gen: int


@dataclass(frozen=True, slots=True)
class RotationStuck(Event):
    """A version has been AWSPENDING for more than an hour."""

    detail_type: ClassVar[str] = "Rotation Stuck"
    version_id: str
    pending_since: str


@dataclass(frozen=True, slots=True)
class RotationOverdue(Event):
    """The date of the next rotation has passed."""

    detail_type: ClassVar[str] = "Rotation Overdue"
    next_rotation_at: str


@dataclass(frozen=True, slots=True)
class ConsumersRestarting(Event):
    """Restarts of a version are under way: look at how far they are. Sent by the quarter-hourly check."""

    detail_type: ClassVar[str] = "Consumers Restarting"
    version_id: str


@dataclass(frozen=True, slots=True)
class ConsumersRestarted(Event):
    """What became of restarts. A consumer whose rollout is still under way is in neither list."""

    detail_type: ClassVar[str] = "Consumers Restarted"
    version_id: str
    restarted: tuple[str, ...]
    failed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsumerStraggling(Event):
    """A consumer's health does not show the new credentials yet."""

    detail_type: ClassVar[str] = "Consumer Straggling"
    version_id: str
    consumer: str
    status: str | None
    gen: int | None


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


def _for_json(value: object) -> Any:
    return list(value) if isinstance(value, tuple) else value
