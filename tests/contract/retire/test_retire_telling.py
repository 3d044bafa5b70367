"""What a person and a dashboard learn from a run: failures that are no single secret's, keys in use, their age."""

import json
from typing import Any

import pytest

from retire_iam_access_keys.handler import lambda_handler as retire_iam_access_keys
from simulator import faults
from tests.contract.log_reading import measured, said
from tests.contract.retire.scene import Make, RetireScene, outcome_of
from tests.contract.retire.test_retire_fleet import more_secrets

DUE = {"overlap_hours": "0", "inactive_hours": "0"}
SHARED = {"service": "retire_iam_access_keys", "step": "unknown"}
DAY = 24.0


def measure_each(scene: RetireScene, value: str) -> None:
    scene.world.deploy(scene.function, retire_iam_access_keys, environment={"VSYNC_ROTATION_PER_VAULT_METRICS": value})


def failure_line(scene: RetireScene) -> dict[str, Any]:
    (line,) = said(scene.world, level="ERROR")
    assert {"secret", "version_id", "step"} <= line.keys()
    return line


@pytest.mark.parametrize("order", [{"secret_id": 7}, {"secretid": "acme"}, {"revoke": True}, {"access_key_id": "AKIA"}])
def test_an_order_that_is_none_is_logged_as_ours(rotated: Make, order: dict[str, Any]) -> None:
    scene = rotated(**DUE)
    error = scene.fails(**order)
    line = failure_line(scene)
    assert (line["error"], line["retryable"], line["message"]) == ("ContractError", False, str(error))


@pytest.mark.parametrize("revoke", [{}, {"revoke": True}])
def test_a_secret_that_is_not_there_is_logged_as_ours(rotated: Make, revoke: dict[str, Any]) -> None:
    scene = rotated(**DUE)
    error = scene.fails(secret_id="acme_web/prod/NOTHING", **revoke)
    line = failure_line(scene)
    assert (line["error"], line["message"]) == ("ContractError", str(error))
    assert "there is no secret acme_web/prod/NOTHING" in line["message"]


def test_a_list_that_is_denied_is_logged_as_ours(rotated: Make) -> None:
    scene = rotated(**DUE)
    with scene.world.watched_by(faults.deny(faults.operation("ListSecrets"))):
        error = scene.fails()
    line = failure_line(scene)
    assert (line["error"], line["message"]) == ("PermissionDeniedError", str(error))
    assert "ListSecrets" in line["message"]
    assert "retiring keys" in line["message"]


def test_a_failure_of_one_secret_is_logged_once(rotated: Make) -> None:
    scene = rotated(overlap_hours="soon")
    scene.fails(secret_id=scene.secret.name)
    assert failure_line(scene)["secret"] == scene.secret.name


def test_a_key_in_awscurrent_that_is_inactive_is_told_in_every_run_until_it_is_active(rotated: Make) -> None:
    """Nothing starts with it: a line, a metric, an event and an outcome, and no request that changes anything."""
    scene = rotated()
    scene.account.set_status(scene.current, "Inactive")
    for _ in range(2):
        outcome = outcome_of(scene.is_left_alone(hours=1), scene.current)
        assert (outcome["action"], "it is Inactive: activate it, or rotate" in outcome["reason"]) == (
            "left alone",
            True,
        )
        (line,) = said(scene.world, level="ERROR")
        assert (line["iam_user"], line["access_key_id"]) == (scene.account.user, scene.current)
        assert line["secret"] == scene.secret.name
        assert measured(scene.world, "KeyInUseInactive") == [(SHARED, [1.0])]
    events = scene.events("Key In Use Inactive")
    assert [(event["access_key_id"], event["label"]) for event in events] == [(scene.current, "AWSCURRENT")] * 2
    assert (events[0]["iam_user"], events[0]["secret_arn"]) == (scene.account.user, scene.secret.arn)
    assert (events[0]["repo"], events[0]["env"]) == ("acme_web", "prod")
    scene.account.set_status(scene.current, "Active")
    scene.is_left_alone(hours=1)
    assert said(scene.world, level="ERROR") == []
    assert len(scene.events("Key In Use Inactive")) == 2


def test_a_key_in_awspending_that_is_inactive_is_told_too(never_rotated: Make) -> None:
    scene = never_rotated()
    version = scene.rotation.begin()
    scene.rotation.step("createSecret", version)
    pending = scene.rotation.key_in("AWSPENDING")
    scene.account.set_status(pending, "Inactive")
    assert outcome_of(scene.is_left_alone(), pending)["action"] == "left alone"
    (event,) = scene.events("Key In Use Inactive")
    assert (event["access_key_id"], event["label"]) == (pending, "AWSPENDING")


def test_a_superseded_key_that_is_inactive_is_nothing_to_tell_a_person_of(rotated: Make) -> None:
    scene = rotated(**DUE)
    scene.deactivates(scene.first)
    assert measured(scene.world, "KeyInUseInactive") == []
    assert scene.events("Key In Use Inactive") == []


@pytest.mark.parametrize("superseded_too", [True, False])
@pytest.mark.parametrize("read_of_last_use", ["answered", "denied"])
def test_a_key_in_awscurrent_that_was_deleted_is_told_in_every_run_until_a_rotation(
    rotated: Make, superseded_too: bool, read_of_last_use: str
) -> None:
    """Nobody else would say so before the next application starts."""
    scene = rotated()
    gone = scene.current
    scene.account.delete_key(gone)
    if not superseded_too:
        scene.account.delete_key(scene.first)
    denied = faults.deny(faults.operation("GetAccessKeyLastUsed"))
    for _ in range(2):
        with scene.world.watched_by(*([denied] if read_of_last_use == "denied" else [])):
            outcome = outcome_of(scene.is_left_alone(hours=1), gone)
        assert (outcome["action"], outcome["reason"]) == ("left alone", "AWSCURRENT holds a key that is gone: rotate")
        (line,) = said(scene.world, level="ERROR")
        assert (line["iam_user"], line["access_key_id"]) == (scene.account.user, gone)
        assert measured(scene.world, "KeyInUseMissing") == [(SHARED, [1.0])]
    events = scene.events("Key In Use Missing")
    assert [(event["iam_user"], event["access_key_id"]) for event in events] == [(scene.account.user, gone)] * 2
    assert (events[0]["secret_arn"], events[0]["repo"], events[0]["env"]) == (scene.secret.arn, "acme_web", "prod")


def test_rotating_ends_the_telling_of_a_key_that_was_deleted(rotated: Make) -> None:
    scene = rotated()
    scene.account.delete_key(scene.current)
    scene.account.delete_key(scene.first)
    scene.rotation.rotated()
    scene.is_left_alone(hours=1)
    assert scene.events("Key In Use Missing") == []
    assert said(scene.world, level="ERROR") == []


def test_a_list_of_keys_that_is_late_alarms_nobody(never_rotated: Make) -> None:
    """The key was just made; IAM knows it when it is asked for it by itself."""
    scene = never_rotated().after(1)
    scene.world.staleness.late_by_seconds("iam:ListAccessKeys", 60)
    scene.rotation.rotated()
    late = len(scene.world.staleness.answers)
    scene.run()
    assert len(scene.world.staleness.answers) > late
    assert scene.events("Key In Use Missing") == []


@pytest.mark.parametrize("days", [0.0, 0.5, 90.0])
def test_the_age_of_the_key_in_awscurrent_is_measured_and_logged_at_no_further_request(
    rotated: Make, days: float
) -> None:
    scene = rotated(overlap_hours="5000", max_overlap_hours="5000")
    (made_at,) = (
        key["CreateDate"]
        for key in scene.account.iam.list_access_keys(UserName=scene.account.user)["AccessKeyMetadata"]
        if key["AccessKeyId"] == scene.current
    )
    scene.after(days * DAY).run(secret_id=scene.secret.name)
    (line,) = said(scene.world, action="secret.key.seen")
    assert (line["secret"], line["iam_user"]) == (scene.secret.name, scene.account.user)
    assert (line["access_key_id"], line["made_at"]) == (scene.current, f"{made_at:%Y-%m-%dT%H:%M:%SZ}")
    assert line["key_age_days"] == pytest.approx(days, abs=0.01)
    ((dimensions, (seconds,)),) = measured(scene.world, "CurrentKeyAge")
    assert dimensions == SHARED
    assert seconds == pytest.approx(days * DAY * 3600, abs=600)
    assert [request.operation for request in scene.world.functions.invocations[-1].requests] == [
        "ListSecrets", "DescribeSecret",  # what was ordered
        "DescribeSecret", "GetSecretValue", "ListAccessKeys", "ListUserTags",  # the look
        "ListSecretVersionIds", "GetSecretValue",  # who holds the second key
    ]  # fmt: skip


def test_where_awscurrent_holds_no_key_there_is_no_age(rotated: Make) -> None:
    scene = rotated()
    scene.secret.set_current(scene.rotation.location())
    scene.run()
    assert said(scene.world, action="secret.key.seen") == []
    assert measured(scene.world, "CurrentKeyAge") == []


def test_metrics_for_each_secret_are_besides_those_for_all(rotated: Make) -> None:
    scene = rotated(**DUE)
    more_secrets(scene, ["malformed"], **{"overlap-hours": "a day"})
    measure_each(scene, "on")
    scene.deactivates(scene.first)
    apart = SHARED | {"secret": scene.secret.name}
    assert measured(scene.world, "KeyDeactivated") == [(SHARED, [1.0]), (apart, [1.0])]
    assert [dimensions for dimensions, _ in measured(scene.world, "CurrentKeyAge")] == [SHARED, apart]
    assert measured(scene.world, "SecretFailed") == [
        (SHARED, [1.0]),
        (SHARED | {"secret": "acme/malformed/PAIR"}, [1.0]),
    ]


@pytest.mark.parametrize("value", ["off", "", "ON", "true"])
def test_any_other_word_than_on_measures_for_all_alone(rotated: Make, value: str) -> None:
    scene = rotated(**DUE)
    measure_each(scene, value)
    scene.deactivates(scene.first)
    assert measured(scene.world, "KeyDeactivated") == [(SHARED, [1.0])]


def test_nothing_that_is_said_or_measured_is_no_json(rotated: Make) -> None:
    scene = rotated(**DUE)
    scene.deactivates(scene.first)
    assert all(json.loads(line) for line in scene.world.log_lines)
