"""Serving many secrets: a bad one stops no other, a late one gets its turn, and what was not meant is not done."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.unit.engine.fakes import START, FakeClock, FakeEvents, FakeJournal, FakeSecrets, secret
from vsync_rotation.engine.deadline import Deadline
from vsync_rotation.engine.ports import Ports, SecretDescription
from vsync_rotation.errors import ContractError, RotationError, SettingsError, UnreachableError
from vsync_rotation.fleet import Outcome, order_fields, reporting, serve_all, serve_one, served_here

KNOWN = ("secret_id", "revoke")
SECRET_TEXT = "a-passphrase-that-nobody-may-see"
Serve = Callable[[SecretDescription], list[Outcome]]


def named(name: str) -> SecretDescription:
    return replace(secret({}), arn=f"arn:{name}", name=name)


@dataclass
class SteppingClock(FakeClock):
    """Each run begins at another instant."""

    begun: datetime = START

    def now(self) -> datetime:
        return self.begun


@dataclass
class Run:
    """One run over these secrets, each of which takes so many seconds."""

    names: tuple[str, ...]
    seconds_each: float = 0.0
    seconds: float = 900.0
    at: datetime = START
    fails: dict[str, Exception] = field(default_factory=dict)
    journal: FakeJournal = field(default_factory=FakeJournal)
    order: list[str] = field(default_factory=list)

    def serve(self) -> dict[str, Any]:
        clock = SteppingClock(begun=self.at)

        def one(found: SecretDescription) -> list[Outcome]:
            self.order.append(found.name)
            clock.elapsed += self.seconds_each
            if found.name in self.fails:
                raise self.fails[found.name]
            return [{"secret": found.name}]

        ports = Ports(FakeSecrets(secret({})), clock, FakeEvents(), self.journal)
        return serve_all(
            [named(name) for name in self.names], one, "looking", ports, Deadline(clock, self.seconds)
        ).as_json()


def test_every_secret_is_served_once() -> None:
    run = Run(tuple("abcdefgh"))
    summary = run.serve()
    assert sorted(run.order) == list("abcdefgh")
    assert (summary["served"], summary["not_reached"], summary["errors"]) == (8, 0, [])
    assert sorted(outcome["secret"] for outcome in summary["outcomes"]) == list("abcdefgh")


@pytest.mark.parametrize("bad", range(3))
def test_a_bad_secret_stops_no_other_wherever_it_comes(bad: int) -> None:
    order = Run(tuple("abc"))
    order.serve()
    name = order.order[bad]
    run = Run(tuple("abc"), fails={name: SettingsError("a tag is malformed", remedy="correct it")})
    summary = run.serve()
    assert sorted(run.order) == list("abc")
    (error,) = summary["errors"]
    assert (error["secret"], error["error"], error["retryable"]) == (name, "SettingsError", False)
    assert f"looking of secret {name}" in error["message"]
    assert len(summary["outcomes"]) == 2


def test_a_bug_that_one_secret_meets_stops_no_other_and_its_text_is_not_told() -> None:
    run = Run(tuple("abc"), fails={"b": KeyError(SECRET_TEXT)})
    summary = run.serve()
    assert sorted(run.order) == list("abc")
    (error,) = summary["errors"]
    assert "KeyError" in error["message"]
    assert SECRET_TEXT not in str(summary) + str(run.journal.lines)
    assert any("frames" in fields for _, _, fields in run.journal.lines)


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_an_end_of_the_process_is_no_secret_s_fault(stop: type[BaseException]) -> None:
    def end(_: SecretDescription) -> list[Outcome]:
        raise stop

    ports = Ports(FakeSecrets(secret({})), FakeClock(), FakeEvents(), FakeJournal())
    with pytest.raises(stop):
        serve_all([named("a")], end, "looking", ports, Deadline(ports.clock, 900.0))


def test_what_is_not_reached_is_counted_and_left_to_the_next_run() -> None:
    run = Run(tuple("abcdefghij"), seconds_each=100.0, seconds=500.0)
    summary = run.serve()
    assert summary["served"] == len(run.order) == 5
    assert summary["not_reached"] == 5
    assert [fields["not_reached"] for _, message, fields in run.journal.lines if "time is over" in message] == [5]


@pytest.mark.parametrize(("seconds", "served"), [(900.0, 9), (131.0, 2), (129.0, 1), (30.0, 1)])
def test_a_secret_is_begun_only_with_a_reserve_of_time(seconds: float, served: int) -> None:
    """Thirty seconds, or a third of what there is."""
    assert Run(tuple("abcdefghijkl"), seconds_each=100.0, seconds=seconds).serve()["served"] == served


def test_the_next_run_begins_elsewhere_so_that_every_secret_gets_its_turn() -> None:
    turns: Counter[str] = Counter()
    for hour in range(48):
        run = Run(tuple("abcdefghij"), seconds_each=100.0, seconds=300.0, at=START + timedelta(hours=hour))
        run.serve()
        turns.update(run.order)
    assert turns.keys() == set("abcdefghij")
    assert min(turns.values()) > 4


def test_the_order_does_not_depend_on_how_the_service_lists_them() -> None:
    one, other = Run(tuple("abcdef")), Run(tuple("fedcba"))
    one.serve()
    other.serve()
    assert one.order == other.order


def test_an_empty_fleet_is_served() -> None:
    assert Run(()).serve() == {"served": 0, "not_reached": 0, "outcomes": [], "errors": []}


def test_a_secret_that_was_named_raises_what_it_fails_with() -> None:
    def fail(_: SecretDescription) -> list[Outcome]:
        raise UnreachableError("no answer", remedy="wait")

    journal = FakeJournal()
    ports = Ports(FakeSecrets(secret({})), FakeClock(), FakeEvents(), journal)
    with pytest.raises(UnreachableError, match="looking of secret a"):
        serve_one(named("a"), fail, "looking", ports)
    assert [level for level, _, _ in journal.lines] == ["error"]


def test_a_bug_in_a_secret_that_was_named_is_raised_without_its_text() -> None:
    def fail(_: SecretDescription) -> list[Outcome]:
        raise KeyError(SECRET_TEXT)

    ports = Ports(FakeSecrets(secret({})), FakeClock(), FakeEvents(), FakeJournal())
    with pytest.raises(RotationError) as caught:
        serve_one(named("a"), fail, "looking", ports)
    assert SECRET_TEXT not in str(caught.value)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def tagged(name: str, serves: str | None) -> SecretDescription:
    tags = {} if serves is None else {"vsync-rotation:served-by": serves}
    return replace(named(name), tags=tags)


FLEET = (tagged("a", "one"), tagged("b", "two"), tagged("c", None), tagged("d", ""), tagged("e", "One"))


@pytest.mark.parametrize(("serves", "served"), [("one", ["a"]), ("two", ["b"]), ("three", []), (None, list("abcde"))])
def test_a_secret_is_served_where_its_tag_names_the_installation(serves: str | None, served: list[str]) -> None:
    ports = Ports(FakeSecrets(secret({})), FakeClock(), FakeEvents(), FakeJournal())
    assert [found.name for found in served_here(FLEET, serves, ports)] == served


def test_secrets_that_nobody_serves_are_one_line_with_a_few_of_their_names() -> None:
    journal = FakeJournal()
    ports = Ports(FakeSecrets(secret({})), FakeClock(), FakeEvents(), journal)
    fleet = [tagged(f"{number:05}", None) for number in range(10_000)]
    assert list(served_here([*fleet, tagged("ours", "one")], "one", ports)) == [tagged("ours", "one")]
    ((level, message, fields),) = journal.lines
    assert (level, "vsync-rotation:served-by" in message) == ("warning", True)
    assert (fields["count"], fields["first"]) == (10_000, [f"{number:05}" for number in range(10)])


def test_a_failure_that_is_no_secret_s_is_logged_and_raised_without_what_it_came_from() -> None:
    journal = FakeJournal()
    ports = Ports(FakeSecrets(secret({})), FakeClock(), FakeEvents(), journal)
    failure = UnreachableError("no answer", remedy="wait")
    failure.__cause__ = KeyError(SECRET_TEXT)
    with pytest.raises(UnreachableError, match="looking of secret any") as caught, reporting("looking", ports):
        raise failure
    ((level, message, fields),) = journal.lines
    assert (level, message, fields["error"], fields["retryable"]) == (
        "error", str(caught.value), "UnreachableError", True,
    )  # fmt: skip
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_a_failure_that_was_logged_with_its_secret_is_not_logged_again() -> None:
    def fail(_: SecretDescription) -> list[Outcome]:
        raise UnreachableError("no answer", remedy="wait")

    journal = FakeJournal()
    ports = Ports(FakeSecrets(secret({})), FakeClock(), FakeEvents(), journal)
    with pytest.raises(UnreachableError), reporting("looking", ports):
        serve_one(named("a"), fail, "looking", ports)
    assert len(journal.lines) == 1


@pytest.mark.parametrize("event", [{}, {"secret_id": "a"}, {"secret_id": None, "revoke": False}])
def test_an_event_with_known_fields_is_read(event: dict[str, object]) -> None:
    assert order_fields(event, KNOWN) == event


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        "secret_id",
        7,
        {"secretid": "a"},
        {"secret_id": "a", "Secret_Id": "b"},
        {"secret_id": "a\nb"},
        {"secret_id": "café"},
        {"secret_id": 1},
        {"secret_id": ["a"]},
        {"secret_id": {"name": "a"}},
        {7: "a"},
    ],
)
def test_an_event_that_could_mean_something_else_is_refused_and_not_quoted(event: object) -> None:
    with pytest.raises(ContractError) as caught:
        order_fields(event, KNOWN)
    assert "caf" not in str(caught.value)
    assert "secretid" not in str(caught.value)
