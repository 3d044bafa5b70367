"""A read that fails for a whole attempt, whichever it is: nothing is minted, nothing deleted, and a retry completes."""

from collections.abc import Callable
from typing import Final

import pytest

from rotate_iam_access_key.handler import lambda_handler
from simulator import faults
from simulator.exchange import Request
from simulator.rotation_records import Outcome
from simulator.world import World
from tests.contract.key_scene import STEPS, FaultKind, KeyScene, key_scene

READS: Final = ("Describe", "Get", "List", "Head")


def _fresh(world: World) -> KeyScene:
    """A new scene in an emptied world: a history of its own."""
    world.reset()
    world.clock.stand_still()
    return key_scene(world, world.deploy("rotate_iam_access_key", lambda_handler))


def _safe(scene: KeyScene) -> None:
    """What holds at every moment: the first key lives, at most two keys, the vault as it was, applications start."""
    keys = scene.account.statuses()
    assert keys[scene.first_key] == "Active"
    assert len(keys) <= 2
    assert keys[scene.key_in()] == "Active"
    assert scene.secret.holder("AWSCURRENT") is not None
    scene.boots()


def _reads_of(world: World, step: str) -> list[str]:
    """The reading operations the step makes with the function's own credentials, each once."""
    record = _fresh(world).rotated()
    requests = [request for found in record.steps if found.step == step for request in found.requests]
    return sorted({request.action for request in requests if request.operation.startswith(READS)})


def _in(step: str, action: str) -> Callable[[Request], bool]:
    return faults.both(faults.in_step(step), faults.operation(action))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", [faults.deny])
def test_a_read_that_fails_mints_nothing_and_deletes_nothing(world: World, fault: FaultKind, step: str) -> None:
    actions = _reads_of(world, step)
    assert "secretsmanager:DescribeSecret" in actions
    for action in actions:
        scene = _fresh(world)
        world.rotation_service.attempts = 1
        trouble = fault(_in(step, action))
        with world.watched_by(trouble):
            record = scene.rotate()
        assert trouble.hits
        assert (record.outcome, record.steps[-1].step) == (Outcome.FAILED, step), action
        assert scene.count("DeleteAccessKey") == scene.count("UpdateAccessKey") == 0, action
        assert scene.count("CreateAccessKey") == (0 if step == "createSecret" else 1), action
        assert scene.secret.value() == scene.first_config, action
        _safe(scene)
        scene.resumed()
        scene.ended_well()
        assert world.leaks() == []


@pytest.mark.parametrize("fault", [faults.deny, faults.lose_request])
def test_a_failing_read_beside_an_orphan_deletes_no_key(world: World, fault: FaultKind) -> None:
    """Every read of createSecret with a second key present, among them those that only then are made."""
    actions = [a for a in _reads_with_an_orphan(world) if not a.startswith("sts:")]
    assert "secretsmanager:ListSecretVersionIds" in actions
    for action in actions:
        scene, orphan = _with_orphan(world)
        world.rotation_service.attempts = 1
        trouble = fault(_in("createSecret", action))
        with world.watched_by(trouble):
            record = scene.rotate()
        assert trouble.hits
        assert record.outcome is Outcome.FAILED, action
        assert scene.account.statuses() == {scene.first_key: "Active", orphan: "Active"}, action
        scene.resumed()
        assert orphan not in scene.account.statuses()
        scene.ended_well()
        assert world.leaks() == []


def _with_orphan(world: World) -> tuple[KeyScene, str]:
    scene = _fresh(world)
    scene.account.intend((scene.first_key,))
    return scene, scene.account.add_key().access_key_id


def _reads_with_an_orphan(world: World) -> list[str]:
    scene, _ = _with_orphan(world)
    record = scene.rotated()
    requests = [request for step in record.steps if step.step == "createSecret" for request in step.requests]
    return sorted({request.action for request in requests if request.operation.startswith(READS)})
