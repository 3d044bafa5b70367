"""What a superseded key waits for once its overlap is over: use, consumers, the longest overlap, the deletion alarm."""

import pytest

from simulator import faults
from simulator.world import World
from tests.contract.operator_clients import operator
from tests.contract.retire.scene import Make, RetireScene, outcome_of
from vsync_rotation.memory.restarts import RestartState

WEB, API = {"consumer:web": "ecs:prod/web"}, {"consumer:api": "lambda:api"}
DONE, BEGUN, FAILED = RestartState.RESTARTED, RestartState.BEGUN, RestartState.FAILED


def held(scene: RetireScene, *, hours: float = 0) -> str:
    """A run that changes nothing and says why the superseded key has to wait."""
    found = outcome_of(scene.is_left_alone(hours=hours), scene.first)
    assert found["action"] == "held"
    return str(found["reason"])


# In use.


def test_a_key_in_use_is_held_and_service_region_and_time_are_told(rotated: Make) -> None:
    scene = rotated(overlap_hours="10", max_overlap_hours="100")
    scene.after(10)
    at = scene.used(scene.first, "dynamodb", hours_ago=3)
    reason = held(scene)
    assert all(fact in reason for fact in (at, "dynamodb", scene.world.region))
    (event,) = scene.events("Superseded Key Still In Use")
    assert event["iam_user"] == scene.account.user
    assert event["access_key_id"] == scene.first
    assert event["last_used_at"] == at
    assert (event["last_used_service"], event["last_used_region"]) == ("dynamodb", scene.world.region)
    assert (event["secret_name"], event["env"]) == (scene.secret.name, "prod")


def test_a_real_boot_with_the_old_value_holds_the_key(rotated: Make) -> None:
    scene = rotated(overlap_hours="1")
    scene.after(1).rotation.boots()
    assert "s3" in held(scene)
    scene.after(1).deactivates(scene.first)


def test_a_key_is_free_when_it_was_quiet_for_its_overlap(rotated: Make) -> None:
    scene = rotated(overlap_hours="10", max_overlap_hours="100")
    scene.after(10).used(scene.first)
    held(scene, hours=9.9)
    scene.after(0.1).deactivates(scene.first)


def test_the_longest_overlap_ends_the_wait_also_for_a_key_in_use(rotated: Make) -> None:
    scene = rotated(overlap_hours="1", max_overlap_hours="2.5")
    scene.after(2.4).used(scene.first)
    held(scene)
    scene.after(0.1).used(scene.first)
    summary = scene.deactivates(scene.first)
    assert "longest overlap" in outcome_of(summary, scene.first)["reason"]


def test_a_last_use_that_may_not_be_read_counts_as_use_and_its_details_are_null(rotated: Make) -> None:
    scene = rotated(overlap_hours="1", max_overlap_hours="2")
    denied = faults.deny(faults.operation("iam:GetAccessKeyLastUsed"))
    with scene.world.watched_by(denied):
        assert "may not be read" in held(scene, hours=1.5)
        (event,) = scene.events("Superseded Key Still In Use")
        assert {event[f"last_used_{what}"] for what in ("at", "service", "region")} == {None}
        scene.after(0.5).deactivates(scene.first)
    assert denied.hits


def test_a_last_use_that_could_not_be_read_ends_the_run_and_changes_nothing(rotated: Make) -> None:
    scene = rotated(overlap_hours="1")
    with scene.world.watched_by(faults.fail_inside(faults.operation("iam:GetAccessKeyLastUsed"))):
        (error,) = scene.is_left_alone(hours=1)["errors"]
    assert (error["error"], error["retryable"]) == ("UnreachableError", True)


# Consumers.


def test_a_consumer_that_has_not_restarted_holds_the_key_and_is_named(rotated: Make) -> None:
    scene = rotated(overlap_hours="1", **WEB, **API)
    scene.restarts(api=DONE)
    found = outcome_of(scene.is_left_alone(hours=1), scene.first)
    assert (found["action"], found["consumers"]) == ("held", ["web"])
    (event,) = scene.events("Superseded Key Held")
    assert (event["access_key_id"], event["consumers"]) == (scene.first, ["web"])
    scene.restarts(api=DONE, web=DONE)
    scene.after(1).deactivates(scene.first)


@pytest.mark.parametrize("state", [BEGUN, FAILED])
def test_a_restart_that_is_not_complete_is_none(rotated: Make, state: RestartState) -> None:
    scene = rotated(overlap_hours="1", **WEB)
    scene.restarts(web=state)
    held(scene, hours=1)


def test_a_restart_for_another_version_is_none(rotated: Make) -> None:
    scene = rotated(overlap_hours="1", **WEB)
    scene.restarts(web=DONE)
    scene.secret.set_current(scene.secret.value() + "")
    held(scene, hours=1)


def test_a_restart_of_another_target_under_the_same_name_is_none(rotated: Make) -> None:
    scene = rotated(overlap_hours="1", **WEB)
    scene.restarts(web=DONE)
    scene.secret.tag("consumer:web", "ecs:prod/other")
    held(scene, hours=1)


@pytest.mark.parametrize("text", ["{", '{"version_id": "v", "consumers": {"web": {}}}'])
def test_a_damaged_parameter_is_no_record(rotated: Make, text: str) -> None:
    scene = rotated(overlap_hours="1", **WEB)
    scene.record(text)
    held(scene, hours=1)


def test_a_parameter_that_may_not_be_read_holds_the_key(rotated: Make) -> None:
    scene = rotated(overlap_hours="1", max_overlap_hours="3", **WEB)
    scene.restarts(web=DONE)
    denied = faults.deny(faults.operation("ssm:GetParameter"))
    with scene.world.watched_by(denied):
        held(scene, hours=1)
        assert denied.hits
        scene.after(2).deactivates(scene.first)


def test_the_longest_overlap_does_not_wait_for_a_consumer(rotated: Make) -> None:
    scene = rotated(overlap_hours="1", max_overlap_hours="2", **WEB)
    held(scene, hours=1.9)
    scene.after(0.1).deactivates(scene.first)


# The deletion alarm.


def alarm(world: World, state: str) -> None:
    cloudwatch = operator(world, "cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="old-key-in-use", Namespace="Vault", MetricName="Uses", Statistic="Sum", Period=300,
        EvaluationPeriods=1, Threshold=0, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    cloudwatch.set_alarm_state(AlarmName="old-key-in-use", StateValue=state, StateReason="set by a test")


@pytest.mark.parametrize("state", ["ALARM", "INSUFFICIENT_DATA", None])
def test_an_alarm_that_is_not_ok_holds_the_deletion_and_not_the_deactivation(rotated: Make, state: str | None) -> None:
    scene = rotated(overlap_hours="1", inactive_hours="1", deletion_alarm="old-key-in-use")
    if state is not None:
        alarm(scene.world, state)
    scene.after(1).deactivates(scene.first)
    assert "old-key-in-use" in held(scene, hours=1000)
    alarm(scene.world, "OK")
    scene.after(1).deletes(scene.first)


def test_an_alarm_that_may_not_be_read_deletes_nothing(rotated: Make) -> None:
    scene = rotated(overlap_hours="1", inactive_hours="1", deletion_alarm="old-key-in-use")
    scene.after(1).deactivates(scene.first)
    with scene.world.watched_by(faults.deny(faults.operation("DescribeAlarms"))):
        (error,) = scene.is_left_alone(hours=100)["errors"]
    assert "DescribeAlarms" in error["message"]


def test_the_alarm_is_asked_for_by_its_name_among_both_kinds(rotated: Make) -> None:
    """moto has no composite alarms: what is asked and how both kinds are answered is in tests/unit/aws."""
    scene = rotated(overlap_hours="1", inactive_hours="1", deletion_alarm="old-key-in-use")
    alarm(scene.world, "OK")
    scene.after(1).deactivates(scene.first)
    scene.after(1).deletes(scene.first)
    asked = [request for request in scene.world.requests if request.operation == "DescribeAlarms" and request.function]
    assert asked


# A key that was used after it was deactivated.


def test_a_use_after_the_deactivation_makes_the_inactive_hours_begin_anew(rotated: Make) -> None:
    """It was Active in between, whatever the mark says."""
    scene = rotated(overlap_hours="1", inactive_hours="10")
    scene.after(1).deactivates(scene.first)
    scene.after(6).used(scene.first)
    scene.is_left_alone(hours=9.9)
    scene.after(0.1).deletes(scene.first)


def test_a_denied_last_use_holds_the_deletion(rotated: Make) -> None:
    scene = rotated(overlap_hours="1", inactive_hours="1")
    scene.after(1).deactivates(scene.first)
    with scene.world.watched_by(faults.deny(faults.operation("iam:GetAccessKeyLastUsed"))):
        held(scene, hours=100)
    scene.deletes(scene.first)
