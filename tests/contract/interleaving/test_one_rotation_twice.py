"""The same rotation invoked twice at once, under one token.

A function that the service no longer waits for (its answer was lost, or took too long) may still be running when the
service tries the rotation again. So each step comes late, beside the whole repetition: all schedules with at most one
preemption; and beside itself, setSecret also beside testSecret behind it: all with at most two, but for a key's
createSecret and a passphrase's finishSecret, whose two runs have more than 150 pairs of requests.
"""

import json

import pytest

from simulator.interleaving import Play, Turn, interleave
from simulator.vaults import Layout, Vault
from simulator.world import World
from tests.contract.iam_account import IamAccount
from tests.contract.interleaving.conftest import Search
from tests.contract.interleaving.rotations import STEPS, Rotation
from tests.contract.interleaving.scenes import (
    Scene,
    assert_key_rotated,
    assert_keys_sound,
    assert_passphrase_rotated,
    assert_vault_opens,
    key_in,
    starting,
)
from tests.contract.secret_versions import CREDENTIAL_FIELDS, SecretVersions, blob_text

LATE_CREATE = "late createSecret"
EARLY_STEPS = ("createSecret", "setSecret", "testSecret")


def before(step: str) -> tuple[str, ...]:
    return STEPS[: STEPS.index(step)]


def and_next(step: str) -> tuple[str, ...]:
    """Only setSecret with its neighbour is short enough; the others' are seen in the whole repetition."""
    return STEPS[STEPS.index(step) :][: 2 if step == "setSecret" else 1]


def and_then(rotation: Rotation, play: Play, step: str) -> None:
    """The service goes on: with the steps behind these, or all over again if one failed."""
    if play.endings["service"].error is None:
        rotation.steps(STEPS[STEPS.index(step) + len(and_next(step)) :])
    else:
        rotation.carry_out()


@pytest.mark.parametrize("step", STEPS)
def test_a_late_step_of_a_passphrase_rotation_beside_its_repetition(world: World, search: Search, step: str) -> None:
    def judge(scene: Scene, _play: Play) -> None:
        assert_passphrase_rotated(scene)
        assert scene.passphrases.holder("AWSCURRENT") == scene.passphrase.version_id

    search(
        starting(world, Layout.RUNTIME, passphrase_steps=before(step)),
        lambda scene: [scene.passphrase.late(step), scene.passphrase.again()],
        judge,
        preemptions=1,
    )


def test_a_late_finish_secret_beside_itself_with_two_pointers_to_swap(world: World, search: Search) -> None:
    search(
        starting(world, Layout.BOTH, passphrase_steps=EARLY_STEPS),
        lambda scene: [scene.passphrase.late("finishSecret"), scene.passphrase.finishing()],
        lambda scene, _play: assert_passphrase_rotated(scene),
        preemptions=1,
    )


@pytest.mark.parametrize("step", EARLY_STEPS)
def test_a_late_step_of_a_passphrase_rotation_beside_itself_and_the_next(
    world: World, search: Search, step: str
) -> None:
    def judge(scene: Scene, play: Play) -> None:
        and_then(scene.passphrase, play, step)
        assert_passphrase_rotated(scene)

    search(
        starting(world, Layout.RUNTIME, passphrase_steps=before(step)),
        lambda scene: [scene.passphrase.late(step), scene.passphrase.only(and_next(step))],
        judge,
        preemptions=2,
    )


@pytest.mark.parametrize("step", STEPS)
def test_a_late_step_of_a_key_rotation_beside_its_repetition(world: World, search: Search, step: str) -> None:
    def judge(scene: Scene, _play: Play) -> None:
        assert_key_rotated(scene, foreign=[scene.first_key])
        assert scene.configs.holder("AWSCURRENT") == scene.key.version_id

    search(
        starting(world, Layout.RUNTIME, key_steps=before(step)),
        lambda scene: [scene.key.late(step), scene.key.again()],
        judge,
        preemptions=1,
    )


def test_a_late_finish_secret_of_a_key_rotation_beside_itself(world: World, search: Search) -> None:
    def judge(scene: Scene, play: Play) -> None:
        and_then(scene.key, play, "finishSecret")
        assert_key_rotated(scene, foreign=[scene.first_key])

    search(
        starting(world, Layout.RUNTIME, key_steps=before("finishSecret")),
        lambda scene: [scene.key.late("finishSecret"), scene.key.only(["finishSecret"])],
        judge,
        preemptions=2,
    )


def test_a_rotation_that_stored_a_key_its_repetition_has_removed_says_so_and_how_to_begin_anew(world: World) -> None:
    """createSecret, running still, has made a key; its repetition takes that for an orphan and deletes it; then the
    first one stores it. A version's value is written once, so that this version can never be promoted.
    """
    scene = starting(world, Layout.RUNTIME, key_steps=())()
    cast = [scene.key.late("createSecret"), scene.key.only(["createSecret"])]
    put = "secretsmanager:PutSecretValue"
    interleave(world, cast, (Turn(LATE_CREATE, before=put), Turn("service", before=put), Turn(LATE_CREATE)))
    with pytest.raises(Exception, match=r"does not exist any more.*AWSCURRENT is unchanged.*--remove-from-version-id"):
        scene.key.carry_out()
    assert_keys_sound(scene, foreign=[scene.first_key])
    assert_vault_opens(scene)


def test_a_late_create_secret_does_not_delete_the_key_that_became_current_meanwhile(world: World) -> None:
    """It has seen a key that no version holds, and before it deletes it the rotation stores and promotes it."""
    scene = starting(world, Layout.RUNTIME, key_steps=())()
    schedule = (
        Turn("service", before="iam:CreateAccessKey"),
        Turn("service", 1),
        Turn(LATE_CREATE, before="iam:DeleteAccessKey"),
        Turn("service"),
        Turn(LATE_CREATE),
    )
    interleave(world, [scene.key.late("createSecret"), scene.key.only(STEPS)], schedule)
    assert_keys_sound(scene, foreign=[scene.first_key])
    assert_vault_opens(scene)


def to_location(vault: Vault) -> None:
    """No key yet: the value before the first rotation."""
    members = json.loads(blob_text(vault.config()))
    location = json.dumps({name: value for name, value in members.items() if name not in CREDENTIAL_FIELDS})
    SecretVersions(vault.world, vault.config_secret).set_current(location)


def without_the_first_key(vault: Vault) -> None:
    IamAccount(vault.world, vault.iam_user).delete_key(str(vault.blob()["accessKeyId"]))
    to_location(vault)


def test_the_first_key_made_twice_at_once(world: World, search: Search) -> None:
    """A location has no current key to tell anything by. What the loser left is removed by the next rotation."""

    def judge(scene: Scene, play: Play) -> None:
        and_then(scene.key, play, "createSecret")
        assert_keys_sound(scene)
        others = scene.account.statuses().keys() - {key_in(scene.configs.value())}
        if others:
            scene.configs.manager.rotate_secret(SecretId=scene.configs.name, RotationLambdaARN=scene.key.function)
            (record,) = scene.world.rotation_service.run()
            assert record.message is None
            assert others.isdisjoint(scene.account.statuses())
        assert_key_rotated(scene)

    search(
        starting(world, Layout.RUNTIME, key_steps=(), prepare=without_the_first_key),
        lambda scene: [scene.key.late("createSecret"), scene.key.only(["createSecret"])],
        judge,
        preemptions=1,
    )


@pytest.mark.parametrize("write", ["iam:TagUser", "iam:CreateAccessKey", "secretsmanager:PutSecretValue"])
def test_a_foreign_key_beside_the_first_key_made_twice_is_left_alone(world: World, write: str) -> None:
    """The late step stands before each of its writes in turn, while the service does all of its work."""
    scene = starting(world, Layout.RUNTIME, key_steps=(), prepare=to_location)()
    interleave(
        world, [scene.key.late("createSecret"), scene.key.again()], (Turn(LATE_CREATE, before=write), Turn("service"))
    )
    assert_key_rotated(scene, foreign=[scene.first_key])
