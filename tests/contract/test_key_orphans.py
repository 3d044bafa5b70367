"""A second key in no version of the secret: ours by proof and removed, or somebody's and left alone."""

from dataclasses import dataclass

import pytest

from simulator import faults
from simulator.world import KeyPair, World
from tests.contract.iam_account import instant
from tests.contract.key_scene import KeyScene, key_scene

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class SecondKey:
    """How the second key came to be.

    Attributes:
        intent_minutes: when the intent was noted, from the key's creation; None: there is none.
        recorded: the intent records the key as one that was there before it.
        made: the key carries our `made` tag.
        used: somebody has signed a request with it.
    """

    intent_minutes: float | None = None
    recorded: bool = False
    made: bool = False
    used: bool = False


def _second_key(scene: KeyScene, history: SecondKey) -> KeyPair:
    world, account = scene.world, scene.account
    minutes = history.intent_minutes
    if minutes is not None and minutes <= 0:
        account.intend(tuple(account.statuses()))
        world.clock.advance(-minutes * MINUTE)
    key = account.add_key()
    if minutes is not None and minutes > 0:
        world.clock.advance(minutes * MINUTE)
        account.intend((scene.first_key,))
    if history.recorded:
        account.intend(tuple(account.statuses()))
    if history.made:
        account.tag(f"made:{key.access_key_id}", instant(world))
    if history.used:
        world.client("sts", key).get_caller_identity()
    world.clock.advance(30 * MINUTE)
    return key


@pytest.mark.parametrize(
    "history",
    [
        pytest.param(SecondKey(intent_minutes=0), id="made at the moment of the intent"),
        pytest.param(SecondKey(intent_minutes=-1), id="made a minute after the intent"),
        pytest.param(SecondKey(intent_minutes=-14.5), id="made within 15 minutes after the intent"),
        pytest.param(SecondKey(made=True), id="tagged made and never promoted"),
    ],
)
def test_an_orphan_is_removed_and_told(world: World, key_function: str, history: SecondKey) -> None:
    scene = key_scene(world, key_function)
    orphan = _second_key(scene, history).access_key_id
    scene.rotated()
    assert orphan not in scene.account.statuses()
    scene.ended_well()
    (event,) = scene.events("Orphan Key Deleted")
    assert (event["iam_user"], event["access_key_id"]) == (scene.account.user, orphan)
    assert event["reason"]
    assert scene.events("Key Deleted") == []


@pytest.mark.parametrize(
    "history",
    [
        pytest.param(SecondKey(), id="nobody knows where it is from"),
        pytest.param(SecondKey(intent_minutes=-16), id="made 16 minutes after the intent"),
        pytest.param(SecondKey(intent_minutes=-600), id="made ten hours after the intent"),
        pytest.param(SecondKey(intent_minutes=5), id="made before the intent, which does not record it"),
        pytest.param(SecondKey(intent_minutes=-1, recorded=True), id="recorded by the intent"),
        pytest.param(SecondKey(intent_minutes=-1, used=True), id="in use by somebody who knows its secret"),
    ],
)
def test_a_key_that_is_not_provably_ours_is_left_to_a_person(
    world: World, key_function: str, history: SecondKey
) -> None:
    scene = key_scene(world, key_function)
    foreign = _second_key(scene, history).access_key_id
    record = scene.refused()
    assert record.error == "ForeignKeyError"
    assert foreign in str(record.message)
    assert scene.count("DeleteAccessKey") == scene.count("CreateAccessKey") == 0


def test_an_inactive_foreign_key_is_left_alone_however_old(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    foreign = scene.account.add_key().access_key_id
    scene.account.set_status(foreign, "Inactive")
    world.clock.advance(10_000 * 60 * MINUTE)
    assert scene.refused().error == "ForeignKeyError"


@pytest.mark.parametrize(
    "history",
    [
        pytest.param(SecondKey(made=True), id="tagged made"),
        pytest.param(SecondKey(intent_minutes=-1), id="by the intent"),
    ],
)
def test_an_orphan_beside_a_free_slot_is_removed_too(world: World, key_function: str, history: SecondKey) -> None:
    scene = key_scene(world, key_function)
    scene.account.delete_key(scene.first_key)
    scene.secret.set_current(scene.location())
    orphan = _second_key(scene, history).access_key_id
    scene.rotated()
    assert scene.account.statuses() == {scene.key_in(): "Active"}
    assert [event["access_key_id"] for event in scene.events("Orphan Key Deleted")] == [orphan]
    scene.vault.boot()


def test_a_foreign_key_beside_a_free_slot_is_left_alone(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    scene.account.delete_key(scene.first_key)
    scene.secret.set_current(scene.location())
    foreign = scene.account.add_key().access_key_id
    scene.rotated()
    assert scene.account.statuses() == {foreign: "Active", scene.key_in(): "Active"}
    scene.vault.boot()


@pytest.mark.parametrize("label", ["KEPT_FOR_LATER", None])
def test_a_key_held_by_an_older_version_is_never_deleted_as_an_orphan(
    world: World, key_function: str, label: str | None
) -> None:
    scene = key_scene(world, key_function)
    scene.account.intend((scene.first_key,))
    key = scene.account.add_key()
    scene.secret.put(scene.config_with(key), "KEPT_FOR_LATER")
    if label is None:
        scene.secret.remove_label("KEPT_FOR_LATER")
    record = scene.refused()
    assert record.error == "ForeignKeyError"
    assert key.access_key_id in str(record.message)


def test_reading_an_older_version_that_fails_deletes_nothing(world: World, key_function: str) -> None:
    """A second key exists and whether a version holds it cannot be told: the orphan waits for the next attempt."""
    scene = key_scene(world, key_function)
    orphan = _second_key(scene, SecondKey(intent_minutes=-1)).access_key_id
    scene.order()
    before = scene.account.statuses()
    world.rotation_service.attempts = 1
    with world.watched_by(faults.deny(faults.operation("ListSecretVersionIds"))):
        scene.run()
    assert scene.account.statuses() == before
    assert orphan in before
    scene.resumed()
    scene.ended_well()


def test_a_key_of_an_abandoned_rotation_is_removed_by_the_next(world: World, key_function: str) -> None:
    """The value was changed by hand while a key was pending: that key was made here and never promoted."""
    scene = key_scene(world, key_function)

    def change_by_hand(step: str, attempt: int) -> None:
        if step == "testSecret" and attempt == 1:
            scene.secret.set_current(scene.first_config)
            world.rotation_service.before_step = None

    world.rotation_service.before_step = change_by_hand
    scene.rotate()
    (abandoned,) = set(scene.account.statuses()) - {scene.first_key}
    scene.rotated()
    assert abandoned not in scene.account.statuses()
    assert scene.account.statuses() == {scene.first_key: "Active", scene.key_in(): "Active"}
    assert [event["access_key_id"] for event in scene.events("Orphan Key Deleted")] == [abandoned]


@pytest.mark.parametrize("request_name", ["UpdateAccessKey", "DeleteAccessKey"])
def test_an_orphan_that_cannot_be_removed_is_named_and_the_message_claims_no_more_than_is_true(
    world: World, key_function: str, request_name: str
) -> None:
    scene = key_scene(world, key_function)
    orphan = _second_key(scene, SecondKey(intent_minutes=-1)).access_key_id
    world.rotation_service.attempts = 1
    scene.order()
    with world.watched_by(faults.deny(faults.operation(request_name))):
        record = scene.run()
    assert record.error == "PermissionDeniedError"
    assert f"no other key was touched than {orphan}, which may be inactive or gone" in str(record.message)
    assert scene.account.statuses()[scene.first_key] == "Active"
    scene.boots()
    scene.resumed()
    assert orphan not in scene.account.statuses()
    scene.ended_well()
