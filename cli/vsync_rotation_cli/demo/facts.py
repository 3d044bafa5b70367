"""What the story tells while it runs, and what it comes to: values without any form of showing them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What is rotated, as in the tag `vsync-rotation:kind` and the events."""

    KEY = "iam-access-key"
    PASSPHRASE = "vault-passphrase"  # noqa: S105 - a kind of secret


@dataclass(frozen=True, slots=True)
class ChapterBegan:
    """A part of the story begins."""

    title: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Something worth knowing; names and key ids only."""

    text: str


@dataclass(frozen=True, slots=True)
class StepBegan:
    """The service invokes the function for a step (its name as in the event)."""

    kind: Kind
    step: str


@dataclass(frozen=True, slots=True)
class StepFigures:
    """One step that was carried out.

    Attributes:
        step: its name as in the event.
        ms: its duration.
        begins_ms: when it began, counted from the first step's beginning.
        calls: requests the function sent, retries included, by the service they went to.
        error: the class name of what it raised, None where it did not.
    """

    step: str
    ms: float
    begins_ms: float
    calls: Mapping[str, int]
    error: str | None = None

    @property
    def total_calls(self) -> int:
        """Requests to all services."""
        return sum(self.calls.values())


@dataclass(frozen=True, slots=True)
class Rotation:
    """One rotation from its order to its end.

    Attributes:
        version_id: of the pending version; empty when the order was not taken.
        problem: why it did not succeed, None where it did.
        race_window_ms: from the pointer's swap to the label's move; None for a key, and where nobody reported it.
    """

    kind: Kind
    steps: tuple[StepFigures, ...] = ()
    version_id: str = ""
    problem: str | None = None
    race_window_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold. `detail` is what was found, and what was expected where that is not the same."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class EventSeen:
    """An event on the default bus."""

    detail_type: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class AuditRowSeen:
    """The row that a passphrase rotation added, by column."""

    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened while virtual time passed; `after` counts from when it began to."""

    after: timedelta
    what: str


@dataclass(slots=True)
class Lifeline:
    """The life of an access key as far as it went: what was seen of it, and when. None and empty: never.

    Attributes:
        promoted_at: when a version with it became AWSCURRENT; None for the key that was there from the beginning.
        superseded_at: when the next one did.
        used_at: each use that IAM took note of.
        deactivated_at: when it was made Inactive.
    """

    access_key_id: str
    made_at: datetime
    promoted_at: datetime | None = None
    superseded_at: datetime | None = None
    used_at: list[datetime] = field(default_factory=list)
    deactivated_at: datetime | None = None
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LifelinesSeen:
    """All keys' lives, oldest first. `day_0` is when virtual time began, `until` when it ended."""

    lifelines: tuple[Lifeline, ...]
    day_0: datetime
    until: datetime


@dataclass(slots=True)
class Story:
    """Everything that came out, as far as it went."""

    rotations: list[Rotation] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    events: list[EventSeen] = field(default_factory=list)
    audit_row: AuditRowSeen | None = None
    life: list[Happened] = field(default_factory=list)
    keys: LifelinesSeen | None = None
    seconds: float = 0.0

    @property
    def failed(self) -> list[Check]:
        """The checks that do not hold."""
        return [check for check in self.checks if not check.ok]


Fact = ChapterBegan | Noted | StepBegan | StepFigures | Rotation | Happened | Check
Tell = Callable[[Fact], None]
