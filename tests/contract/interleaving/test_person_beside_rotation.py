"""A person changes a value or moves a label by hand while the secret is rotated by the service.

All schedules with at most one preemption between the person and the whole rotation. What a person writes is never
lost: it stays AWSCURRENT. The service abandons a rotation whose secret got another value; one whose label had moved
already is complete, and a person who then writes the passphrase read before has locked the vault by hand: AWSPREVIOUS
opens it. After an abandoned rotation the next one completes.

A createSecret that is under way then may put its value after that, and AWSPENDING with it: the service takes that
version up again with the next order. A passphrase's is completed; a key's, made from the value as it was before, is
refused with the commands that clear it.
"""

import json

from simulator.interleaving import Actor, Play
from simulator.rotation_records import Outcome
from simulator.vaults import FIRST_PASSPHRASE, Layout
from simulator.world import World
from tests.contract.interleaving.conftest import Search
from tests.contract.interleaving.scenes import (
    Scene,
    assert_counted,
    assert_keys_sound,
    assert_labels_legal,
    assert_passphrase_rotated,
    assert_quiet,
    assert_vault_opens,
    completed,
    starting,
)
from tests.contract.secret_versions import SecretVersions, blob_text, encoded

MOVE = "UpdateSecretVersionStage"


def service(scene: Scene, secret: SecretVersions, function: str) -> Actor:
    """RotateSecret and everything the service does for it."""

    def act() -> Outcome:
        secret.manager.rotate_secret(SecretId=secret.name, RotationLambdaARN=function)
        (record,) = scene.world.rotation_service.run()
        return record.outcome

    return Actor("service", act)


def saves_what_was_read(secret: SecretVersions, change: str = "") -> Actor:
    """A person opens the value in the console and saves it some time later, with a change in a blob."""

    def act() -> None:
        value = secret.value()
        if change:
            value = encoded({**json.loads(blob_text(value)), change: change})
        secret.set_current(value)

    return Actor("person", act)


def was_promoted(play: Play) -> bool:
    """Whether a rotation moved AWSCURRENT.

    AWSPENDING then stays on the version it promoted, as it may; what a person saves later leaves it there, and the
    service takes that version up again when the next rotation is ordered.
    """
    return any((who, sent.operation, sent.status) == ("service", MOVE, 200) for who, sent in play.sent)


def test_a_passphrase_saved_by_hand_beside_a_rotation(world: World, search: Search) -> None:
    def judge(scene: Scene, play: Play) -> None:
        was_complete = was_promoted(play)
        read, saved = (place for place, (who, _) in enumerate(play.sent) if who == "person")
        by_hand = was_complete and any(request.operation == MOVE for _, request in play.sent[read:saved])
        assert_counted(scene, 1 if was_complete else 0)
        assert_vault_opens(scene, previous=scene.payloads if by_hand else ())
        assert_quiet(scene)
        if not was_complete:
            assert play.endings["service"].value is Outcome.ABANDONED
            assert scene.passphrases.value() == FIRST_PASSPHRASE
            if completed(scene, scene.passphrases, scene.passphrase.function):
                assert_passphrase_rotated(scene)
            assert_labels_legal(scene.passphrases)

    search(
        starting(world, Layout.BOTH),
        lambda scene: [
            service(scene, scene.passphrases, scene.passphrase.function),
            saves_what_was_read(scene.passphrases),
        ],
        judge,
        preemptions=1,
    )


def rotated_next(scene: Scene) -> None:
    """The next order succeeds, at the latest when a person has cleared what the abandoned rotation left pending."""
    if not completed(scene, scene.configs, scene.key.function, or_else="clear the pending version and rotate again"):
        if scene.configs.holder("AWSPENDING") not in {None, scene.configs.holder("AWSCURRENT")}:
            scene.configs.remove_label("AWSPENDING")
        assert service(scene, scene.configs, scene.key.function).act() is Outcome.SUCCEEDED


def test_a_configuration_changed_by_hand_beside_a_key_rotation(world: World, search: Search) -> None:
    def judge(scene: Scene, play: Play) -> None:
        assert_keys_sound(scene, foreign=[scene.first_key])
        assert json.loads(blob_text(scene.configs.value()))["note"] == "note"
        assert_vault_opens(scene)
        if not was_promoted(play):
            assert play.endings["service"].value is Outcome.ABANDONED
            rotated_next(scene)
            assert_labels_legal(scene.configs)
            assert json.loads(blob_text(scene.configs.value()))["note"] == "note"
            assert_keys_sound(scene, foreign=[scene.first_key])
        assert_quiet(scene)

    search(
        starting(world, Layout.RUNTIME),
        lambda scene: [
            service(scene, scene.configs, scene.key.function),
            saves_what_was_read(scene.configs, change="note"),
        ],
        judge,
        preemptions=1,
    )
