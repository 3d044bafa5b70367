"""What it never touches, and what it says of it."""

import json
from typing import Any

import pytest

from simulator import faults
from tests.contract.iam_account import instant
from tests.contract.retire.scene import Make, RetireScene, outcome_of

DUE = {"overlap_hours": "0", "inactive_hours": "0"}


def error_of(scene: RetireScene) -> dict[str, Any]:
    """The one error of a run that changes nothing."""
    (error,) = scene.is_left_alone()["errors"]
    return dict(error)


def test_an_unmanaged_key_is_reported_and_never_touched(never_rotated: Make) -> None:
    scene = never_rotated(**DUE)
    foreign = scene.account.add_key().access_key_id
    for hours in (0, 1, 90_000):
        assert outcome_of(scene.is_left_alone(hours=hours), foreign)["action"] == "left alone"
    events = scene.events("Unmanaged Key Found")
    assert [(event["iam_user"], event["access_key_id"]) for event in events] == [(scene.account.user, foreign)] * 3
    assert scene.statuses() == {scene.first: "Active", foreign: "Active"}


def test_an_unattached_awsprevious_leaves_the_mark_to_tell(rotated: Make) -> None:
    scene = rotated(overlap_hours="1")
    scene.secret.remove_label("AWSPREVIOUS")
    scene.is_left_alone(hours=0.9)
    scene.after(0.1).deactivates(scene.first)


def test_an_unattached_awsprevious_and_no_mark_leave_the_key_to_a_person(rotated: Make) -> None:
    """An old version still holds it: applications may have it, and since when it is superseded nobody knows."""
    scene = rotated(**DUE)
    scene.secret.remove_label("AWSPREVIOUS")
    scene.account.untag(f"superseded-at:{scene.first}")
    scene.is_left_alone(hours=5000)
    assert scene.events("Unmanaged Key Found")[0]["access_key_id"] == scene.first


def test_a_user_deleted_by_hand_is_said(rotated: Make) -> None:
    scene = rotated(**DUE)
    for key in scene.statuses():
        scene.account.delete_key(key)
    scene.account.iam.delete_user_policy(UserName=scene.account.user, PolicyName="read-the-vault")
    scene.account.iam.delete_user(UserName=scene.account.user)
    error = error_of(scene)
    assert error["error"] == "SettingsError"
    assert f"there is no IAM user {scene.account.user}" in error["message"]


def test_a_superseded_key_deleted_by_hand_leaves_no_tags_for_ever(rotated: Make) -> None:
    scene = rotated()
    scene.account.delete_key(scene.first)
    assert scene.is_left_alone(hours=23.9)["outcomes"] == []
    scene.after(0.2).run()
    assert scene.marks_of(scene.first) == set()
    assert scene.marks_of(scene.current) == {"made", "promoted-at"}
    scene.well()


def test_while_the_key_in_awscurrent_is_gone_the_superseded_one_stays(rotated: Make) -> None:
    """It may be the last that works; rotating is the way out."""
    scene = rotated(overlap_hours="1", max_overlap_hours="2")
    scene.account.delete_key(scene.current)
    assert outcome_of(scene.is_left_alone(hours=20), scene.first)["action"] == "held"
    assert scene.events("Superseded Key Held")


def test_while_the_key_in_awscurrent_is_inactive_the_superseded_one_stays(rotated: Make) -> None:
    scene = rotated(overlap_hours="1", max_overlap_hours="2")
    scene.account.set_status(scene.current, "Inactive")
    assert outcome_of(scene.is_left_alone(hours=20), scene.first)["action"] == "held"
    scene.account.set_status(scene.current, "Active")
    scene.deactivates(scene.first)


def test_while_awscurrent_holds_a_location_without_a_key_the_superseded_one_stays(rotated: Make) -> None:
    scene = rotated(overlap_hours="1", max_overlap_hours="2")
    second = scene.current
    scene.secret.set_current(scene.rotation.location())
    scene.account.tag(f"superseded-at:{second}", instant(scene.world))
    scene.is_left_alone(hours=20)
    assert set(scene.statuses().values()) == {"Active"}


def test_a_secret_scheduled_for_deletion_is_left_alone_and_said(rotated: Make) -> None:
    scene = rotated(**DUE)
    scene.secret.manager.delete_secret(SecretId=scene.secret.name, RecoveryWindowInDays=7)
    (found,) = scene.is_left_alone(hours=100)["outcomes"]
    assert found["action"] == "left alone"
    assert "scheduled for deletion" in found["reason"]
    assert "scheduled for deletion" in str(scene.fails(secret_id=scene.secret.name, revoke=True))


@pytest.mark.parametrize("value", ["", "OFF"])
def test_a_paused_secret_is_left_alone_and_said(rotated: Make, value: str) -> None:
    scene = rotated(paused=value, **DUE)
    (found,) = scene.is_left_alone(hours=100)["outcomes"]
    assert (found["action"], "paused" in found["reason"]) == ("left alone", True)


def test_a_pause_of_off_is_none(rotated: Make) -> None:
    scene = rotated(paused="off", **DUE)
    scene.deactivates(scene.first)


@pytest.mark.parametrize("which", [1, 2])
def test_a_secret_that_is_paused_while_the_function_runs_is_left_alone(rotated: Make, which: int) -> None:
    """The list of secrets that a run begins with may be a quarter of an hour old when the last one's turn comes."""
    scene = rotated(**DUE)
    pause = faults.meanwhile(
        faults.nth(which, faults.operation("DescribeSecret")), lambda: scene.secret.tag("paused", "on")
    )
    with scene.world.watched_by(pause):
        scene.run()
    assert pause.hits
    assert scene.statuses()[scene.first] == "Active"


def test_an_overlap_that_is_made_longer_while_the_function_runs_holds(rotated: Make) -> None:
    scene = rotated(overlap_hours="1")
    longer = faults.meanwhile(
        faults.nth(1, faults.operation("DescribeSecret")), lambda: scene.secret.tag("overlap-hours", "1000")
    )
    with scene.world.watched_by(longer):
        scene.after(2).run()
    assert scene.statuses()[scene.first] == "Active"


def test_two_secrets_that_name_one_user_are_refused_both(rotated: Make) -> None:
    scene = rotated(**DUE)
    tags = {"vsync-rotation:kind": "iam-access-key", "vsync-rotation:iam-user": scene.account.user}
    scene.secret.manager.create_secret(
        Name="acme/other/PAIR",
        SecretString="{}",
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    errors = scene.is_left_alone(hours=100)["errors"]
    assert {error["secret"] for error in errors} == {"acme/other/PAIR", scene.secret.name}
    assert {error["error"] for error in errors} == {"SettingsError"}
    assert "several secrets name the IAM user" in str(scene.fails(secret_id=scene.secret.name))


def test_a_secret_of_another_kind_is_refused_where_it_is_named_and_passed_by_otherwise(rotated: Make) -> None:
    scene = rotated(**DUE)
    error = scene.fails(secret_id=scene.rotation.vault.passphrase_secret)
    assert type(error).__name__ == "ContractError"
    assert "iam-access-key" in str(error)
    scene.secret.tag("kind", "vault-passphrase")
    assert scene.is_left_alone() == {"served": 0, "not_reached": 0, "outcomes": [], "errors": []}


@pytest.mark.parametrize("name", ["acme_web/prod/NOTHING", "", "a" * 3000])
def test_an_unknown_secret_is_an_error_of_the_family(rotated: Make, name: str) -> None:
    error = rotated(**DUE).fails(secret_id=name)
    assert type(error).__name__ in {"ContractError", "UnreachableError"}


@pytest.mark.parametrize(
    ("mark", "value"),
    [
        ("superseded-at", ""),
        ("promoted-at", "yesterday"),
        ("deactivated-at", "2026-13-01T00:00:00Z"),
        ("revoked-at", "2026-01-01"),
        ("made", "0"),
    ],
)
def test_nothing_follows_from_a_malformed_mark(rotated: Make, mark: str, value: str) -> None:
    scene = rotated(**DUE)
    scene.account.tag(f"{mark}:{scene.first}", value)
    error = error_of(scene.after(5000))
    assert error["error"] == "SettingsError"
    assert f"vsync-rotation:{mark}:{scene.first}" in error["message"]


@pytest.mark.parametrize("value", [" ", '{"AWS_ACCESS_KEY_ID": 7}'])
def test_a_value_nobody_can_read_ends_nothing(rotated: Make, value: str) -> None:
    scene = rotated(**DUE)
    scene.secret.set_current(value)
    assert error_of(scene.after(5000))["message"]


@pytest.mark.parametrize("label", ["KEPT_FOR_LATER", "AWSPENDING"])
def test_a_version_nobody_can_read_hides_its_key(rotated: Make, label: str) -> None:
    """A version under AWSPENDING that mentions a key may hold it."""
    scene = rotated(**DUE)
    scene.secret.put(json.dumps({"note": f"remember {scene.first}"}), label)
    if label == "AWSPENDING":
        scene.is_left_alone(hours=5000)
    else:
        scene.deactivates(scene.first)


def test_a_key_that_a_person_activates_again_is_reported_and_stays_theirs(rotated: Make) -> None:
    scene = rotated(overlap_hours="1", max_overlap_hours="2")
    scene.after(1).deactivates(scene.first)
    at = scene.account.tags()[f"vsync-rotation:deactivated-at:{scene.first}"]
    scene.after(1).account.set_status(scene.first, "Active")
    for _ in range(3):
        assert outcome_of(scene.after(500).run(), scene.first)["action"] == "left alone"
    (event, *_) = scene.events("Key Reactivated")
    assert (event["iam_user"], event["access_key_id"], event["deactivated_at"]) == (scene.account.user, scene.first, at)
    assert scene.is_left_alone()["errors"] == []


def test_a_key_that_a_person_activates_and_deactivates_again_rests_for_its_hours_anew(rotated: Make) -> None:
    scene = rotated(overlap_hours="1", inactive_hours="24")
    scene.after(1).deactivates(scene.first)
    scene.after(3).account.set_status(scene.first, "Active")
    scene.run()
    scene.after(1).used(scene.first)
    scene.after(100).run()
    scene.account.set_status(scene.first, "Inactive")
    scene.run()
    scene.is_left_alone(hours=23.9)
    scene.after(0.1).deletes(scene.first)


def test_a_label_moved_back_by_hand_makes_the_overlap_begin_anew_later(rotated: Make) -> None:
    scene = rotated(overlap_hours="10", max_overlap_hours="20")
    second = scene.current
    scene.after(9).secret.set_current(scene.rotation.first_config)
    scene.run()
    assert scene.marks_of(scene.first) == set()
    scene.after(1)
    scene.secret.set_current(scene.secret.value("AWSPREVIOUS"))
    assert scene.current == second
    assert outcome_of(scene.run(), scene.first)["action"] == "marked"
    scene.is_left_alone(hours=9.9)
    scene.after(0.1).deactivates(scene.first)


@pytest.mark.parametrize("revoked", [False, True])
def test_a_label_moved_back_to_a_deactivated_key_begins_a_new_life(rotated: Make, revoked: bool) -> None:
    """Activated and made current again by a person, it is superseded once more: the old marks say nothing of that."""
    scene = rotated(overlap_hours="1")
    second = scene.current
    if revoked:
        scene.deactivates(scene.first, secret_id=scene.secret.name, revoke=True)
    else:
        scene.after(1).deactivates(scene.first)
    scene.account.set_status(scene.first, "Active")
    scene.secret.set_current(scene.rotation.first_config)
    scene.run()
    scene.secret.set_current(scene.secret.value("AWSPREVIOUS"))
    assert scene.current == second
    scene.run()
    scene.is_left_alone(hours=0.9)
    scene.after(0.1).deactivates(scene.first)


def crowded(scene: RetireScene, free: int) -> None:
    """Tags of somebody else, until there is room for so many more."""
    count = 50 - len(scene.account.tags()) - free
    scene.account.iam.tag_user(
        UserName=scene.account.user, Tags=[{"Key": f"team-{number}", "Value": "x"} for number in range(count)]
    )


def test_without_room_for_its_mark_a_key_is_not_deactivated(rotated: Make) -> None:
    scene = rotated(**DUE)
    crowded(scene, 0)
    error = error_of(scene.after(500))
    assert error["error"] == "SettingsError"
    assert "50 tags" in error["message"]
    assert f"aws iam list-user-tags --user-name {scene.account.user}" in error["message"]


def test_the_last_free_tag_is_enough_to_deactivate_and_a_full_user_s_key_is_deleted(rotated: Make) -> None:
    scene = rotated(**DUE)
    crowded(scene, 1)
    scene.deactivates(scene.first)
    scene.after(1).deletes(scene.first)


def test_a_revocation_needs_room_for_two_tags(rotated: Make) -> None:
    scene = rotated()
    crowded(scene, 1)
    assert "50 tags" in str(scene.fails(secret_id=scene.secret.name, revoke=True))
    assert scene.statuses()[scene.first] == "Active"


def test_a_full_user_is_said_where_iam_itself_refuses_the_mark(rotated: Make) -> None:
    scene = rotated(**DUE)
    scene.account.untag(f"superseded-at:{scene.first}")
    full = faults.answer_with(faults.operation("iam:TagUser"), 409, "LimitExceeded")
    with scene.world.watched_by(full):
        (error,) = scene.run()["errors"]
    assert "50 tags" in error["message"]


def test_it_reads_no_passphrase_and_writes_no_secret(rotated: Make) -> None:
    scene = rotated(**DUE)
    scene.deactivates(scene.first)
    scene.after(1).deletes(scene.first)
    asked = {request.operation for request in scene.world.requests if request.function == "retire_iam_access_keys"}
    assert asked == {
        "DeleteAccessKey", "DescribeSecret", "GetAccessKeyLastUsed", "GetSecretValue", "ListAccessKeys",
        "ListSecretVersionIds", "ListSecrets", "ListUserTags", "PutEvents", "TagUser", "UntagUser", "UpdateAccessKey",
    }  # fmt: skip


def test_no_secret_shows_in_the_summary(rotated: Make) -> None:
    """Log lines, events and errors are searched after every test."""
    scene = rotated(**DUE)
    summaries = [scene.deactivates(scene.first), scene.after(1).deletes(scene.first), scene.run()]
    assert scene.world.secrets.find("summary", json.dumps(summaries)) == []
