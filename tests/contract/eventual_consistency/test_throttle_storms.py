"""Everything, or one service, is throttled for a while in each step: waited out, or failed and taken up again."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import pytest

import rotate_iam_access_key.handler as key_handler
import rotate_vault_passphrase.handler as passphrase_handler
from simulator import faults
from simulator.faults import Choice
from simulator.storms import at_service, storm_of_requests, storm_of_seconds
from simulator.vaults import Layout
from simulator.world import World
from tests.contract.eventual_consistency.late_reads import failed_harmlessly_or_not_at_all
from tests.contract.iam_account import instant
from tests.contract.key_scene import STEPS, key_scene
from tests.contract.passphrase_rotation import audit_rows, boots, payloads, rotate, vault_at_noon

Record = Callable[[str, object], None]
# What each step asks, besides everything at once.
KEY_SERVICES: Final = {
    "createSecret": ("secretsmanager", "iam"),
    "setSecret": ("secretsmanager",),
    "testSecret": ("secretsmanager", "sts", "s3"),
    "finishSecret": ("secretsmanager", "iam"),
}
PASSPHRASE_SERVICES: Final = ("secretsmanager", "s3")
# Below and at the SDK's four tries of one request, and more than a whole step makes.
REQUESTS: Final = (3, 40)
# About as long as the SDK's back-off is, and longer than the service waits before its retry.
SECONDS: Final = (5.0, 90.0)


@pytest.fixture(autouse=True, scope="module")
def own_clients() -> Iterator[None]:
    """A storm uses up the SDK's allowance of retries, which clients keep: these tests leave none of theirs behind."""
    for handler in (key_handler, passphrase_handler):
        handler._clients.cache_clear()
    yield
    for handler in (key_handler, passphrase_handler):
        handler._clients.cache_clear()


def _storms(world: World, step: str, services: tuple[str, ...]) -> Iterator[Callable[[], faults.Fault]]:
    """Every storm of one step: over everything and over each service, by requests and by seconds."""
    everything = faults.in_step(step)
    yield from (partial(storm_of_requests, count, everything) for count in REQUESTS)
    yield from (partial(storm_of_seconds, world.clock, seconds, everything) for seconds in SECONDS)
    for service in services:
        among: Choice = faults.both(everything, at_service(service))
        yield partial(storm_of_seconds, world.clock, max(SECONDS), among)


@pytest.mark.parametrize("step", STEPS)
def test_a_storm_in_any_step_of_a_key_rotation_mints_no_second_key(
    world: World, record_property: Record, step: str
) -> None:
    waited_out = taken_up = 0
    for begin in _storms(world, step, KEY_SERVICES[step]):
        world.reset()
        world.clock.stand_still()
        scene = key_scene(world, world.deploy("rotate_iam_access_key", key_handler.lambda_handler))
        world.rotation_service.attempts = 12
        storm = begin()
        with world.watched_by(storm):
            record = scene.rotate()
        assert storm.hits
        failed_harmlessly_or_not_at_all(world, record)
        if "the superseded key was not marked" in " ".join(world.log_lines):
            assert {hit.service for hit in storm.hits} & {"iam"}  # the mark is best effort: AWSPREVIOUS tells as much
            scene.account.tag(f"superseded-at:{scene.first_key}", instant(world))
        scene.ended_well()
        minted = [r for r in world.requests if r.operation == "CreateAccessKey" and r.function and r.status == 200]
        assert len(minted) == 1
        assert scene.count("DeleteAccessKey") == 0
        waited_out, taken_up = waited_out + (record.attempts == 1), taken_up + (record.attempts > 1)
    assert waited_out > 0
    assert taken_up > 0
    record_property("histories", waited_out + taken_up)


@pytest.mark.parametrize("step", STEPS)
def test_a_storm_in_any_step_of_a_passphrase_rotation_loses_nothing(
    world: World, record_property: Record, step: str
) -> None:
    waited_out = taken_up = 0
    for begin in _storms(world, step, PASSPHRASE_SERVICES):
        world.reset()
        vault = vault_at_noon(world, Layout.RUNTIME)
        function = world.deploy("rotate_vault_passphrase", passphrase_handler.lambda_handler)
        payload = payloads(vault)
        world.rotation_service.attempts = 12
        storm = begin()
        with world.watched_by(storm):
            record = rotate(vault, function)
        assert storm.hits
        failed_harmlessly_or_not_at_all(world, record)
        assert payloads(vault) == payload
        assert {booted.gen for booted in boots(vault).values()} == {1}
        assert len([row for row in audit_rows(vault) if row["action"] == "rotate"]) <= 1
        waited_out, taken_up = waited_out + (record.attempts == 1), taken_up + (record.attempts > 1)
    assert waited_out > 0
    assert taken_up > 0
    record_property("histories", waited_out + taken_up)


@pytest.mark.parametrize("seconds", [1.0, 4.0, 15.0, 60.0])
@pytest.mark.parametrize("service", ["sts", "s3"])
def test_test_secret_waits_a_storm_out_within_its_time(world: World, service: str, seconds: float) -> None:
    """What is asked with the new key is asked again until the Lambda's time is over, not just as often as the SDK does."""
    world.reset()
    world.clock.stand_still()
    scene = key_scene(world, world.deploy("rotate_iam_access_key", key_handler.lambda_handler))
    with world.watched_by(storm_of_seconds(world.clock, seconds, at_service(service))):
        assert scene.rotated().attempts == 1
    scene.ended_well()
