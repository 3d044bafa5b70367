"""A new access key is known to STS and S3 at different times, and not for good at first: testSecret waits it out."""

from collections.abc import Callable
from itertools import product
from typing import Final

import pytest

from rotate_iam_access_key.handler import lambda_handler
from simulator.vaults import Layout
from simulator.world import World
from tests.contract.key_scene import KeyScene, key_scene, step_of

Record = Callable[[str, object], None]
FORMS: Final = (*Layout, "location")
# Pauses double from half a second to eight: this many refusals take about a minute and a half.
MANY: Final = 16


def _scene(world: World, form: str, timeout_seconds: float = 900.0) -> KeyScene:
    world.reset()
    world.clock.stand_still()
    function = world.deploy("rotate_iam_access_key", lambda_handler, timeout_seconds=timeout_seconds)
    scene = key_scene(world, function, Layout.RUNTIME if form == "location" else Layout(form))
    if form == "location":
        scene.secret.set_current(scene.location())
        scene.account.delete_key(scene.first_key)
    return scene


def _ended_well(scene: KeyScene, form: str) -> None:
    if form == "location":
        assert scene.account.statuses() == {scene.key_in(): "Active"}
    else:
        scene.ended_well()
    assert scene.world.leaks() == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("first", "second"), [("sts", "s3"), ("s3", "sts")])
def test_a_key_known_to_one_service_before_the_other_is_waited_for(
    world: World, record_property: Record, form: str, first: str, second: str
) -> None:
    uses = (3, MANY)
    for late in uses:
        scene = _scene(world, form)
        world.propagation.delay(first, uses=late // 2)
        world.propagation.delay(second, uses=late)
        assert scene.rotated().attempts == 1
        _ended_well(scene, form)
    record_property("histories", len(uses))


def test_no_pattern_of_answers_lets_a_flapping_key_pass_before_three_successes_in_a_row(
    world: World, record_property: Record
) -> None:
    """Every pattern of the first four answers of one service."""
    patterns = list(product((True, False), repeat=4))
    scene = _scene(world, "runtime")
    version_id = scene.begin()
    scene.step("createSecret", version_id)
    for service, pattern in product(("sts", "s3"), patterns):
        refused = {number for number, is_known in enumerate(pattern, 1) if not is_known}
        world.propagation.settle()
        world.propagation.refuse(service, refused, of=scene.account.statuses().keys() - {scene.first_key})
        asked = len(world.requests)
        scene.step("testSecret", version_id)
        answers = [r.status == 200 for r in world.requests[asked:] if r.service == service]
        assert [run for run in range(len(answers) - 2) if all(answers[run : run + 3])] == [len(answers) - 3]
        if service == "sts":  # after a refusal S3 is asked for the other pointer too
            assert answers == _until_three_in_a_row(pattern)
    record_property("histories", 2 * len(patterns))


def _until_three_in_a_row(pattern: tuple[bool, ...]) -> list[bool]:
    answers: list[bool] = []
    for is_known in (*pattern, True, True, True):
        answers.append(is_known)
        if answers[-3:] == [True] * 3:
            break
    return answers


@pytest.mark.parametrize("service", ["sts", "s3"])
def test_the_wait_ends_with_the_lambdas_time_and_the_retry_goes_on_with_the_same_key(
    world: World, record_property: Record, service: str
) -> None:
    """Time-outs around what the pauses add up to; too short ones fail retryably and undo nothing."""
    failures = histories = 0
    for seconds, late in product((3.0, 8.0, 20.0), (1, 3, 5)):
        scene = _scene(world, "runtime", timeout_seconds=seconds)
        world.propagation.delay(service, uses=late)
        record = scene.rotated()
        _ended_well(scene, "runtime")
        assert (scene.count("CreateAccessKey"), scene.count("DeleteAccessKey")) == (1, 0)
        assert all(step.ms < seconds * 1000 for step in record.steps)
        for told in scene.events("Rotation Step Failed"):
            assert (told["step"], told["retryable"]) == ("testSecret", True)
            assert "let it be tried again" in told["message"]
        failures, histories = failures + (record.attempts > 1), histories + 1
        assert {request.principal for request in step_of(record, "testSecret", record.attempts).requests} >= {
            scene.key_in()
        }
    assert 0 < failures < histories  # the limit lies within what was tried
    record_property("histories", histories)
