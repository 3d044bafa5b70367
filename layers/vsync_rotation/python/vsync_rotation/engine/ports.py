"""What the engine and the steps need from outside, as protocols; `vsync_rotation.aws` implements them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from vsync_rotation.events import Detail
from vsync_rotation.redacted import SecretText
from vsync_rotation.settings import Kind


@dataclass(frozen=True, slots=True)
class SecretDescription:
    """What DescribeSecret says. `rotation_enabled` is None where rotation was never configured."""

    arn: str
    name: str
    rotation_enabled: bool | None
    scheduled_for_deletion: bool
    tags: Mapping[str, str]
    labels: Mapping[str, frozenset[str]]
    """Version id -> staging labels; versions without a label are not listed."""
    next_rotation_at: datetime | None = None
    last_rotated_at: datetime | None = None

    def holder(self, label: str) -> str | None:
        """The version that carries the label, if any."""
        return next((version for version, labels in self.labels.items() if label in labels), None)


@dataclass(frozen=True, slots=True)
class SecretVersion:
    """One version with its value."""

    version_id: str
    value: SecretText
    created_at: datetime


class SecretStore(Protocol):
    """Secrets Manager. "Not there" is only the service's own not-found answer; everything else raises."""

    def describe(self, secret_id: str) -> SecretDescription:
        """Raises ContractError where the secret does not exist."""

    def find(self, secret_id: str, *, version_id: str, label: str) -> SecretVersion | None:
        """The version's value if it has one and carries the label; None if it has no value."""

    def find_labelled(self, secret_id: str, label: str) -> SecretVersion | None:
        """The value of the version that carries the label; None if there is no such value."""

    def find_version(self, secret_id: str, version_id: str) -> SecretVersion | None:
        """The version's value whatever its labels; None if it has none."""

    def version_ids(self, secret_id: str) -> tuple[str, ...]:
        """Every version, also those without a label."""

    def put_pending(self, secret_id: str, *, version_id: str, value: SecretText, rotation_token: str | None) -> None:
        """Give the version its value, labelled AWSPENDING. Repeatable with the same value."""

    def move_current(self, secret_id: str, *, to: str, away_from: str) -> None:
        """Move AWSCURRENT, only if `away_from` carries it: a compare-and-swap."""


class SecretDirectory(Protocol):
    """What Secrets Manager tells of many secrets, and of versions, without any value."""

    def of_kind(self, kind: Kind) -> Iterator[SecretDescription]:
        """Every secret with the tag of that kind, page by page; what it says may be minutes late."""

    def version_created_at(self, secret_id: str, version_id: str) -> datetime | None:
        """When the version was made; None if it is not listed."""


class Clock(Protocol):
    """Time: UTC instants, a monotonic count of seconds, and waiting."""

    def now(self) -> datetime:
        """The instant, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class EventSink(Protocol):
    """The event bus. Emitting is best effort: an implementation logs what it could not send and returns."""

    def emit(self, detail_type: str, detail: Detail) -> None:
        """Send one event; never raises for a failure to send."""


class Journal(Protocol):
    """Structured log and metrics of one invocation; every line carries secret, version_id and step."""

    def locate(self, **fields: str) -> None:
        """Set fields that every later line carries."""

    def info(self, message: str, **fields: object) -> None:
        """What happened."""

    def warning(self, message: str, **fields: object) -> None:
        """What a person should look at some time."""

    def error(self, message: str, **fields: object) -> None:
        """What a person should look at now."""

    def count(self, metric: str) -> None:
        """One more of something."""

    def milliseconds(self, metric: str, value: float) -> None:
        """A duration in milliseconds."""

    def seconds(self, metric: str, value: float) -> None:
        """A duration in seconds."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything the engine needs from outside, in one hand."""

    secrets: SecretStore
    clock: Clock
    events: EventSink
    journal: Journal
