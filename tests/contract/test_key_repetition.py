"""Every step may come again, at once or after the whole rotation: the second time changes nothing."""

from contextlib import suppress

import pytest

from simulator import faults
from simulator.world import World
from tests.contract.key_scene import STEPS, KeyScene, key_scene

READS = {"DescribeSecret", "GetSecretValue", "ListSecretVersionIds", "ListAccessKeys", "ListUserTags", "GetUser"}


def _operations_since(scene: KeyScene, first: int) -> set[str]:
    return {request.operation for request in scene.world.requests[first:] if request.function is not None}


@pytest.mark.parametrize("repeated", STEPS)
def test_a_step_that_comes_twice_does_its_work_once(world: World, key_function: str, repeated: str) -> None:
    scene = key_scene(world, key_function)
    version_id = scene.begin()
    for step in STEPS:
        scene.step(step, version_id)
        if step == repeated:
            before = scene.snapshot()
            scene.step(step, version_id)
            assert scene.snapshot() == before
    scene.ended_well()
    assert (
        scene.count("CreateAccessKey") == scene.count("PutSecretValue") == scene.count("UpdateSecretVersionStage") == 1
    )


def test_every_step_may_come_twice_in_one_rotation(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    version_id = scene.begin()
    for step in STEPS:
        scene.step(step, version_id)
        scene.step(step, version_id)
    scene.ended_well()
    assert scene.count("CreateAccessKey") == 1


def test_a_finished_rotation_that_is_run_again_changes_nothing(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    version_id = scene.rotated().version_id
    before, events = scene.snapshot(), len(scene.events("Rotation Finished"))
    for step in STEPS:
        scene.step(step, version_id)
    assert scene.snapshot() == before
    again = scene.events("Rotation Finished")[events:]
    assert {event["version_id"] for event in again} <= {version_id}
    assert scene.events("Rotation Step Failed") == []


def test_create_secret_does_nothing_once_the_version_has_a_value(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    version_id = scene.begin()
    scene.step("createSecret", version_id)
    before, first = scene.snapshot(), len(world.requests)
    scene.step("createSecret", version_id)
    assert _operations_since(scene, first) <= READS
    assert scene.snapshot() == before


def test_create_secret_removes_an_intent_that_outlived_the_stored_value(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    scene.order()
    with world.watched_by(faults.crash_after(faults.nth(1, faults.operation("PutSecretValue")))):
        scene.rotated_by_retry()
    scene.ended_well()
    assert scene.count("CreateAccessKey") == 1


def test_finish_secret_after_the_label_moved_completes_the_tag_and_tells_again(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    record = scene.rotated()
    (told,) = scene.events("Rotation Finished")
    scene.account.untag(f"superseded-at:{scene.first_key}")
    scene.step("finishSecret", record.version_id)
    scene.ended_well()
    again = scene.events("Rotation Finished")[-1]
    assert len(scene.events("Rotation Finished")) == 2
    assert {**again, "at": None} == {**told, "at": None}


def test_finish_secret_never_marks_the_new_key(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    record = scene.rotated()
    new = scene.key_in()
    for _ in range(3):
        scene.step("finishSecret", record.version_id)
    assert f"vsync-rotation:superseded-at:{new}" not in scene.account.tags()
    assert scene.account.statuses()[new] == "Active"


def test_a_repeated_finish_secret_keeps_the_time_of_the_promotion(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    record = scene.rotated()
    superseded = scene.account.tags()[f"vsync-rotation:superseded-at:{scene.first_key}"]
    world.clock.advance(3 * 3600)
    scene.step("finishSecret", record.version_id)
    assert scene.account.tags()[f"vsync-rotation:superseded-at:{scene.first_key}"] == superseded


def test_finish_secret_does_not_mark_a_key_of_an_earlier_rotation(world: World, key_function: str) -> None:
    """Its version is current no longer: a late repetition is refused and touches no key."""
    scene = key_scene(world, key_function)
    first = scene.rotated().version_id
    scene.account.delete_key(scene.first_key)
    second_record = scene.rotated()
    before = scene.snapshot()
    error = scene.failure_of("finishSecret", first)
    assert type(error).__name__ == "ContractError"
    assert scene.snapshot() == before
    assert scene.secret.holder("AWSCURRENT") == second_record.version_id


def test_two_createsecrets_at_once_keep_the_winners_key(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    version_id = scene.begin()
    twin = faults.meanwhile(
        faults.nth(1, faults.operation("CreateAccessKey")), lambda: scene.step("createSecret", version_id)
    )
    with world.watched_by(twin):
        scene.failure_of("createSecret", version_id)
    winner = scene.key_in("AWSPENDING")
    assert scene.account.statuses() == {scene.first_key: "Active", winner: "Active"}
    for step in STEPS:
        scene.step(step, version_id)
    assert scene.key_in() == winner
    scene.ended_well()


def test_two_createsecrets_at_once_on_a_location_never_delete_the_winners_key(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    scene.account.delete_key(scene.first_key)
    scene.secret.set_current(scene.location())
    version_id = scene.begin()
    twin = faults.meanwhile(
        faults.nth(1, faults.operation("CreateAccessKey")), lambda: scene.step("createSecret", version_id)
    )
    # The loser may fail or find the winner's value; what counts is what it leaves.
    with world.watched_by(twin), suppress(Exception):
        scene.step("createSecret", version_id)
    winner = scene.key_in("AWSPENDING")
    for step in STEPS:
        scene.step(step, version_id)
    assert scene.key_in() == winner
    assert scene.account.statuses()[winner] == "Active"
    scene.vault.boot()
