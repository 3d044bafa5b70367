"""The judgements of the life after promotion find what they are there to find, in what was delivered and emitted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from simulator.application import Booted
from simulator.asynchronous import Delivery
from simulator.event_record import EventRecord
from simulator.exchange import Request
from simulator.invocation import Invocation
from simulator.vault_bytes import Unreachable, WrongPassphrase
from vsync_rotation_cli.demo import life_judgements as live
from vsync_rotation_cli.demo.checks import UnexpectedError
from vsync_rotation_cli.demo.facts import EventSeen, Lifeline, Story
from vsync_rotation_cli.demo.judgements import Reading
from vsync_rotation_cli.demo.premises import PUSHED_FILES, PUSHED_VALUES
from vsync_rotation_cli.demo.wording import after, event, events

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
OLD = Lifeline("OLD", made_at=NOON, superseded_at=NOON)
BOOTED = Booted("20260101-000000", 1, b"", dict(PUSHED_VALUES), {}, dict(PUSHED_FILES))
DAY = timedelta(days=1)


class Keys:
    """Stands for the reader's keys: the old one with this status and this use."""

    def __init__(
        self, status: str | None, use: tuple[str, str, str] = ("2026-05-01T12:00:00Z", "s3", "eu-central-1")
    ) -> None:
        self._status = status
        self._use = use

    def require_status(self, _access_key_id: str, status: str | None) -> None:
        if self._status != status:
            raise UnexpectedError(f"the key is {self._status or 'gone'}")

    def last_use(self, _access_key_id: str) -> tuple[str, str, str]:
        return self._use


def keys(status: str | None) -> Any:
    return Keys(status)


def emitted(detail_type: str, **detail: object) -> EventRecord:
    return EventRecord("vsync.rotation", detail_type, detail, "default", (), "")


def run(action: str, reason: str, function: str = "retire_iam_access_keys") -> Delivery:
    outcome = {"access_key_id": "OLD", "action": action, "reason": reason}
    return Delivery(function, NOON, 1, {}, Invocation(function, None), {"outcomes": [outcome], "errors": []}, None)


def check_that_asked(*operations: str) -> Delivery:
    invocation = Invocation("check_vaults", None)
    for operation in operations:
        invocation.requests.append(Request(1, "s3", operation, "GET", "h", "/", "", "s3", ""))
    return Delivery("check_vaults", NOON, 1, {}, invocation, {"errors": []}, None)


DRIFT = [emitted("Vault Drift Detected", layout=layout, reason="opens-with-previous") for layout in ("runtime", "cli")]
WAITS = run("waiting", "in its overlap until 2026-05-02T12:00:00Z")
HOLDS = run("held", "still in use: s3 in eu-central-1 at 2026-05-01T12:00:00Z")
USE = emitted(
    "Superseded Key Still In Use",
    access_key_id="OLD",
    last_used_service="s3",
    last_used_region="eu-central-1",
    last_used_at="2026-05-01T12:00:00Z",
)


FINDINGS: dict[str, tuple[Callable[[], str], str]] = {
    "one layout's drift was not told": (lambda: live.drifted(DRIFT[:1]), "runtime: opens-with-previous"),
    "a drift was told twice": (
        lambda: live.drifted([*DRIFT, DRIFT[0]]),
        "cli: opens-with-previous, runtime: opens-with-previous, runtime: opens-with-previous",
    ),
    "nothing was told": (lambda: live.well_again([]), "no such event"),
    "the push is lost": (
        lambda: live.pushed(Reading(replace(BOOTED, values={})), Reading(BOOTED)),
        "other values, 20260101-000000",
    ),
    "the push is lost in the CLI layout": (
        lambda: live.pushed(Reading(BOOTED), Reading(replace(BOOTED, files={}))),
        "other files, 20260101-000000",
    ),
    "a check opened a bundle": (
        lambda: live.only_glanced_at([check_that_asked(), check_that_asked("HeadObject", "GetObject")]),
        "HeadObject, GetObject",
    ),
    "there was one check only": (lambda: live.only_glanced_at([check_that_asked("HeadObject")]), "1 checks"),
    "the overlap's end is wrong by an hour": (
        lambda: live.waited(keys("Active"), OLD, [run("waiting", "in its overlap until 2026-05-02T13:00:00Z")], DAY),
        "waiting, in its overlap until 2026-05-02T13:00:00Z, which is wrong by 1:00:00",
    ),
    "one run said something else": (
        lambda: live.waited(keys("Active"), OLD, [WAITS, run("held", "why")], DAY),
        "held, why; waiting, in its overlap until 2026-05-02T12:00:00Z",
    ),
    "it waits, and the key is Inactive": (lambda: live.waited(keys("Inactive"), OLD, [WAITS], DAY), "the key is Inactive"),
    "no run spoke of the key": (lambda: live.waited(keys("Active"), OLD, [], DAY), "no run that spoke of it"),
    "held for another use": (
        lambda: live.held(as_reader_keys(Keys("Active", ("2026-05-01T13:00:00Z", "s3", "eu-central-1"))), OLD, [HOLDS], [USE]),
        "held, still in use: s3 in eu-central-1 at 2026-05-01T12:00:00Z",
    ),
    "held, and the bus heard nothing": (
        lambda: live.held(keys("Active"), OLD, [HOLDS, HOLDS], [USE]),
        "1 events, not all of this use",
    ),
    "the key still opens the store": (lambda: live.key_refused(Reading(BOOTED)), "it still boots"),
    "refused for another reason": (lambda: live.key_refused(Reading(Unreachable("manifest: AccessDenied"))), "manifest: AccessDenied"),
    "refused by the passphrase": (lambda: live.key_refused(Reading(WrongPassphrase())), "WrongPassphrase()"),
    "an unknown event": (lambda: live.told_on_the_bus([emitted("Rotation Stuck")]), "Rotation Stuck"),
    "a function that failed": (
        lambda: live.none_failed([WAITS, replace(WAITS, error=ValueError("why"), returned=None)]),
        "retire_iam_access_keys: ValueError",
    ),
    "a secret that was not served": (
        lambda: live.none_failed([replace(WAITS, returned={"errors": ["one"]})]),
        "retire_iam_access_keys: errors",
    ),
    "nothing was invoked": (lambda: live.none_failed([]), "no invocation"),
}  # fmt: skip


def as_reader_keys(keys: Keys) -> Any:
    return keys


@pytest.mark.parametrize("finding", FINDINGS)
def test_what_should_not_be_is_found_and_named(finding: str) -> None:
    look, found = FINDINGS[finding]
    with pytest.raises(UnexpectedError) as unexpected:
        look()
    assert str(unexpected.value) == found


@pytest.mark.parametrize(("took", "is_in_time"), [(23.9, False), (24, True), (25, True), (25.1, False)])
def test_an_end_is_in_time_from_its_hours_to_the_next_run(took: float, is_in_time: bool) -> None:
    line = replace(OLD, used_at=[NOON], deactivated_at=NOON + timedelta(hours=took))

    class Told(Keys):
        def events(self, _detail_type: str, _access_key_id: str) -> int:
            return 1

    def judge() -> str:
        return live.deactivated(as_reader_keys(Told("Inactive")), line, DAY, timedelta(hours=1))

    if is_in_time:
        assert judge() == f"Inactive {took:.1f} h after its last use"
    else:
        with pytest.raises(UnexpectedError, match=f"{took:.1f} h after it"):
            judge()


@pytest.mark.parametrize(
    ("judge", "told"),
    [
        (lambda: live.drifted(DRIFT), "cli: opens-with-previous, runtime: opens-with-previous"),
        (lambda: live.waited(keys("Active"), OLD, [WAITS] * 3, DAY), "Active; 3 runs, each waiting until 2026-05-02T12:00:00Z"),
        (lambda: live.held(keys("Active"), OLD, [HOLDS], [USE]), "Active; 1 runs, each held by s3 in eu-central-1 at 2026-05-01T12:00:00Z"),
        (lambda: live.key_refused(Reading(Unreachable("m: InvalidAccessKeyId"))), "InvalidAccessKeyId"),
        (lambda: live.only_glanced_at([check_that_asked(), check_that_asked("HeadObject")]), "the second check cost 1 HEADs"),
    ],
)  # fmt: skip
def test_what_holds_is_told_with_what_was_found(judge: Callable[[], str], told: str) -> None:
    assert judge() == told


@pytest.mark.parametrize(
    ("detail", "told"),
    [
        ({"access_key_id": "OLD", "last_used_service": "s3", "last_used_region": "eu"}, "Title: OLD, s3 in eu"),
        ({"access_key_id": "OLD", "reason": "quiet"}, "Title: OLD"),
        ({"layout": "cli", "reason": "bundle-missing"}, "Title: cli, bundle-missing"),
        ({"restarted": ["web"], "failed": ["api"]}, "Title: web, api failed"),
    ],
)
def test_an_event_of_the_life_after_promotion_is_told_by_whom_it_is_about(detail: dict[str, object], told: str) -> None:
    assert event(EventSeen("Title", detail)) == told


def test_events_that_are_told_alike_in_a_row_stand_once_with_their_number() -> None:
    story = Story(events=[EventSeen(title, {}) for title in ("A", "A", "B", "A")])
    assert events(story) == ["A (2 times)", "B", "A"]


def test_virtual_time_is_told_in_days_hours_and_minutes() -> None:
    assert [after(timedelta(hours=hours)) for hours in (0, 0.75, 23.99, 52)] == [
        "0d 00:00",
        "0d 00:45",
        "0d 23:59",
        "2d 04:00",
    ]
