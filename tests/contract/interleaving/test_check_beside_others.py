"""Vaults are checked while they are rotated and pushed to, and while another check is under way.

Beside setSecret and finishSecret of a rotation that is under way all schedules with at most one preemption; the same for
the completion of a torn one beside the service's retry of it, and for a vault being healed: beside a push, beside the
attempt of a rotation, and beside another check.

What may not be: that a push is lost, or a rotation's work; that AWSCURRENT does not open the vault when both are done,
but for a push under the previous passphrase that came too late, which the next check heals; that anything is counted
twice.
"""

import pytest

from simulator import faults
from simulator.functions import FunctionCrashed
from simulator.interleaving import Actor, Play
from simulator.vaults import FIRST_PASSPHRASE, Layout, Vault
from simulator.world import World
from tests.contract.glance import Side, glance
from tests.contract.interleaving.care import checking, said
from tests.contract.interleaving.conftest import Search
from tests.contract.interleaving.environments import CHECK, deploy_passphrase_function
from tests.contract.interleaving.rotations import STEPS
from tests.contract.interleaving.scenes import (
    Scene,
    assert_counted,
    assert_labels_legal,
    assert_passphrase_rotated,
    assert_quiet,
    assert_vault_opens,
    completed,
    continuing,
    starting,
)
from tests.contract.passphrase_rotation import moving_the_label, succeeded
from tests.contract.secret_versions import SecretVersions
from vsync_rotation.errors import ConcurrentChangeError

HOUR = 3600
QUARTER_OF_AN_HOUR = 15 * 60
STALE_PUSH = b'{"kv":{"GREETING":"stale"},"assets":{}}'
LATER_PUSH = b'{"kv":{"GREETING":"later"},"assets":{}}'


@pytest.mark.parametrize(
    ("step", "layout"), [("setSecret", Layout.RUNTIME), ("finishSecret", Layout.RUNTIME), ("finishSecret", Layout.BOTH)]
)
def test_a_check_beside_a_rotation_under_way_has_nothing_to_do(
    world: World, search: Search, step: str, layout: Layout
) -> None:
    def judge(scene: Scene, play: Play) -> None:
        assert_nothing_found(play)
        scene.passphrase.steps(STEPS[STEPS.index(step) + 1 :])
        assert_passphrase_rotated(scene)
        assert drift(scene) == []

    search(
        starting(world, layout, passphrase_steps=STEPS[: STEPS.index(step)]),
        lambda scene: [scene.passphrase.only([step]), checking(scene)],
        judge,
        preemptions=1,
    )


def assert_nothing_found(play: Play) -> None:
    """At most it met a label on the move, and left the vault to the next check."""
    ending = play.endings["check"]
    if ending.error is not None:
        assert isinstance(ending.error, ConcurrentChangeError)
    else:
        assert {found["action"] for found in said(play, "check")} <= {"left alone"}


def drift(scene: Scene) -> list[str]:
    """The reasons of the drifts that were reported."""
    events = scene.world.events
    return [str(event.detail["reason"]) for event in events if event.detail_type == "Vault Drift Detected"]


def torn(world: World, layout: Layout) -> Scene:
    """Killed between the last pointer and the label, twenty minutes ago."""
    scene = starting(world, layout, passphrase_steps=STEPS[:3])()
    died = faults.crash_before(faults.nth(1, moving_the_label))
    with world.watched_by(died), pytest.raises(FunctionCrashed):
        scene.passphrase.step("finishSecret")
    world.clock.advance(20 * 60)
    return scene


@pytest.mark.parametrize("layout", [Layout.RUNTIME])
def test_a_torn_rotation_completed_by_a_check_beside_the_service_that_tries_it_again(
    world: World, search: Search, layout: Layout
) -> None:
    search(
        continuing(torn(world, layout)),
        lambda scene: [scene.passphrase.finishing(), checking(scene)],
        lambda scene, _play: assert_passphrase_rotated(scene),
        preemptions=1,
    )


def pushed_with_the_old_one(vault: Vault) -> None:
    """A rotation, and hours later a laptop that has not heard of it. The vault is to be healed."""
    world = vault.world
    secret = SecretVersions(world, vault.passphrase_secret)
    secret.tag("heal", "on")
    secret.manager.rotate_secret(SecretId=secret.name, RotationLambdaARN=deploy_passphrase_function(world))
    (record,) = world.rotation_service.run()
    succeeded(record)
    world.clock.advance(HOUR)
    push(vault, FIRST_PASSPHRASE, STALE_PUSH)


def push(vault: Vault, passphrase: str, payload: bytes) -> None:
    """To the runtime layout, now."""
    at = vault.world.clock.now().strftime("%Y%m%d-%H%M%S")
    vault.laptop_with(passphrase).publish_payload(at, payload)


def healed_at_last(scene: Scene, payload: bytes) -> None:
    """At the latest by the next check, with the push that came last; nothing was rotated, so nothing is counted."""
    scene.world.invoke(CHECK, {"secret_id": scene.vault.passphrase_secret})
    assert_vault_opens(scene, {"runtime": payload})
    assert_labels_legal(scene.passphrases)
    assert_quiet(scene)
    assert set(drift(scene)) <= {"opens-with-previous"}


@pytest.mark.parametrize("knows", ["AWSCURRENT", "AWSPREVIOUS"])
def test_a_push_beside_a_check_that_heals(world: World, search: Search, knows: str) -> None:
    def laptop(scene: Scene) -> Actor:
        passphrase = str(glance(scene.vault).secrets[Side.PASSPHRASE].value(knows))
        scene.world.clock.advance(60)
        return Actor("laptop", lambda: push(scene.vault, passphrase, LATER_PUSH))

    def judge(scene: Scene, _play: Play) -> None:
        healed_at_last(scene, LATER_PUSH)
        assert_counted(scene, 1)

    search(
        starting(world, Layout.RUNTIME, prepare=pushed_with_the_old_one),
        lambda scene: [checking(scene), laptop(scene)],
        judge,
        preemptions=1,
    )


def test_two_checks_that_heal_at_once(world: World, search: Search) -> None:
    def judge(scene: Scene, _play: Play) -> None:
        healed_at_last(scene, STALE_PUSH)
        assert_counted(scene, 1)

    search(
        starting(world, Layout.RUNTIME, prepare=pushed_with_the_old_one),
        lambda scene: [checking(scene, "one"), checking(scene, "other")],
        judge,
        preemptions=1,
    )


def test_a_rotation_beside_a_check_that_heals(world: World, search: Search) -> None:
    """A rotation that comes first is refused, and keeps the check from healing for a quarter of an hour."""

    def service(scene: Scene) -> Actor:
        def act() -> None:
            world.rotation_service.attempts = 1
            manager, name = scene.passphrases.manager, scene.passphrases.name
            manager.rotate_secret(SecretId=name, RotationLambdaARN=scene.passphrase.function)
            world.rotation_service.run()

        return Actor("service", act)

    def judge(scene: Scene, _play: Play) -> None:
        world.clock.advance(QUARTER_OF_AN_HOUR)
        world.invoke(CHECK, {"secret_id": scene.vault.passphrase_secret})
        completed(scene, scene.passphrases, scene.passphrase.function)
        assert_vault_opens(scene, {"runtime": STALE_PUSH})
        assert_counted(scene, 2)
        assert_labels_legal(scene.passphrases)
        assert_quiet(scene)

    search(
        starting(world, Layout.RUNTIME, prepare=pushed_with_the_old_one),
        lambda scene: [service(scene), checking(scene)],
        judge,
        preemptions=1,
    )
