"""Doubles of the engine's ports that behave, and fail on what a test did not announce."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from vsync_rotation.engine.deadline import Deadline
from vsync_rotation.engine.ports import Ports, SecretDescription, SecretVersion
from vsync_rotation.engine.rotation import Job
from vsync_rotation.errors import UnreachableError
from vsync_rotation.events import Detail, Subject
from vsync_rotation.redacted import SecretText

START = datetime(2026, 5, 1, 9, 15, tzinfo=UTC)
ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:acme/prod/X-AbC123"


def secret(labels: dict[str, set[str]], **changes: object) -> SecretDescription:
    """A described secret of the kind `iam-access-key`."""
    fields: dict[str, object] = {
        "arn": ARN,
        "name": "acme/prod/X",
        "rotation_enabled": True,
        "scheduled_for_deletion": False,
        "tags": {"vsync-rotation:kind": "iam-access-key"},
        "labels": {version: frozenset(names) for version, names in labels.items()},
    }
    return SecretDescription(**{**fields, **changes})  # type: ignore[arg-type]  # a table of overrides


@dataclass
class FakeClock:
    """Time that moves when somebody sleeps."""

    elapsed: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return START

    def monotonic(self) -> float:
        return self.elapsed

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.elapsed += seconds


@dataclass
class FakeJournal:
    """Keeps every line with the fields it was written under."""

    lines: list[tuple[str, str, dict[str, object]]] = field(default_factory=list)
    fields: dict[str, object] = field(default_factory=dict)
    counted: list[str] = field(default_factory=list)
    seconds_of: list[tuple[str, float]] = field(default_factory=list)

    def locate(self, **fields: str) -> None:
        self.fields |= fields

    def info(self, message: str, **fields: object) -> None:
        self.lines.append(("info", message, self.fields | fields))

    def warning(self, message: str, **fields: object) -> None:
        self.lines.append(("warning", message, self.fields | fields))

    def error(self, message: str, **fields: object) -> None:
        self.lines.append(("error", message, self.fields | fields))

    def count(self, metric: str) -> None:
        self.counted.append(metric)

    def milliseconds(self, metric: str, value: float) -> None:
        assert value >= 0, metric

    def seconds(self, metric: str, value: float) -> None:
        assert value >= 0, metric
        self.seconds_of.append((metric, value))


@dataclass
class FakeEvents:
    """Keeps what was sent."""

    sent: list[tuple[str, Detail]] = field(default_factory=list)

    def emit(self, detail_type: str, detail: Detail) -> None:
        self.sent.append((detail_type, detail))


@dataclass
class FakeSecrets:
    """One secret. `moves` scripts what each label move does; a move that was not announced fails the test."""

    description: SecretDescription
    values: dict[str, str] = field(default_factory=dict)
    moves: list[Callable[["FakeSecrets", str, str], None]] = field(default_factory=list)
    describe_fails: int = 0

    def describe(self, secret_id: str) -> SecretDescription:
        if self.describe_fails:
            self.describe_fails -= 1
            raise UnreachableError("no answer", remedy="try again")
        return self.description

    def find(self, secret_id: str, *, version_id: str, label: str) -> SecretVersion | None:
        assert label in self.description.labels.get(version_id, ()), "read by version and label, which must match"
        return self.find_version(secret_id, version_id)

    def find_labelled(self, secret_id: str, label: str) -> SecretVersion | None:
        holder = self.description.holder(label)
        return None if holder is None else self.find_version(secret_id, holder)

    def find_version(self, secret_id: str, version_id: str) -> SecretVersion | None:
        value = self.values.get(version_id)
        return None if value is None else SecretVersion(version_id, SecretText(value), START)

    def version_ids(self, secret_id: str) -> tuple[str, ...]:
        return tuple(self.description.labels)

    def put_pending(self, secret_id: str, *, version_id: str, value: SecretText, rotation_token: str | None) -> None:
        self.values[version_id] = value.reveal()

    def move_current(self, secret_id: str, *, to: str, away_from: str) -> None:
        assert self.moves, "nobody announced a label move"
        self.moves.pop(0)(self, to, away_from)


def put_current(secrets: FakeSecrets, version_id: str) -> None:
    """Label another version AWSCURRENT."""
    labels = {version: names - {"AWSCURRENT"} for version, names in secrets.description.labels.items()}
    labels[version_id] = labels.get(version_id, frozenset()) | {"AWSCURRENT"}
    secrets.description = secret({version: set(names) for version, names in labels.items()})


def moves(secrets: FakeSecrets, to: str, away_from: str) -> None:
    """The move works."""
    assert secrets.description.holder("AWSCURRENT") == away_from, "a compare-and-swap"
    put_current(secrets, to)


def moves_but_loses_the_answer(secrets: FakeSecrets, to: str, away_from: str) -> None:
    """The move works and nobody hears of it."""
    moves(secrets, to, away_from)
    raise UnreachableError("no answer", remedy="try again")


def is_throttled(_secrets: FakeSecrets, _to: str, _away_from: str) -> None:
    """The move is not done."""
    raise UnreachableError("throttled", remedy="try again")


def finds_a_third_version(secrets: FakeSecrets, _to: str, _away_from: str) -> None:
    """Somebody else has promoted theirs."""
    put_current(secrets, "third")
    raise UnreachableError("not the holder", remedy="try again")


def ports_of(secrets: FakeSecrets, clock: FakeClock | None = None) -> Ports:
    """All four ports."""
    return Ports(secrets, clock or FakeClock(), FakeEvents(), FakeJournal())


def job_of(secrets: FakeSecrets, *, version_id: str = "new", seconds: float = 60.0) -> Job:
    """A job on the fake secret."""
    ports = ports_of(secrets)
    return Job(
        secret=secrets.description,
        version_id=version_id,
        rotation_token=None,
        ports=ports,
        deadline=Deadline(ports.clock, ports.clock.monotonic() + seconds),
        started_at=START,
        subject=Subject(ARN, "acme/prod/X", "iam-access-key"),
    )
