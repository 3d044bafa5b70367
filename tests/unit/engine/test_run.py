"""One invocation: who is called, and what is said when it fails."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.unit.engine.fakes import FakeClock, FakeEvents, FakeJournal, FakeSecrets, ports_of, secret
from vsync_rotation.engine.deadline import Deadline
from vsync_rotation.engine.ports import Ports, SecretVersion
from vsync_rotation.engine.rotation import Job, Rotation
from vsync_rotation.engine.run import run
from vsync_rotation.errors import ContractError, RotationError, SettingsError, UnreachableError
from vsync_rotation.settings import Kind

Act = Callable[[], None]


@dataclass
class Recording(Rotation):
    """Notes which of its methods is called; `act` is what they do."""

    kind = Kind.IAM_ACCESS_KEY
    act: Act = lambda: None
    called: list[str] = field(default_factory=list)

    def create_secret(self, job: Job) -> None:
        self._note("create")

    def already_created(self, job: Job, pending: SecretVersion) -> None:
        self._note(f"already created {pending.version_id}")

    def set_secret(self, job: Job) -> None:
        self._note("set")

    def test_secret(self, job: Job, pending: SecretVersion) -> None:
        self._note(f"test {pending.version_id}")

    def test_current(self, job: Job, current: SecretVersion) -> None:
        self._note(f"test current {current.version_id}")

    def finish_secret(self, job: Job) -> None:
        self._note("finish")

    def complete(self, job: Job) -> None:
        self._note("complete")

    def _note(self, what: str) -> None:
        self.called.append(what)
        self.act()


def event(step: str, version: str = "new") -> dict[str, str]:
    return {"SecretId": "acme/prod/X", "ClientRequestToken": version, "Step": step}


def run_on(ports: Ports, rotation: Rotation, what: object) -> None:
    run(what, rotation, ports, Deadline(ports.clock, 60.0))


PENDING = {"old": {"AWSCURRENT"}, "new": {"AWSPENDING"}}
CURRENT = {"old": {"AWSPREVIOUS"}, "new": {"AWSCURRENT", "AWSPENDING"}}


@pytest.mark.parametrize(
    ("step", "labels", "values", "called"),
    [
        ("createSecret", PENDING, {"old": "a"}, ["create"]),
        ("createSecret", PENDING, {"old": "a", "new": "b"}, ["already created new"]),
        ("setSecret", PENDING, {"old": "a", "new": "b"}, ["set"]),
        ("testSecret", PENDING, {"old": "a", "new": "b"}, ["test new"]),
        ("testSecret", PENDING, {"old": "a"}, ["test current old"]),
        ("finishSecret", PENDING, {"old": "a", "new": "b"}, ["finish"]),
        ("createSecret", CURRENT, {"old": "a", "new": "b"}, []),
        ("setSecret", CURRENT, {"old": "a", "new": "b"}, []),
        ("testSecret", CURRENT, {"old": "a", "new": "b"}, []),
        ("finishSecret", CURRENT, {"old": "a", "new": "b"}, ["complete"]),
    ],
)
def test_each_step_reaches_its_method(
    step: str, labels: dict[str, set[str]], values: dict[str, str], called: list[str]
) -> None:
    rotation = Recording()
    run_on(ports_of(FakeSecrets(secret(labels), values)), rotation, event(step))
    assert rotation.called == called


def test_a_test_with_no_value_at_all_is_refused() -> None:
    rotation = Recording()
    with pytest.raises(ContractError, match="no value yet"):
        run_on(ports_of(FakeSecrets(secret(PENDING))), rotation, event("testSecret"))
    assert rotation.called == []


def failing(error: Exception) -> Recording:
    def act() -> None:
        raise error

    return Recording(act=act)


def told(ports: Ports) -> tuple[FakeEvents, FakeJournal]:
    assert isinstance(ports.events, FakeEvents)
    assert isinstance(ports.journal, FakeJournal)
    return ports.events, ports.journal


def test_a_failure_names_its_place_and_is_sent_as_an_event() -> None:
    ports = ports_of(FakeSecrets(secret(PENDING), {"old": "a"}), FakeClock())
    with pytest.raises(SettingsError) as caught:
        run_on(ports, failing(SettingsError("tag x is missing", remedy="set it")), event("createSecret"))
    message = "createSecret of secret acme/prod/X, version new: tag x is missing. Still safe: nothing was changed. Next: set it"
    assert str(caught.value) == message
    events, journal = told(ports)
    (sent,) = events.sent
    assert sent[0] == "Rotation Step Failed"
    assert {key: sent[1][key] for key in ("version_id", "step", "error", "message", "retryable", "secret_name")} == {
        "version_id": "new",
        "step": "createSecret",
        "error": "SettingsError",
        "message": message,
        "retryable": False,
        "secret_name": "acme/prod/X",
    }
    assert [(level, fields["error"]) for level, _, fields in journal.lines] == [("error", "SettingsError")]
    assert {"secret": "acme/prod/X", "version_id": "new", "step": "createSecret"}.items() <= journal.lines[0][2].items()


def test_a_retryable_failure_says_so() -> None:
    ports = ports_of(FakeSecrets(secret(PENDING), {"old": "a"}))
    with pytest.raises(UnreachableError):
        run_on(ports, failing(UnreachableError("no answer", remedy="wait")), event("setSecret"))
    assert told(ports)[0].sent[0][1]["retryable"] is True


def test_an_unexpected_exception_shows_its_kind_and_place_but_not_its_text() -> None:
    ports = ports_of(FakeSecrets(secret(PENDING), {"old": "a"}))
    with pytest.raises(RotationError, match="unexpected ValueError") as caught:
        run_on(ports, failing(ValueError("quotes what it was given")), event("setSecret"))
    events, journal = told(ports)
    everything = f"{events.sent}{journal.lines}{caught.value!r}{caught.value}{caught.value.__cause__}"
    assert "quotes what it was given" not in everything
    assert any("test_run.py" in str(fields.get("frames")) for _, _, fields in journal.lines)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert "nothing was changed" not in str(caught.value)


def test_an_event_that_is_none_is_reported_without_a_secret() -> None:
    ports = ports_of(FakeSecrets(secret(PENDING)))
    with pytest.raises(ContractError, match="is not an object"):
        run_on(ports, Recording(), None)
    detail = told(ports)[0].sent[0][1]
    assert (detail["secret_name"], detail["version_id"], detail["step"]) == (None, None, None)


def test_a_secret_that_cannot_be_described_is_reported_by_its_id() -> None:
    ports = ports_of(FakeSecrets(secret(PENDING), describe_fails=1))
    with pytest.raises(UnreachableError):
        run_on(ports, Recording(), event("createSecret"))
    assert told(ports)[0].sent[0][1]["secret_arn"] == "acme/prod/X"
