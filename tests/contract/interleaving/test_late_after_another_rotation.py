"""A step of an abandoned rotation that is still running while the next rotation, with a token of its own, runs.

The service refuses a second rotation while one is pending. But a person may take AWSPENDING away, as the messages say,
and rotate again, and an invocation of the first rotation may not have ended yet. All schedules with at most one
preemption, between the late step and the person with the whole second rotation.
"""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from simulator.interleaving import Actor, Play, Turn, interleave
from simulator.vaults import Layout
from simulator.world import World
from tests.contract.interleaving.conftest import Search
from tests.contract.interleaving.rotations import STEPS, Rotation
from tests.contract.interleaving.scenes import (
    Scene,
    assert_counted,
    assert_keys_sound,
    assert_labels_legal,
    assert_quiet,
    assert_vault_opens,
    completed,
    key_in,
    starting,
)
from tests.contract.secret_versions import SecretVersions

# One second rotation at most, and the first one where its late step came in time.
COMPLETED = {1, 2}
NEXT = "person and service"


def begins_anew(scene: Scene, secret: SecretVersions, abandoned: Rotation) -> Actor:
    """A person clears the pending version and rotates again, with all the service's retries.

    Late for that when the first rotation is done: then there is nothing to clear.
    """

    def act() -> None:
        manager = secret.manager
        stages = manager.describe_secret(SecretId=secret.name)["VersionIdsToStages"]
        if "AWSPENDING" in stages.get(abandoned.version_id, []):
            manager.update_secret_version_stage(
                SecretId=secret.name, VersionStage="AWSPENDING", RemoveFromVersionId=abandoned.version_id
            )
        try:
            manager.rotate_secret(SecretId=secret.name, RotationLambdaARN=abandoned.function)
        except ClientError as refusal:
            # The late step has put its value, and with it the label, in between: that rotation is taken up again.
            assert "previous rotation isn't complete" in str(refusal)  # noqa: PT017
        scene.world.rotation_service.run()

    return Actor(NEXT, act)


@pytest.mark.parametrize(
    ("step", "layout"),
    [(step, Layout.RUNTIME) for step in STEPS[:3]] + [("finishSecret", Layout.BOTH)],
)
def test_a_late_step_of_an_abandoned_passphrase_rotation(
    world: World, search: Search, step: str, layout: Layout
) -> None:
    def judge(scene: Scene, _play: Play) -> None:
        completed(scene, scene.passphrases, scene.passphrase.function)
        assert_vault_opens(scene)
        assert_labels_legal(scene.passphrases)
        assert_quiet(scene)
        promoted = {entry.version_id for entry in scene.world.trail if entry.label == "AWSCURRENT"}
        assert len(promoted) in COMPLETED
        assert_counted(scene, len(promoted))

    search(
        starting(world, layout, passphrase_steps=STEPS[: STEPS.index(step)]),
        lambda scene: [scene.passphrase.late(step), begins_anew(scene, scene.passphrases, scene.passphrase)],
        judge,
        preemptions=1,
    )


def can_go_on(scene: Scene) -> None:
    """No version is pending, or one without a value (a refused rotation), or one whose key the late step lost.

    Only the last takes a person: testSecret says so, with the commands.
    """
    pending = scene.configs.holder("AWSPENDING")
    value = None if pending is None else scene.configs.value_of(pending)
    if value is None or pending == scene.configs.holder("AWSCURRENT"):
        return
    assert key_in(str(value)) not in scene.account.statuses()
    late = replace(scene.key, version_id=str(pending))
    with pytest.raises(Exception, match="clear the pending version and rotate again"):
        late.step("testSecret", remaining_ms=5000)


@pytest.mark.parametrize("step", ["createSecret", "finishSecret"])
def test_a_late_step_of_an_abandoned_key_rotation(world: World, search: Search, step: str) -> None:
    """Where the late step came in time the second rotation is refused: both slots are taken."""

    def judge(scene: Scene, _play: Play) -> None:
        assert_keys_sound(scene, foreign=[scene.first_key])
        assert key_in(scene.configs.value()) != scene.first_key
        can_go_on(scene)
        assert_vault_opens(scene)
        assert_quiet(scene)

    search(
        starting(world, Layout.RUNTIME, key_steps=STEPS[: STEPS.index(step)]),
        lambda scene: [scene.key.late(step), begins_anew(scene, scene.configs, scene.key)],
        judge,
        preemptions=1,
    )


def test_a_late_create_secret_does_not_take_the_next_rotations_key_for_an_orphan(world: World) -> None:
    """The labels it read when it began are older than the version that now holds the key."""
    scene = starting(world, Layout.RUNTIME, key_steps=())()
    cast = [scene.key.late("createSecret"), begins_anew(scene, scene.configs, scene.key)]
    interleave(world, cast, (Turn("late createSecret", before="iam:ListAccessKeys"), Turn(NEXT)))
    assert_keys_sound(scene, foreign=[scene.first_key])
    assert_vault_opens(scene)


def test_a_late_finish_secret_leaves_the_generation_the_next_rotation_counted(world: World) -> None:
    """It has written the cell of one of two layouts, from which the next rotation counts on for both."""
    scene = starting(world, Layout.BOTH, passphrase_steps=STEPS[:3])()
    cast = [scene.passphrase.late("finishSecret"), begins_anew(scene, scene.passphrases, scene.passphrase)]
    move = "secretsmanager:UpdateSecretVersionStage"
    interleave(world, cast, (Turn("late finishSecret", before=move), Turn("late finishSecret", 2), Turn(NEXT)))
    assert_vault_opens(scene)
    assert_counted(scene, 2)
