"""What is next for a key: histories in, verdicts out. What a history does not mention is never asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from vsync_rotation.errors import PermissionDeniedError, SettingsError, UnreachableError
from vsync_rotation.events import iso_utc
from vsync_rotation.keys.evidence import AccessKey, Deletion, Evidence, KeyStatus, LastUse
from vsync_rotation.keys.marks import AccessKeyId, Intent, UserMarks
from vsync_rotation.keys.retirement import (
    FORCED,
    QUIET,
    REVOKED,
    Circumstances,
    Deactivate,
    Delete,
    Held,
    Leave,
    MarkDeactivated,
    MarkSuperseded,
    Reactivated,
    StillInUse,
    Unmanaged,
    Verdict,
    next_for,
)

NOW: Final = datetime(2026, 5, 10, 12, 0, tzinfo=UTC)
OVERLAP, MAX_OVERLAP, REST = 24.0, 192.0, 24.0
CURRENT, KEY = AccessKeyId("AKIACURRENT"), AccessKeyId("AKIAOTHER")
ACTIVE, INACTIVE = KeyStatus.ACTIVE, KeyStatus.INACTIVE
IN_AN_OLD_VERSION: Final = {KEY: frozenset[str]()}


def hours(ago: float) -> datetime:
    return NOW - timedelta(hours=ago)


def used(ago: float) -> LastUse:
    return LastUse(hours(ago), "s3", "eu-central-1")


NEVER: Final = LastUse(None, "N/A", "N/A")
DENIED: Final = PermissionDeniedError("IAM refused GetAccessKeyLastUsed", remedy="allow it")
NOT_ASKED: Final = AssertionError("nobody may ask for the last use here")
LONG_AGO: Final = hours(2000)


@dataclass(frozen=True)
class History:
    """What is known of the key beside the current one, and what is next for it.

    Attributes:
        tags: its marks, as times or as they are spelt.
        last_use: what IAM says, or how it fails.
        alarm: whether the deletion alarm is OK; None where nobody may ask.
        current_made_at: when the key in AWSCURRENT was made; None where the user has no such key.
    """

    status: KeyStatus = ACTIVE
    created_at: datetime = LONG_AGO
    tags: Mapping[str, datetime | str] = field(default_factory=dict)
    intent: Intent | None = None
    holders: Mapping[AccessKeyId, frozenset[str]] = field(default_factory=dict)
    last_use: LastUse | Exception = NOT_ASKED
    alarm: bool | None = None
    not_restarted: tuple[str, ...] = ()
    gates_open: tuple[str, ...] = ()
    max_overlap: float = MAX_OVERLAP
    current_made_at: datetime | None = LONG_AGO
    then: Verdict | type[Exception] = Unmanaged()  # noqa: RUF009 - frozen


def labels(*names: str) -> dict[AccessKeyId, frozenset[str]]:
    return {KEY: frozenset(names)}


def superseded(
    ago: float, *, inactive_for: float | None = None, revoked_at: datetime | str | None = None
) -> dict[str, datetime | str]:
    """The marks of a key superseded that many hours ago, and perhaps deactivated or revoked since."""
    deactivated_at = None if inactive_for is None else hours(inactive_for)
    marks = {"superseded-at": hours(ago), "deactivated-at": deactivated_at, "revoked-at": revoked_at}
    return {name: at for name, at in marks.items() if at is not None}


def intent(ago: float, *existing: AccessKeyId) -> Intent:
    return Intent("version", hours(ago), existing)


def in_overlap_until(ago: float) -> Leave:
    return Leave(f"in its overlap until {iso_utc(hours(ago) + timedelta(hours=OVERLAP))}")


def inactive_until(ago: float) -> Leave:
    return Leave(f"Inactive, to be deleted at {iso_utc(hours(ago) + timedelta(hours=REST))} at the earliest")


HELD: Final = Leave("AWSCURRENT or AWSPENDING holds it")
YOUNG: Final = Leave("the rotation that made it may still be running")
UNRESTARTED: Final = Held("consumers have not restarted since the promotion", ("web",))
ALARMING: Final = Held("alarm old-key-in-use is not OK")
UNREADABLE: Final = Held("whether anything used it since it was deactivated may not be read")
LAST_THAT_WORKS: Final = Held("the key in AWSCURRENT does not work, and this one may be the last that does")
EVERY_MARK: Final = dict.fromkeys(("made", "superseded-at", "deactivated-at", "revoked-at"), LONG_AGO)

HISTORIES: Final[Mapping[str, History]] = {
    # Superseded and Active: the overlap.
    "in its overlap": History(tags=superseded(23.9), then=in_overlap_until(23.9)),
    "promoted this second": History(tags=superseded(0), then=in_overlap_until(0)),
    "in its overlap, and only AWSPREVIOUS and the mark tell": History(tags=superseded(1), holders=labels("AWSPREVIOUS"), then=in_overlap_until(1)),
    "its overlap is over at this second": History(tags=superseded(24), last_use=NEVER, then=Deactivate(QUIET)),
    "quiet past its overlap": History(tags=superseded(50), last_use=used(24), then=Deactivate(QUIET)),
    "quiet past its overlap, last used before it was superseded": History(tags=superseded(50), last_use=used(60), then=Deactivate(QUIET)),
    "never used": History(tags=superseded(50), last_use=NEVER, then=Deactivate(QUIET)),
    "used within the last overlap-hours": History(tags=superseded(50), last_use=used(23.9), then=StillInUse(used(23.9))),
    "used this second": History(tags=superseded(50), last_use=used(0), then=StillInUse(used(0))),
    "used in the future, by IAM's clock": History(tags=superseded(50), last_use=used(-1), then=StillInUse(used(-1))),
    "used in its overlap only, and the overlap has just ended": History(tags=superseded(24), last_use=used(12), then=StillInUse(used(12))),
    "last use may not be read": History(tags=superseded(50), last_use=DENIED, then=StillInUse(None)),
    "last use could not be read": History(tags=superseded(50), last_use=UnreachableError("no answer", remedy="wait"), then=UnreachableError),
    "a consumer has not restarted": History(tags=superseded(50), last_use=NEVER, not_restarted=("web",), then=UNRESTARTED),
    "a health gate is open": History(tags=superseded(50), last_use=NEVER, gates_open=("web",), then=Held("consumers do not report the new credentials yet", ("web",))),
    "in use, and neither restarted nor healthy": History(tags=superseded(50), last_use=used(1), not_restarted=("web",), gates_open=("web",), then=StillInUse(used(1))),
    # Superseded and Active: the longest overlap wins.
    "longest overlap is over, and in use": History(tags=superseded(192), then=Deactivate(FORCED)),
    "longest overlap is over, and the last use may not be read": History(tags=superseded(192), last_use=DENIED, then=Deactivate(FORCED)),
    "longest overlap is over, and a consumer has not restarted": History(tags=superseded(500), not_restarted=("web",), then=Deactivate(FORCED)),
    "longest overlap is over, and a gate is open": History(tags=superseded(500), gates_open=("web",), then=Deactivate(FORCED)),
    "longest overlap is not over, and in use": History(tags=superseded(191.9), last_use=used(1), then=StillInUse(used(1))),
    "longest overlap was set longer, and in use": History(tags=superseded(500), last_use=used(1), max_overlap=1000, then=StillInUse(used(1))),
    "longest overlap equals the overlap": History(tags=superseded(24), max_overlap=24, then=Deactivate(FORCED)),
    # Superseded and Active: since when.
    "superseded since nobody knows": History(holders=labels("AWSPREVIOUS"), then=MarkSuperseded()),
    "superseded since nobody knows, and never used": History(holders=labels("AWSPREVIOUS"), last_use=NEVER, then=MarkSuperseded()),
    "superseded in the future": History(tags=superseded(-5000), then=in_overlap_until(-5000)),
    "superseded before the current key was made": History(tags=superseded(500), current_made_at=hours(2), then=in_overlap_until(2)),
    "superseded before the current key was made, which was long ago too": History(tags=superseded(1500), current_made_at=hours(192), then=Deactivate(FORCED)),
    "superseded at a time that is none": History(tags={"superseded-at": "yesterday"}, then=SettingsError),
    "superseded at an empty time": History(tags={"superseded-at": ""}, then=SettingsError),
    "superseded in a year beyond the calendar": History(tags={"superseded-at": "9999-12-31T23:59:59Z"}, then=SettingsError),
    "superseded at a time without its zone": History(tags={"superseded-at": "2026-05-01T00:00:00"}, then=SettingsError),
    "the key in AWSCURRENT is gone, Inactive or none": History(tags=superseded(50), last_use=NEVER, current_made_at=None, then=LAST_THAT_WORKS),
    "the key in AWSCURRENT does not work, and the longest overlap is over": History(tags=superseded(5000), current_made_at=None, then=LAST_THAT_WORKS),
    "the key in AWSCURRENT does not work, and this one is revoked": History(tags=superseded(1, revoked_at=hours(1)), current_made_at=None, then=Deactivate(REVOKED)),
    "the key in AWSCURRENT does not work, and this one is Inactive long enough": History(INACTIVE, tags=superseded(500, inactive_for=24), last_use=NEVER, current_made_at=None, then=Held("the key in AWSCURRENT does not work, and this one is what can be activated instead")),
    # Superseded and Inactive.
    "Inactive since nobody knows": History(INACTIVE, tags=superseded(500), then=MarkDeactivated()),
    "Inactive since nobody knows, by AWSPREVIOUS alone": History(INACTIVE, holders=labels("AWSPREVIOUS"), then=MarkDeactivated()),
    "Inactive, not long enough": History(INACTIVE, tags=superseded(500, inactive_for=23.9), last_use=NEVER, then=inactive_until(23.9)),
    "Inactive, long enough": History(INACTIVE, tags=superseded(500, inactive_for=24), last_use=NEVER, alarm=True, then=Delete(Deletion.EXPIRED)),
    "Inactive, long enough, by AWSPREVIOUS alone": History(INACTIVE, tags={"deactivated-at": hours(24)}, holders=labels("AWSPREVIOUS"), last_use=used(50), alarm=True, then=Delete(Deletion.EXPIRED)),
    "Inactive, long enough, alarm not OK, without data or missing": History(INACTIVE, tags=superseded(500, inactive_for=99), last_use=NEVER, alarm=False, then=ALARMING),
    "Inactive, not long enough, alarm not OK": History(INACTIVE, tags=superseded(500, inactive_for=1), last_use=NEVER, alarm=False, then=inactive_until(1)),
    "Inactive, and used after it was deactivated": History(INACTIVE, tags=superseded(500, inactive_for=99), last_use=used(10), alarm=True, then=inactive_until(10)),
    "Inactive, used after it was deactivated, and quiet for its hours since": History(INACTIVE, tags=superseded(500, inactive_for=99), last_use=used(24), alarm=True, then=Delete(Deletion.EXPIRED)),
    "Inactive, and whether it was used may not be read": History(INACTIVE, tags=superseded(500, inactive_for=99), last_use=DENIED, alarm=True, then=UNREADABLE),
    "Inactive, deactivated in the future": History(INACTIVE, tags=superseded(500, inactive_for=-50), last_use=NEVER, alarm=True, then=inactive_until(-50)),
    "Inactive, deactivated at a time that is none": History(INACTIVE, tags={"superseded-at": LONG_AGO, "deactivated-at": "soon"}, then=SettingsError),
    "Inactive, and neither restarted nor healthy": History(INACTIVE, tags=superseded(500, inactive_for=24), last_use=NEVER, alarm=True, not_restarted=("web",), gates_open=("web",), then=Delete(Deletion.EXPIRED)),
    # Activated again.
    "activated again by a person": History(tags=superseded(500, inactive_for=99), then=Reactivated(hours(99))),
    "activated again by a person, and in its overlap": History(tags=superseded(1, inactive_for=0.5), then=Reactivated(hours(0.5))),
    "activated again by a person, long past its longest overlap": History(tags=superseded(1500, inactive_for=1000), then=Reactivated(hours(1000))),
    "activated again by a person after it was revoked": History(tags=superseded(500, inactive_for=99, revoked_at=hours(99)), then=Reactivated(hours(99))),
    "an orphan that a person activated again": History(tags={"made": LONG_AGO, "deactivated-at": hours(99)}, last_use=NEVER, then=Reactivated(hours(99))),
    "activated again, as a run has seen": History(tags=superseded(500, inactive_for=99) | {"reactivated-at": hours(50)}, then=Reactivated(hours(99))),
    "activated again, as a run has seen, and deactivated since": History(INACTIVE, tags=superseded(500, inactive_for=99) | {"reactivated-at": hours(50)}, last_use=NEVER, alarm=True, then=MarkDeactivated()),
    "activated again, as a run has seen, deactivated since, and long enough": History(INACTIVE, tags=superseded(500, inactive_for=24) | {"reactivated-at": hours(50)}, last_use=NEVER, alarm=True, then=Delete(Deletion.EXPIRED)),
    # Revoked.
    "revoked and not carried out": History(tags=superseded(1, revoked_at=hours(0.5)), then=Deactivate(REVOKED)),
    "revoked and not carried out, in use, not restarted, gate open": History(tags=superseded(1, revoked_at=hours(0.5)), last_use=used(0), not_restarted=("web",), gates_open=("web",), then=Deactivate(REVOKED)),
    "revoked, Inactive, not long enough": History(INACTIVE, tags=superseded(99, inactive_for=1, revoked_at=hours(1)), last_use=NEVER, then=inactive_until(1)),
    "revoked, Inactive, long enough": History(INACTIVE, tags=superseded(99, inactive_for=24, revoked_at=hours(24)), last_use=NEVER, alarm=True, then=Delete(Deletion.REVOKED)),
    "revoked, Inactive, long enough, alarm not OK": History(INACTIVE, tags=superseded(99, inactive_for=24, revoked_at=hours(24)), last_use=NEVER, alarm=False, then=ALARMING),
    "revoked at a time that is none": History(tags=superseded(1, revoked_at="now"), then=SettingsError),
    # Orphans.
    "orphan by its mark, young": History(created_at=hours(0.9), tags={"made": hours(0.9)}, last_use=NEVER, then=YOUNG),
    "orphan by its mark, old": History(created_at=hours(1), tags={"made": hours(1)}, last_use=NEVER, then=Deactivate(Deletion.ORPHAN)),
    "orphan by its mark, that testSecret used": History(created_at=hours(5), tags={"made": hours(5)}, last_use=used(4.9), then=Deactivate(Deletion.ORPHAN)),
    "orphan by its mark, in an abandoned version": History(created_at=hours(5), tags={"made": hours(5)}, holders=IN_AN_OLD_VERSION, last_use=NEVER, then=Deactivate(Deletion.ORPHAN)),
    "orphan by its mark, old, Inactive since nobody knows": History(INACTIVE, tags={"made": LONG_AGO}, last_use=NEVER, then=MarkDeactivated()),
    "orphan by its mark, Inactive, not long enough": History(INACTIVE, tags={"made": LONG_AGO, "deactivated-at": hours(23)}, last_use=NEVER, then=inactive_until(23)),
    "orphan by its mark, Inactive, long enough": History(INACTIVE, tags={"made": LONG_AGO, "deactivated-at": hours(24)}, last_use=NEVER, alarm=True, then=Delete(Deletion.ORPHAN)),
    "orphan by its mark, Inactive, long enough, alarm not OK": History(INACTIVE, tags={"made": LONG_AGO, "deactivated-at": hours(24)}, last_use=NEVER, alarm=False, then=ALARMING),
    "orphan by its mark, whose use was seen later": History(tags={"made": LONG_AGO}, last_use=used(2), then=Unmanaged()),
    "orphan by its mark, Inactive, whose use was seen later": History(INACTIVE, tags={"made": LONG_AGO, "deactivated-at": hours(99)}, last_use=used(2), then=Unmanaged()),
    "orphan by its mark, whose use may not be read": History(tags={"made": LONG_AGO}, last_use=DENIED, then=Unmanaged()),
    "orphan by its mark, under a label of somebody's": History(tags={"made": LONG_AGO}, holders=labels("KEPT_FOR_LATER"), then=Unmanaged()),
    "orphan by its mark, made at a time that is none": History(tags={"made": "once"}, then=SettingsError),
    "made and promoted, under no label": History(tags={"made": LONG_AGO, "promoted-at": LONG_AGO}, then=Unmanaged()),
    "orphan of the intent, young": History(created_at=hours(0.9), intent=intent(1, CURRENT), last_use=NEVER, then=YOUNG),
    "orphan of the intent, old": History(created_at=hours(9), intent=intent(9, CURRENT), last_use=NEVER, then=Deactivate(Deletion.ORPHAN)),
    "orphan of the intent, Inactive, long enough": History(INACTIVE, created_at=hours(99), tags={"deactivated-at": hours(24)}, intent=intent(99, CURRENT), last_use=NEVER, alarm=True, then=Delete(Deletion.ORPHAN)),
    "looks like the intent's, but somebody uses it": History(created_at=hours(9), intent=intent(9, CURRENT), last_use=used(8.9), then=Unmanaged()),
    "looks like the intent's, but a version holds it": History(created_at=hours(9), intent=intent(9, CURRENT), holders=IN_AN_OLD_VERSION, then=Unmanaged()),
    "there when the intent was recorded": History(created_at=hours(9), intent=intent(9, CURRENT, KEY), then=Unmanaged()),
    "made long after the intent": History(created_at=hours(8), intent=intent(9, CURRENT), then=Unmanaged()),
    "made before the intent": History(created_at=hours(9.1), intent=intent(9, CURRENT), then=Unmanaged()),
    # Held by a label, whatever else is said of it.
    "AWSCURRENT, whatever the marks say": History(tags=EVERY_MARK, holders=labels("AWSCURRENT"), then=HELD),
    "AWSPENDING, whatever the marks say": History(tags=EVERY_MARK, holders=labels("AWSPENDING"), then=HELD),
    "AWSPENDING and AWSPREVIOUS at once": History(tags=EVERY_MARK, holders=labels("AWSPENDING", "AWSPREVIOUS"), then=HELD),
    "AWSCURRENT, Inactive, whatever the marks say": History(INACTIVE, tags=EVERY_MARK, holders=labels("AWSCURRENT"), then=HELD),
    "AWSCURRENT, and its marks are no times": History(tags=dict.fromkeys(EVERY_MARK, "soon"), holders=labels("AWSCURRENT"), then=HELD),
    # Nobody's.
    "unattached AWSPREVIOUS, marked": History(tags=superseded(50), holders=IN_AN_OLD_VERSION, last_use=NEVER, then=Deactivate(QUIET)),
    "unattached AWSPREVIOUS, not marked": History(holders=IN_AN_OLD_VERSION, then=Unmanaged()),
    "unmanaged": History(then=Unmanaged()),
    "unmanaged, very old and never used": History(created_at=hours(90_000), last_use=NEVER, then=Unmanaged()),
    "unmanaged and Inactive": History(INACTIVE, last_use=NEVER, alarm=True, then=Unmanaged()),
    "unmanaged, and revoked by name": History(INACTIVE, tags={"revoked-at": LONG_AGO, "deactivated-at": LONG_AGO}, last_use=NEVER, alarm=True, then=Unmanaged()),
}  # fmt: skip


def circumstances(history: History) -> Circumstances:
    def last_use(_key: AccessKeyId) -> LastUse:
        if isinstance(history.last_use, Exception):
            raise history.last_use
        return history.last_use

    def alarm_ok() -> bool:
        assert history.alarm is not None, "nobody may ask for the alarm here"
        return history.alarm

    tags = {
        f"vsync-rotation:{name}:{KEY}": at if isinstance(at, str) else iso_utc(at) for name, at in history.tags.items()
    }
    tags |= history.intent.tag() if history.intent else {}
    evidence = Evidence(
        marks=UserMarks(tags),
        holders={CURRENT: frozenset({"AWSCURRENT"}), **history.holders},
        now=NOW,
        overlap_hours=OVERLAP,
        inactive_hours=REST,
        deletion_alarm="old-key-in-use",
        alarm_ok=alarm_ok,
        last_used_at=lambda key: last_use(key).at,
    )
    return Circumstances(
        evidence=evidence,
        max_overlap_hours=history.max_overlap,
        current_made_at=history.current_made_at,
        last_use=last_use,
        not_restarted=lambda: history.not_restarted,
        gates_open=lambda: history.gates_open,
    )


def verdict(history: History) -> Verdict:
    return next_for(AccessKey(KEY, history.status, history.created_at), circumstances(history))


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES.keys())
def test_what_is_next_for_the_other_key(history: History) -> None:
    if isinstance(history.then, type):
        with pytest.raises(history.then):
            verdict(history)
    else:
        assert verdict(history) == history.then


ENDS: Final = {name: known for name, known in HISTORIES.items() if isinstance(known.then, (Deactivate, Delete))}


@pytest.mark.parametrize("label", ["AWSCURRENT", "AWSPENDING"])
@pytest.mark.parametrize("name", ENDS)
def test_nothing_that_would_end_a_key_ends_it_under_a_live_label(name: str, label: str) -> None:
    known = ENDS[name]
    held = replace(known, holders={KEY: known.holders.get(KEY, frozenset()) | {label}})
    assert verdict(held) == HELD


@pytest.mark.parametrize("name", [name for name, known in ENDS.items() if known.status is ACTIVE])
def test_nothing_that_would_deactivate_a_key_does_so_once_a_person_has_activated_it(name: str) -> None:
    """Where a mark says that it was deactivated before. An orphan that only the intent explains has none."""
    known = ENDS[name]
    assert verdict(replace(known, tags={**known.tags, "deactivated-at": hours(2)})) == Reactivated(hours(2))


@pytest.mark.parametrize("name", ENDS)
def test_no_end_follows_from_a_mark_that_is_malformed(name: str) -> None:
    with pytest.raises(SettingsError, match=f"vsync-rotation:promoted-at:{KEY}"):
        verdict(replace(ENDS[name], tags={**ENDS[name].tags, "promoted-at": "some day"}))


def test_the_first_reason_to_wait_is_the_one_that_is_told() -> None:
    both = History(tags=superseded(50), last_use=NEVER, not_restarted=("web",), gates_open=("api",))
    assert verdict(both) == UNRESTARTED
