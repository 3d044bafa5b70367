"""The rotation service: steps, attempts, abandonment, the test-only call, rotation tokens, the trail."""

from functools import partial
from typing import Any

import boto3
import pytest

from simulator.functions import FunctionCrashed
from simulator.rotation_records import RotationRecord
from simulator.trail import TrailEvent
from simulator.world import World

A, B = "a" * 32, "b" * 32
STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"]


@pytest.fixture
def secret(sm: Any) -> str:
    return str(sm.create_secret(Name="repo/env/s", SecretString="a value", ClientRequestToken=A)["ARN"])


class Recorder:
    """Keeps the events it was given, then does what the function it wraps does."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.events: list[dict[str, Any]] = []
        self.remaining: list[int] = []
        self.fail_first: dict[str, int] = {}

    def __call__(self, event: dict[str, Any], context: Any) -> None:
        self.events.append(event)
        self.remaining.append(context.get_remaining_time_in_millis())
        if self.fail_first.get(event["Step"], 0) > 0:
            self.fail_first[event["Step"]] -= 1
            raise RuntimeError(f"{event['Step']} fails")
        self.inner(event, context)


@pytest.fixture
def function(rotate: Any) -> Recorder:
    return Recorder(rotate)


def rotated(world: World, function: Recorder, **details: Any) -> RotationRecord:
    arn = world.deploy("f", function, timeout_seconds=30)
    world.client("secretsmanager").rotate_secret(SecretId="repo/env/s", RotationLambdaARN=arn, **details)
    [record] = world.rotation_service.run()
    return record


def trail(world: World) -> list[TrailEvent]:
    return [entry.event for entry in world.trail]


def test_the_four_steps_run_in_order_with_the_full_arn_and_the_token(
    world: World, secret: str, function: Recorder
) -> None:
    record = rotated(world, function, ClientRequestToken=B)
    assert function.events == [{"Step": step, "SecretId": secret, "ClientRequestToken": B} for step in STEPS]
    assert (record.outcome, record.attempts, record.error) == ("succeeded", 1, None)


def test_the_record_counts_the_requests_of_each_step(world: World, secret: str, function: Recorder) -> None:
    record = rotated(world, function)
    assert [(step.step, step.calls) for step in record.steps] == [
        ("createSecret", 1),
        ("setSecret", 0),
        ("testSecret", 0),
        ("finishSecret", 2),
    ]
    assert [request.operation for request in record.steps[3].requests] == ["DescribeSecret", "UpdateSecretVersionStage"]


def test_a_failing_step_repeats_the_whole_rotation_with_the_same_token(
    world: World, secret: str, function: Recorder
) -> None:
    function.fail_first = {"testSecret": 1}
    record = rotated(world, function)
    assert [step.step for step in record.steps] == [*STEPS[:3], *STEPS]
    assert len({event["ClientRequestToken"] for event in function.events}) == 1
    assert (record.outcome, record.attempts) == ("succeeded", 2)


def test_a_rotation_that_keeps_failing_leaves_its_pending_version(
    world: World, sm: Any, secret: str, function: Recorder
) -> None:
    function.fail_first = {"createSecret": 99}
    world.rotation_service.attempts = 3
    record = rotated(world, function)
    assert (record.outcome, record.attempts, record.error, record.message) == (
        "failed",
        3,
        "RuntimeError",
        "createSecret fails",
    )
    assert sm.describe_secret(SecretId=secret)["VersionIdsToStages"] == {
        A: ["AWSCURRENT"],
        record.version_id: ["AWSPENDING"],
    }
    assert trail(world) == [TrailEvent.ROTATION_STARTED, TrailEvent.ROTATION_FAILED]


def test_a_crash_fails_the_attempt_like_an_error(world: World, secret: str, function: Recorder) -> None:
    crashes = iter([True, False])
    inner = function.inner

    def crash_once(event: dict[str, Any], context: Any) -> None:
        if event["Step"] == "setSecret" and next(crashes):
            raise FunctionCrashed("out of memory")
        inner(event, context)

    function.inner = crash_once
    record = rotated(world, function)
    assert (record.outcome, record.attempts, record.steps[1].error) == ("succeeded", 2, "FunctionCrashed")
    assert [type(raised.error) for raised in world.raised] == [FunctionCrashed]


def test_attempts_are_spaced_by_the_clock(world: World, secret: str, function: Recorder) -> None:
    world.clock.stand_still()
    began = world.clock.now()
    function.fail_first = {"createSecret": 2}
    rotated(world, function)
    assert (world.clock.now() - began).total_seconds() == 120


def test_a_value_changed_by_hand_abandons_the_rotation(world: World, sm: Any, secret: str, function: Recorder) -> None:
    def by_hand(step: str, _attempt: int) -> None:
        if step == "setSecret":
            sm.update_secret(SecretId=secret, SecretString="by hand", ClientRequestToken="h" * 32)

    world.rotation_service.before_step = by_hand
    record = rotated(world, function)
    assert ([step.step for step in record.steps], record.outcome) == (["createSecret"], "abandoned")
    labels = sm.describe_secret(SecretId=secret)["VersionIdsToStages"]
    assert labels == {A: ["AWSPREVIOUS"], "h" * 32: ["AWSCURRENT"]}
    assert TrailEvent.ROTATION_ABANDONED in trail(world)


def test_a_value_changed_by_hand_before_the_first_step_abandons_too(
    world: World, sm: Any, secret: str, function: Recorder
) -> None:
    sm.rotate_secret(SecretId=secret, RotationLambdaARN=world.deploy("f", function))
    sm.update_secret(SecretId=secret, SecretString="by hand")
    assert world.rotation_service.run() == []
    assert [record.outcome for record in world.rotation_service.records] == ["abandoned"]
    assert function.events == []


def test_after_an_abandoned_rotation_the_next_one_is_accepted(
    world: World, sm: Any, secret: str, function: Recorder
) -> None:
    sm.rotate_secret(SecretId=secret, RotationLambdaARN=world.deploy("f", function))
    sm.update_secret(SecretId=secret, SecretString="by hand")
    assert rotated(world, function).outcome == "succeeded"


def test_cancelling_stops_before_the_next_step_and_leaves_the_label(
    world: World, sm: Any, secret: str, function: Recorder
) -> None:
    def cancel(step: str, _attempt: int) -> None:
        if step == "testSecret":
            sm.cancel_rotate_secret(SecretId=secret)

    world.rotation_service.before_step = cancel
    record = rotated(world, function)
    assert ([step.step for step in record.steps], record.outcome) == (["createSecret", "setSecret"], "failed")
    seen = sm.describe_secret(SecretId=secret)
    assert (seen["RotationEnabled"], seen["VersionIdsToStages"][record.version_id]) == (False, ["AWSPENDING"])


def test_rotating_later_only_tests_on_a_version_that_goes_away_again(
    world: World, sm: Any, secret: str, function: Recorder, code_of: Any
) -> None:
    found: list[str] = []

    def look(event: dict[str, Any], _context: object) -> None:
        found.append(code_of(partial(sm.get_secret_value, SecretId=secret, VersionId=event["ClientRequestToken"])))

    function.inner = look
    record = rotated(world, function, RotateImmediately=False, RotationRules={"AutomaticallyAfterDays": 30})
    assert [event["Step"] for event in function.events] == ["testSecret"]
    assert found == ["ResourceNotFoundException"]
    assert record.outcome == "succeeded"
    assert sm.describe_secret(SecretId=secret)["VersionIdsToStages"] == {A: ["AWSCURRENT"]}
    assert trail(world) == [TrailEvent.TEST_ROTATION_STARTED, TrailEvent.TEST_ROTATION_SUCCEEDED]


def test_a_failed_test_only_call_removes_its_version_too(
    world: World, sm: Any, secret: str, function: Recorder
) -> None:
    function.fail_first = {"testSecret": 1}
    assert rotated(world, function, RotateImmediately=False).outcome == "failed"
    assert sm.describe_secret(SecretId=secret)["VersionIdsToStages"] == {A: ["AWSCURRENT"]}


def test_a_rotation_token_goes_with_every_step_and_opens_the_put(world: World, secret: str, function: Recorder) -> None:
    world.rotation_service.send_rotation_tokens = True
    assert rotated(world, function).outcome == "succeeded"
    [token] = {event["RotationToken"] for event in function.events}
    assert 36 <= len(token) <= 256


@pytest.mark.parametrize("given", [{}, {"RotationToken": "x" * 40}])
def test_a_put_without_the_rotation_token_is_denied(
    world: World, secret: str, function: Recorder, given: dict[str, str]
) -> None:
    def forgetful(event: dict[str, Any], _context: object) -> None:
        boto3.client("secretsmanager").put_secret_value(
            SecretId=event["SecretId"],
            ClientRequestToken=event["ClientRequestToken"],
            SecretString="new",
            VersionStages=["AWSPENDING"],
            **given,
        )

    world.rotation_service.send_rotation_tokens = True
    world.rotation_service.attempts = 1
    function.inner = forgetful
    record = rotated(world, function)
    assert record.error == "ClientError"
    assert "AccessDeniedException" in str(record.message)


def test_finishing_without_moving_the_label_is_a_failure(world: World, secret: str, function: Recorder) -> None:
    function.inner = lambda *_: None
    record = rotated(world, function)
    assert (record.outcome, record.reason) == (
        "failed",
        "finishSecret returned, but AWSCURRENT is on another version",
    )


def test_the_deadline_counts_down_from_the_time_out(world: World, secret: str, function: Recorder) -> None:
    rotated(world, function)
    assert all(29_000 < left <= 30_000 for left in function.remaining)


def test_a_single_step_can_be_invoked_by_hand(world: World, sm: Any, secret: str, function: Recorder) -> None:
    world.deploy("f", function)
    version = world.begin_rotation(secret)
    world.invoke("f", {"Step": "createSecret", "SecretId": secret, "ClientRequestToken": version}, remaining_ms=500)
    assert sm.get_secret_value(SecretId=secret, VersionId=version)["SecretString"] == f"new value of {version}"
    assert function.remaining[0] <= 500


def test_what_a_function_raises_is_recorded_and_raised_on(world: World, function: Recorder) -> None:
    function.fail_first = {"createSecret": 1}
    arn = world.deploy("f", function)
    with pytest.raises(RuntimeError, match="createSecret fails"):
        world.invoke(arn, {"Step": "createSecret"})
    assert [(raised.function, raised.step, type(raised.error)) for raised in world.raised] == [
        ("f", "createSecret", RuntimeError)
    ]


def test_label_updates_are_on_the_trail_but_for_pending_and_previous(
    world: World, secret: str, function: Recorder
) -> None:
    record = rotated(world, function)
    updates = [(e.label, e.version_id) for e in world.trail if e.event is TrailEvent.LABEL_UPDATED]
    assert updates == [("AWSCURRENT", record.version_id)]
