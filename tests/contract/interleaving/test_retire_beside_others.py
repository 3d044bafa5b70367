"""Keys are retired while their secret is rotated, while another run retires them, and while a person moves a label.

All schedules with at most one preemption beside createSecret, where an orphan has rested, and where a superseded key has
been Inactive for its hours; of the other steps finishSecret alone touches what a run reads. With at most two: beside a rotation that is refused, since a key
whose overlap is over still takes its slot, and beside finishSecret, where the hours are none, so that what it supersedes
is due at once. Two runs: one preemption; a run beside a person: all there are.

What may not be: that a key goes which AWSCURRENT or AWSPENDING holds, at whatever moment, or that it stays Inactive.
"""

from collections.abc import Callable

import pytest

from simulator.interleaving import Actor, Play
from simulator.vaults import Layout, Vault
from simulator.world import World
from tests.contract.glance import Glance, Side, glance
from tests.contract.iam_account import IamAccount
from tests.contract.interleaving.care import RETIRING, Guarded, retiring, said
from tests.contract.interleaving.conftest import Search
from tests.contract.interleaving.environments import deploy_key_function
from tests.contract.interleaving.rotations import STEPS
from tests.contract.interleaving.scenes import (
    Scene,
    assert_keys_sound,
    assert_labels_legal,
    assert_quiet,
    assert_vault_opens,
    key_in,
    starting,
)
from tests.contract.secret_versions import SecretVersions
from vsync_rotation.errors import KeySlotsFullError

HOUR = 3600
NO_HOURS = {"vsync-rotation:overlap-hours": "0", "vsync-rotation:inactive-hours": "0"}
LOOK = (RETIRING, "DescribeSecret")
DEACTIVATED = (RETIRING, "UpdateAccessKey")
Prepare = Callable[[Vault], None]


def superseded_long_ago(vault: Vault) -> None:
    """Its overlap is over, and it still is Active: no run has come by."""
    secret = SecretVersions(vault.world, vault.config_secret)
    secret.manager.rotate_secret(SecretId=secret.name, RotationLambdaARN=deploy_key_function(vault.world))
    (record,) = vault.world.rotation_service.run()
    assert record.message is None
    vault.world.clock.advance(169 * HOUR)


def inactive_for_its_hours(vault: Vault) -> None:
    """It was deactivated a day ago."""
    first_key = str(vault.blob()["accessKeyId"])
    superseded_long_ago(vault)
    IamAccount(vault.world, vault.iam_user).deactivated(first_key)
    vault.world.clock.advance(25 * HOUR)


def rested_orphan(vault: Vault) -> None:
    """Made by a rotation that died two hours ago, before it could store it."""
    account = IamAccount(vault.world, vault.iam_user)
    account.intend((str(vault.blob()["accessKeyId"]),))
    account.add_key()
    vault.world.clock.advance(2 * HOUR)


SITUATIONS: dict[str, Prepare] = {
    "superseded long ago": superseded_long_ago,
    "Inactive for its hours": inactive_for_its_hours,
    "a rested orphan": rested_orphan,
}


def assert_sound(scene: Scene, guard: Guarded) -> Glance:
    """The vault boots with the key of now, which is Active like a pending one."""
    guard.judge()
    assert_keys_sound(scene)
    seen = glance(scene.vault)
    pending = seen.key_in("AWSPENDING")
    assert pending is None or seen.statuses()[pending] == "Active"
    assert_vault_opens(scene)
    assert_quiet(scene)
    return seen


def assert_rotated(scene: Scene, guard: Guarded, before: str) -> None:
    """Nobody is left but the new key and the one it replaced."""
    seen = assert_sound(scene, guard)
    assert_labels_legal(scene.configs)
    assert seen.secrets[Side.KEY].holder("AWSCURRENT") == scene.key.version_id
    new = seen.key_in("AWSCURRENT")
    assert new != before
    assert seen.statuses().keys() <= {before, new}
    assert "vsync-rotation:minting" not in seen.user_tags


def test_retiring_beside_a_rotation_that_removes_an_orphan(world: World, search: Search) -> None:
    """Both deactivate it first; one deletes it, and the other's deactivating finds nothing, or it is tried again."""
    guard = Guarded(starting(world, Layout.RUNTIME, key_steps=(), prepare=rested_orphan))

    def judge(scene: Scene, play: Play) -> None:
        seen = assert_sound(scene, guard)
        assert seen.key_in("AWSCURRENT") == scene.first_key
        if play.endings["service"].error is None:
            assert seen.key_in("AWSPENDING") in seen.statuses()

    search(guard, lambda scene: [scene.key.only(["createSecret"]), retiring(scene)], judge, preemptions=1)


def test_retiring_beside_a_rotation_that_makes_room(world: World, search: Search) -> None:
    """Both may delete the superseded key that has been Inactive for its hours; nobody's turn costs another one."""
    guard = Guarded(starting(world, Layout.RUNTIME, key_steps=(), prepare=inactive_for_its_hours))
    before = str(key_in(guard().configs.value()))

    def judge(scene: Scene, play: Play) -> None:
        assert play.endings["service"].error is None
        seen = assert_sound(scene, guard)
        assert seen.key_in("AWSCURRENT") == before
        assert seen.statuses() == {before: "Active", seen.key_in("AWSPENDING"): "Active"}

    search(guard, lambda scene: [scene.key.only(["createSecret"]), retiring(scene)], judge, preemptions=1)


def test_retiring_beside_a_rotation_that_finds_no_room(world: World, search: Search) -> None:
    """The superseded key is deactivated by one and in the way of the other, which neither deletes nor activates it."""
    guard = Guarded(starting(world, Layout.RUNTIME, key_steps=(), prepare=superseded_long_ago))
    before = str(key_in(guard().configs.value()))

    def judge(scene: Scene, play: Play) -> None:
        assert isinstance(play.endings["service"].error, KeySlotsFullError)
        assert assert_sound(scene, guard).statuses() == {scene.first_key: "Inactive", before: "Active"}

    search(guard, lambda scene: [scene.key.only(STEPS), retiring(scene)], judge, preemptions=2)


def test_retiring_what_is_due_at_once_beside_finish_secret(world: World, search: Search) -> None:
    """The key of before may be deactivated as soon as it is superseded, and not a request sooner."""
    guard = Guarded(starting(world, Layout.RUNTIME, key_steps=STEPS[:3], key_tags=NO_HOURS))

    def judge(scene: Scene, _play: Play) -> None:
        assert_rotated(scene, guard, scene.first_key)

    search(guard, lambda scene: [scene.key.finishing(), retiring(scene)], judge, preemptions=2)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_two_runs_at_once(world: World, search: Search, situation: str) -> None:
    guard = Guarded(starting(world, Layout.RUNTIME, prepare=SITUATIONS[situation]))
    before = str(key_in(guard().configs.value()))

    def judge(scene: Scene, play: Play) -> None:
        statuses = assert_sound(scene, guard).statuses()
        assert statuses.pop(before) == "Active"
        acted = [found for name in ("one", "other") for found in said(play, name) if found["action"] != "left alone"]
        assert acted, "neither did what was due"
        assert set(statuses.values()) <= {"Inactive"}

    search(guard, lambda scene: [retiring(scene, "one"), retiring(scene, "other")], judge, preemptions=1)


def labels_it_current(scene: Scene) -> Actor:
    """A person goes back to the value of before, with one call."""
    manager, name = scene.configs.manager, scene.configs.name
    current, previous = (scene.configs.holder(label) for label in ("AWSCURRENT", "AWSPREVIOUS"))

    def act() -> None:
        manager.update_secret_version_stage(
            SecretId=name, VersionStage="AWSCURRENT", MoveToVersionId=previous, RemoveFromVersionId=current
        )

    return Actor("person", act)


def test_a_person_who_goes_back_to_the_old_key_while_it_is_retired_finds_it_active(
    world: World, search: Search
) -> None:
    guard = Guarded(starting(world, Layout.RUNTIME, prepare=superseded_long_ago))

    def judge(scene: Scene, play: Play) -> None:
        guard.judge()
        seen = glance(scene.vault)
        assert seen.key_in("AWSCURRENT") == scene.first_key
        places = {(who, request.operation): place for place, (who, request) in enumerate(play.sent)}
        (person,) = (place for place, (who, _) in enumerate(play.sent) if who == "person")
        # It was Inactive already, and had been looked after once more: who moves a label to it then can see that.
        was_over = places.get(DEACTIVATED, person) < places[LOOK] < person
        assert seen.statuses()[scene.first_key] == "Active" or was_over
        assert_quiet(scene)

    search(guard, lambda scene: [retiring(scene), labels_it_current(scene)], judge, preemptions=None)
