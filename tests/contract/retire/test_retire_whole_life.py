"""From promotion to deletion, by the hours of the tags, in virtual time."""

import pytest

from tests.contract.iam_account import instant
from tests.contract.retire.scene import Make, outcome_of

DAY = 24.0


def test_a_superseded_key_lives_through_its_overlap_is_deactivated_and_later_deleted(rotated: Make) -> None:
    scene = rotated()
    first, second = scene.first, scene.current
    for _ in range(4):
        scene.run()
        scene.after(42)
    assert scene.statuses() == {first: "Active", second: "Active"}
    at = instant(scene.world)
    summary = scene.deactivates(first)
    assert outcome_of(summary, first)["action"] == "deactivated"
    assert scene.statuses() == {first: "Inactive", second: "Active"}
    assert scene.account.tags()[f"vsync-rotation:deactivated-at:{first}"] == at
    for _ in range(3):
        scene.after(23 / 3).run()
    assert scene.statuses() == {first: "Inactive", second: "Active"}
    summary = scene.after(1).deletes(first)
    assert outcome_of(summary, first)["action"] == "deleted"
    assert scene.statuses() == {second: "Active"}
    assert scene.marks_of(first) == set()
    assert scene.run()["outcomes"] == []
    scene.well()


def test_each_end_is_told_once_with_user_key_and_reason(rotated: Make) -> None:
    scene = rotated(overlap_hours="1", inactive_hours="1")
    scene.after(1).deactivates(scene.first)
    scene.after(1).deletes(scene.first)
    scene.after(1).run()
    for detail_type in ("Key Deactivated", "Key Deleted"):
        (event,) = scene.events(detail_type)
        assert (event["iam_user"], event["access_key_id"]) == (scene.account.user, scene.first)
        assert event["reason"]
        assert (event["secret_name"], event["kind"]) == (scene.secret.name, "iam-access-key")
        assert (event["repo"], event["env"]) == ("acme_web", "prod")
        assert event["secret_arn"] == scene.secret.arn
        assert event["at"].endswith("Z")


def test_the_life_of_the_next_key_is_the_same(rotated: Make) -> None:
    scene = rotated(overlap_hours="1", inactive_hours="1")
    first, second = scene.first, scene.current
    scene.after(1).deactivates(first)
    scene.after(1).deletes(first)
    scene.rotation.rotated()
    assert scene.is_left_alone(hours=0.9)["outcomes"][0]["action"] == "waiting"
    scene.after(0.2).deactivates(second)
    scene.after(1).deletes(second)
    assert scene.statuses() == {scene.current: "Active"}
    assert {tag for tag in scene.account.tags() if scene.current not in tag} == set()
    scene.well()


@pytest.mark.parametrize(("overlap", "hours"), [("0.5", 0.5), (".25", 0.25), ("0", 0.0)])
def test_the_overlap_is_the_tag_s_hours_and_not_a_minute_less(rotated: Make, overlap: str, hours: float) -> None:
    scene = rotated(overlap_hours=overlap)
    superseded = scene.account.tags()[f"vsync-rotation:superseded-at:{scene.first}"]
    if hours:
        summary = scene.is_left_alone(hours=hours - 1 / 60)
        assert instant(scene.world, hours=1 / 60) in outcome_of(summary, scene.first)["reason"]
        assert superseded == instant(scene.world, hours=1 / 60 - hours)
    scene.after(1 / 60).deactivates(scene.first)


@pytest.mark.parametrize(("inactive", "hours"), [("0.5", 0.5), ("1000", 1000.0)])
def test_the_inactive_hours_are_the_tag_s_and_not_a_minute_less(rotated: Make, inactive: str, hours: float) -> None:
    scene = rotated(overlap_hours="1", inactive_hours=inactive)
    scene.after(1).deactivates(scene.first)
    if hours:
        scene.is_left_alone(hours=hours - 1 / 60)
    scene.after(1 / 60).deletes(scene.first)


def test_a_declared_consumer_makes_the_default_overlap_a_day(rotated: Make) -> None:
    """It has to have restarted besides, which it has not: the key is held once the day is over."""
    scene = rotated(**{"consumer:web": "ecs:prod/web"})
    assert outcome_of(scene.is_left_alone(hours=23.9), scene.first)["action"] == "waiting"
    assert outcome_of(scene.is_left_alone(hours=0.2), scene.first)["action"] == "held"


@pytest.mark.parametrize("end", ["deactivated", "deleted"])
def test_a_second_run_at_the_same_moment_changes_nothing(rotated: Make, end: str) -> None:
    scene = rotated(overlap_hours="1", inactive_hours="1")
    scene.after(1).deactivates(scene.first)
    if end == "deleted":
        scene.after(1).deletes(scene.first)
    before = scene.rotation.snapshot()
    events = len(scene.world.events)
    scene.is_left_alone()
    assert scene.rotation.snapshot() == before
    assert scene.world.events[events:] == []


def test_runs_that_were_missed_cost_time_only(rotated: Make) -> None:
    scene = rotated()
    scene.after(400 * DAY).deactivates(scene.first)
    scene.after(400 * DAY).deletes(scene.first)
    scene.well()


def test_a_missing_mark_is_made_and_its_overlap_begins_then(rotated: Make) -> None:
    scene = rotated(overlap_hours="2")
    scene.account.untag(f"superseded-at:{scene.first}")
    scene.after(1000)
    assert outcome_of(scene.run(), scene.first)["action"] == "marked"
    assert scene.account.tags()[f"vsync-rotation:superseded-at:{scene.first}"] == instant(scene.world)
    scene.is_left_alone(hours=1.9)
    scene.after(0.1).deactivates(scene.first)


def test_a_key_somebody_deactivated_by_hand_is_marked_and_deleted_after_its_hours(rotated: Make) -> None:
    scene = rotated()
    scene.account.set_status(scene.first, "Inactive")
    assert outcome_of(scene.run(), scene.first)["action"] == "marked"
    scene.is_left_alone(hours=23.9)
    scene.after(0.1).deletes(scene.first)


def test_without_declared_consumers_it_says_that_only_boots_are_seen(rotated: Make) -> None:
    scene = rotated()
    notice = outcome_of(scene.run(), scene.first)["notice"]
    assert "boot" in notice
    assert "overlap-hours" in notice


def test_with_declared_consumers_it_says_no_such_thing(rotated: Make) -> None:
    scene = rotated(**{"consumer:web": "ecs:prod/web"})
    assert "notice" not in outcome_of(scene.run(), scene.first)


def test_a_secret_that_never_rotated_has_nothing_to_retire(never_rotated: Make) -> None:
    scene = never_rotated()
    assert scene.is_left_alone(hours=5000)["outcomes"] == []
    scene.well()
