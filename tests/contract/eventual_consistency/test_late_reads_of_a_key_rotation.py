"""Every read of a key rotation answers late, step by step; and the reads of a retry, when the first try crashed."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from rotate_iam_access_key.handler import lambda_handler
from simulator import faults
from simulator.exchange import Request
from simulator.rotation_records import RotationRecord
from simulator.world import World
from tests.contract.eventual_consistency.late_reads import (
    ATTEMPTS,
    DEPTHS,
    READ_COUNTS,
    LateRead,
    failed_harmlessly_or_not_at_all,
    in_step,
    in_the_retry,
    reads_of,
    told_otherwise,
)
from tests.contract.key_scene import STEPS, FaultKind, KeyScene, key_scene

Record = Callable[[str, object], None]
MINTED: Final = "iam:CreateAccessKey"
STORED: Final = "secretsmanager:PutSecretValue"
PROMOTED: Final = "secretsmanager:UpdateSecretVersionStage"
TRIES_OF_THE_SDK: Final = 4
# How many of the latest writes of its service the retry does not see: the one it crashed after, and the one before.
UNSEEN: Final = (1, 2)


def _fresh(world: World) -> KeyScene:
    world.reset()
    world.clock.stand_still()
    world.rotation_service.attempts = ATTEMPTS
    return key_scene(world, world.deploy("rotate_iam_access_key", lambda_handler))


def _location(world: World) -> KeyScene:
    """The secret of a user that has no key yet."""
    scene = _fresh(world)
    scene.secret.set_current(scene.location())
    scene.account.delete_key(scene.first_key)
    return scene


def _the_promoted_key_was_tested(scene: KeyScene, record: RotationRecord) -> None:
    """testSecret asked with the key itself before finishSecret promoted it."""
    tested = {request.principal for step in record.steps if step.step == "testSecret" for request in step.requests}
    assert scene.key_in() in tested


def _ended_well(scene: KeyScene, record: RotationRecord) -> None:
    failed_harmlessly_or_not_at_all(scene.world, record)
    _the_promoted_key_was_tested(scene, record)
    scene.ended_well()
    finished = scene.events("Rotation Finished")
    assert {event["superseded_access_key_id"] for event in finished} == {scene.first_key}
    assert record.version_id not in {event["previous_version_id"] for event in finished}


def _first_key_ended_well(scene: KeyScene, record: RotationRecord) -> None:
    """The end of a first rotation: one key, the one in AWSCURRENT, and no tag but the one that says it was made."""
    failed_harmlessly_or_not_at_all(scene.world, record)
    _the_promoted_key_was_tested(scene, record)
    key = scene.key_in()
    assert scene.account.statuses() == {key: "Active"}
    assert scene.account.tags().keys() <= {f"vsync-rotation:made:{key}", f"vsync-rotation:promoted-at:{key}"}


@pytest.fixture(scope="module")
def reads(running_world: World) -> dict[str, list[str]]:
    """The reads of a rotation nobody hinders, by step."""
    found = reads_of(_fresh(running_world).rotated())
    running_world.clock.run_freely()
    return found


@pytest.mark.parametrize("writes", DEPTHS)
@pytest.mark.parametrize("step", STEPS)
def test_a_late_read_in_any_step_undoes_and_deletes_nothing(
    world: World, reads: dict[str, list[str]], record_property: Record, step: str, writes: int | None
) -> None:
    histories = 0
    for action in reads[step]:
        made = max(READ_COUNTS) + 1
        for count in READ_COUNTS:
            if count >= made:
                continue  # no more reads are made than were late already: the same history
            scene = _fresh(world)
            with in_step(world, LateRead(step, action, count, writes)):
                record = scene.rotate()
            _ended_well(scene, record)
            assert (scene.count("CreateAccessKey"), scene.count("DeleteAccessKey")) == (1, 0), action
            made, histories = len(world.staleness.answers), histories + 1
    assert histories > 0
    record_property("histories", histories)


@pytest.mark.parametrize("crash", [MINTED, STORED, PROMOTED])
@pytest.mark.parametrize(
    "action",
    [
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:ListSecretVersionIds",
        "iam:ListAccessKeys",
        "iam:ListUserTags",
    ],
)
def test_a_retry_after_a_crash_believes_no_late_read(
    world: World, record_property: Record, crash: str, action: str
) -> None:
    record_property("histories", _after_a_crash(world, _fresh, _ended_well, crash, action))


@pytest.mark.parametrize("crash", [MINTED, STORED])
@pytest.mark.parametrize("action", ["secretsmanager:GetSecretValue", "iam:ListAccessKeys", "iam:ListUserTags"])
def test_a_retry_of_the_first_rotation_believes_no_late_read(
    world: World, record_property: Record, crash: str, action: str
) -> None:
    record_property("histories", _after_a_crash(world, _location, _first_key_ended_well, crash, action))


def _after_a_crash(
    world: World, begin: Callable[[World], KeyScene], judge: Callable[..., Any], crash: str, action: str
) -> int:
    """Crash after the one write, then one late read and many. Returns how many histories there were."""
    histories = 0
    for writes in UNSEEN:
        made = max(READ_COUNTS) + 1
        for count in (max(READ_COUNTS), 1):
            if count >= made:
                continue
            scene = begin(world)
            died = faults.crash_after(faults.nth(1, faults.operation(crash)))
            with world.watched_by(died), in_the_retry(world, action, count, writes):
                record = scene.rotate()
            assert len(died.hits) == 1
            judge(scene, record)
            made, histories = len(world.staleness.answers), histories + 1
    return histories


def test_an_orphan_that_was_deleted_just_now_and_is_still_listed_does_no_harm(
    world: World, record_property: Record
) -> None:
    """Crash after DeleteAccessKey: the list still shows the key, which is deleted once more."""
    for count in READ_COUNTS:
        scene = _fresh(world)
        scene.account.intend((scene.first_key,))
        orphan = scene.account.add_key().access_key_id
        died = faults.crash_after(faults.nth(1, faults.operation("DeleteAccessKey")))
        with world.watched_by(died), in_the_retry(world, "iam:ListAccessKeys", count, writes=1):
            record = scene.rotate()
        assert told_otherwise(world)
        assert orphan not in scene.account.statuses()
        _ended_well(scene, record)
    record_property("histories", len(READ_COUNTS))


@pytest.mark.parametrize("fault", [faults.lose_answer, faults.time_out])
def test_a_value_whose_every_answer_was_lost_and_that_reads_late_keeps_its_key(
    world: World, record_property: Record, fault: FaultKind
) -> None:
    """Nothing is taken back: that nothing can be read yet does not say that nothing was stored."""
    reads = (1, 2, 5, 8)
    for count in reads:
        scene = _fresh(world)
        lost = fault(faults.numbered(frozenset(range(1, TRIES_OF_THE_SDK + 1)), faults.operation(STORED)))

        def after_it(_: object, hits: list[Request] = lost.hits) -> bool:
            return bool(hits)

        world.staleness.behind("secretsmanager:GetSecretValue", range(1, count + 1), TRIES_OF_THE_SDK, after_it)
        with world.watched_by(lost):
            record = scene.rotate()
        assert len(lost.hits) == TRIES_OF_THE_SDK
        assert told_otherwise(world)
        assert (scene.count("CreateAccessKey"), scene.count("DeleteAccessKey")) == (1, 0)
        _ended_well(scene, record)
    record_property("histories", len(reads))
