"""The table of key slots: histories in, deletions or a refusal out. Nothing else may ask for a key's last use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from vsync_rotation.errors import ForeignKeyError, KeySlotsFullError, RotationError, SettingsError
from vsync_rotation.events import iso_utc
from vsync_rotation.keys.evidence import AccessKey, Deletion, Evidence, KeyStatus
from vsync_rotation.keys.marks import AccessKeyId, Intent, UserMarks
from vsync_rotation.keys.slots import plan_slots

NOW = datetime(2026, 5, 10, 12, 0, tzinfo=UTC)
CURRENT, OTHER, THIRD = AccessKeyId("AKIACURRENT"), AccessKeyId("AKIAOTHER"), AccessKeyId("AKIATHIRD")
ACTIVE, INACTIVE = KeyStatus.ACTIVE, KeyStatus.INACTIVE
NONE: frozenset[str] = frozenset()


def hours(ago: float) -> datetime:
    return NOW - timedelta(hours=ago)


AN_HOUR_AGO = hours(1)


@dataclass(frozen=True)
class History:
    """What is known of the other key, and what then happens."""

    status: KeyStatus = ACTIVE
    created_at: datetime = AN_HOUR_AGO
    tags: Mapping[str, datetime] = field(default_factory=dict)
    intent: Intent | None = None
    holders: Mapping[AccessKeyId, frozenset[str]] = field(default_factory=dict)
    alarm_ok: bool = True
    used_at: datetime | None = None
    then: Deletion | type[RotationError] = ForeignKeyError


def evidence(history: History) -> Evidence:
    tags = {f"vsync-rotation:{name}:{OTHER}": iso_utc(at) for name, at in history.tags.items()}
    tags |= history.intent.tag() if history.intent else {}
    return Evidence(
        marks=UserMarks(tags),
        holders={CURRENT: frozenset({"AWSCURRENT"}), **history.holders},
        now=NOW,
        overlap_hours=24,
        inactive_hours=24,
        deletion_alarm="old-key-in-use",
        alarm_ok=lambda: history.alarm_ok,
        last_used_at=lambda _key: history.used_at,
    )


def intent(ago_hours: float, *existing: AccessKeyId) -> Intent:
    return Intent("version", hours(ago_hours), existing)


HISTORIES = {
    "superseded and revoked": History(INACTIVE, tags={"superseded-at": hours(1), "revoked-at": hours(1), "deactivated-at": hours(1)}, then=Deletion.REVOKED),
    "revoked, not yet deactivated": History(tags={"superseded-at": hours(1), "revoked-at": hours(1)}, then=Deletion.REVOKED),
    "revoked, and activated again by a person": History(tags={"superseded-at": hours(99), "revoked-at": hours(50), "deactivated-at": hours(50)}, then=KeySlotsFullError),
    "superseded and active": History(tags={"superseded-at": hours(999)}, then=KeySlotsFullError),
    "superseded, inactive long enough": History(INACTIVE, tags={"superseded-at": hours(99), "deactivated-at": hours(24)}, then=Deletion.EXPIRED),
    "superseded, inactive not long enough": History(INACTIVE, tags={"superseded-at": hours(99), "deactivated-at": hours(23.9)}, then=KeySlotsFullError),
    "superseded, inactive since nobody knows": History(INACTIVE, tags={"superseded-at": hours(999)}, then=KeySlotsFullError),
    "superseded, inactive long enough, alarm not OK": History(INACTIVE, tags={"superseded-at": hours(99), "deactivated-at": hours(99)}, alarm_ok=False, then=KeySlotsFullError),
    "superseded by AWSPREVIOUS alone, active": History(holders={OTHER: frozenset({"AWSPREVIOUS"})}, then=KeySlotsFullError),
    "superseded by AWSPREVIOUS alone, inactive long enough": History(INACTIVE, tags={"deactivated-at": hours(25)}, holders={OTHER: frozenset({"AWSPREVIOUS"})}, then=Deletion.EXPIRED),
    "orphan of the intent": History(created_at=hours(0.9), intent=intent(1, CURRENT), then=Deletion.ORPHAN),
    "orphan of the intent, made in its very second": History(created_at=hours(1) - timedelta(seconds=0.5), intent=intent(1, CURRENT), then=Deletion.ORPHAN),
    "made 15 minutes after the intent": History(created_at=hours(0.75), intent=intent(1, CURRENT), then=Deletion.ORPHAN),
    "made 16 minutes after the intent": History(created_at=hours(1) + timedelta(minutes=16), intent=intent(1, CURRENT)),
    "made before the intent": History(created_at=hours(1.01), intent=intent(1, CURRENT)),
    "there when the intent was recorded": History(created_at=hours(0.9), intent=intent(1, CURRENT, OTHER)),
    "looks like the intent's, but somebody uses it": History(created_at=hours(0.9), intent=intent(1, CURRENT), used_at=hours(0.5)),
    "looks like the intent's, but a version holds it": History(created_at=hours(0.9), intent=intent(1, CURRENT), holders={OTHER: NONE}),
    "tagged made, never promoted, in no version": History(tags={"made": hours(1)}, then=Deletion.ORPHAN),
    "tagged made, never promoted, in an abandoned version": History(tags={"made": hours(1)}, holders={OTHER: NONE}, used_at=hours(0.9), then=Deletion.ORPHAN),
    "tagged made, and used long after the rotation": History(created_at=hours(9), tags={"made": hours(9)}, holders={OTHER: NONE}, used_at=hours(2)),
    "tagged made, pending elsewhere": History(tags={"made": hours(1)}, holders={OTHER: frozenset({"AWSPENDING"})}),
    "tagged made, promoted and superseded": History(tags={"made": hours(99), "superseded-at": hours(9)}, then=KeySlotsFullError),
    "unknown": History(),
    "unknown and very old and inactive": History(INACTIVE, created_at=hours(99999)),
    "held by an old version of the secret": History(holders={OTHER: NONE}),
}  # fmt: skip


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES.keys())
def test_the_other_key(history: History) -> None:
    keys = [AccessKey(CURRENT, ACTIVE, hours(500)), AccessKey(OTHER, history.status, history.created_at)]
    if isinstance(history.then, Deletion):
        assert plan_slots("reader", CURRENT, keys, evidence(history)) == ((keys[1], history.then),)
    else:
        with pytest.raises(history.then, match=OTHER):
            plan_slots("reader", CURRENT, keys, evidence(history))


def plan_for(keys: Sequence[AccessKey], current: AccessKeyId | None, history: History) -> list[AccessKeyId]:
    return [key.key_id for key, _ in plan_slots("reader", current, keys, evidence(history))]


def test_beside_a_free_slot_a_superseded_key_stays() -> None:
    history = History(INACTIVE, tags={"superseded-at": hours(99), "deactivated-at": hours(99)})
    assert plan_for([AccessKey(OTHER, INACTIVE, hours(200))], None, history) == []


def test_beside_a_free_slot_a_foreign_key_stays() -> None:
    assert plan_for([AccessKey(OTHER, ACTIVE, hours(200))], None, History()) == []


def test_an_orphan_goes_also_beside_a_free_slot() -> None:
    history = History(tags={"made": hours(1)})
    assert plan_for([AccessKey(OTHER, ACTIVE, hours(1))], None, history) == [OTHER]


def test_an_orphan_does_not_go_when_another_key_still_blocks() -> None:
    keys = [
        AccessKey(CURRENT, ACTIVE, hours(500)),
        AccessKey(OTHER, ACTIVE, hours(1)),
        AccessKey(THIRD, ACTIVE, hours(9)),
    ]
    with pytest.raises(ForeignKeyError, match=THIRD):
        plan_for(keys, CURRENT, History(tags={"made": hours(1)}))


def test_a_malformed_mark_deletes_nothing() -> None:
    bad = Evidence(
        marks=UserMarks({f"vsync-rotation:deactivated-at:{OTHER}": "yesterday"}),
        holders={},
        now=NOW,
        overlap_hours=24,
        inactive_hours=24,
        deletion_alarm="old-key-in-use",
        alarm_ok=lambda: True,
        last_used_at=lambda _key: None,
    )
    keys = [AccessKey(CURRENT, ACTIVE, hours(500)), AccessKey(OTHER, INACTIVE, hours(400))]
    with pytest.raises(SettingsError, match="deactivated-at"):
        plan_slots("reader", CURRENT, keys, bad)


def test_a_full_slot_says_when_it_will_be_free_and_how_to_free_it_now() -> None:
    keys = [AccessKey(CURRENT, ACTIVE, hours(500)), AccessKey(OTHER, ACTIVE, hours(500))]
    with pytest.raises(KeySlotsFullError) as caught:
        plan_for(keys, CURRENT, History(tags={"superseded-at": hours(1)}))
    message = str(caught.value)
    assert iso_utc(hours(1) + timedelta(hours=48)) in message
    assert f"aws iam delete-access-key --user-name reader --access-key-id {OTHER}" in message


@pytest.mark.parametrize(
    ("history", "why"),
    [
        ("superseded, inactive since nobody knows", "no tag says how long"),
        ("superseded, inactive long enough, alarm not OK", "alarm old-key-in-use, which is not OK"),
        ("superseded, inactive not long enough", "free at 2026-05-10T12:06:00Z"),
        ("revoked, and activated again by a person", "somebody activated it again"),
    ],
)
def test_a_refusal_says_what_holds_the_key(history: str, why: str) -> None:
    known = HISTORIES[history]
    keys = [AccessKey(CURRENT, ACTIVE, hours(500)), AccessKey(OTHER, known.status, hours(500))]
    with pytest.raises(KeySlotsFullError) as caught:
        plan_for(keys, CURRENT, known)
    assert why in str(caught.value)
    assert ("--status Inactive" in str(caught.value)) is (known.status is ACTIVE)
