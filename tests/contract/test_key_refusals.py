"""What the guards refuse before anything is read or made: each by its own error, and nothing changes."""

import uuid
from collections.abc import Callable

import pytest

from simulator.rotation_records import Outcome
from simulator.world import World
from tests.contract.iam_account import other_user
from tests.contract.key_scene import STEPS, KeyScene, failure_of, key_scene

every_step = pytest.mark.parametrize("step", STEPS)


def _refuses(scene: KeyScene, step: str, version_id: str, error: str) -> str:
    """The step fails with this error and changes nothing. Returns the message."""
    before, minted = scene.snapshot(), scene.count("CreateAccessKey")
    failure = scene.failure_of(step, version_id)
    assert type(failure).__name__ == error
    assert scene.snapshot() == before
    assert scene.count("CreateAccessKey") == minted
    return str(failure)


@every_step
def test_rotation_that_was_switched_off_is_refused(world: World, key_function: str, step: str) -> None:
    scene = key_scene(world, key_function)
    version_id = scene.order()
    scene.secret.manager.cancel_rotate_secret(SecretId=scene.secret.name)
    message = _refuses(scene, step, version_id, "ContractError")
    assert scene.secret.name in message


@pytest.mark.parametrize("value", ["on", "true", "", "OFF please", "incident 42", "no", "false"])
def test_a_paused_secret_is_refused_whatever_the_tag_says(world: World, key_function: str, value: str) -> None:
    scene = key_scene(world, key_function, key_tags={"vsync-rotation:paused": value})
    record = scene.refused()
    assert record.error == "PausedError"
    assert "vsync-rotation:paused" in str(record.message)


@every_step
def test_a_pause_holds_every_step(world: World, key_function: str, step: str) -> None:
    scene = key_scene(world, key_function)
    version_id = scene.begin()
    for before in STEPS[: STEPS.index(step)]:
        scene.step(before, version_id)
    scene.secret.tag("paused", "on")
    _refuses(scene, step, version_id, "PausedError")
    scene.secret.untag("paused")
    for after in STEPS[STEPS.index(step) :]:
        scene.step(after, version_id)
    scene.ended_well()


def test_a_pause_that_is_off_is_no_pause(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function, key_tags={"vsync-rotation:paused": "off"})
    scene.rotated()
    scene.ended_well()


@pytest.mark.parametrize("kind", [None, "vault-passphrase", "IAM-access-key", "", "iam-access-key "])
def test_a_secret_of_another_kind_is_refused(world: World, key_function: str, kind: str | None) -> None:
    scene = key_scene(world, key_function)
    if kind is None:
        scene.secret.untag("kind")
    else:
        scene.secret.tag("kind", kind)
    record = scene.refused()
    assert record.error == "ContractError"
    assert "vsync-rotation:kind" in str(record.message)


@pytest.mark.parametrize("step", ["create_secret", "CreateSecret", "finish_secret", "rotateSecret", "", "testSecret "])
def test_an_unknown_step_is_refused(world: World, key_function: str, step: str) -> None:
    scene = key_scene(world, key_function)
    _refuses(scene, step, scene.begin(), "ContractError")


@pytest.mark.parametrize("missing", ["Step", "SecretId", "ClientRequestToken"])
def test_an_event_without_one_of_its_parts_is_refused(world: World, key_function: str, missing: str) -> None:
    scene = key_scene(world, key_function)
    event = {"Step": "createSecret", "SecretId": scene.secret.arn, "ClientRequestToken": scene.begin()}
    before = scene.snapshot()
    del event[missing]
    assert type(failure_of(world, key_function, event)).__name__ == "ContractError"
    assert scene.snapshot() == before


@every_step
def test_a_token_nobody_knows_is_refused(world: World, key_function: str, step: str) -> None:
    scene = key_scene(world, key_function)
    scene.begin()
    token = str(uuid.uuid4())
    assert token in _refuses(scene, step, token, "ContractError")


@every_step
def test_a_version_without_awspending_is_refused(world: World, key_function: str, step: str) -> None:
    scene = key_scene(world, key_function)
    scene.begin()
    version_id = scene.secret.put(scene.first_config, "KEPT_FOR_LATER")
    _refuses(scene, step, version_id, "ContractError")


@every_step
def test_the_previous_version_is_refused(world: World, key_function: str, step: str) -> None:
    scene = key_scene(world, key_function)
    scene.rotated()
    version_id = str(scene.secret.holder("AWSPREVIOUS"))
    _refuses(scene, step, version_id, "ContractError")


def _tag(name: str, value: str) -> Callable[[KeyScene], None]:
    return lambda scene: scene.secret.tag(name, value)


@pytest.mark.parametrize(
    ("setting", "act"),
    [
        pytest.param("iam-user", lambda scene: scene.secret.untag("iam-user"), id="iam-user missing"),
        pytest.param("iam-user", _tag("iam-user", ""), id="iam-user empty"),
        pytest.param("iam-user", _tag("iam-user", "not a user name"), id="iam-user with blanks"),
        *(
            pytest.param(name, _tag(name, value), id=f"{name} {value!r}")
            for name in ("overlap-hours", "max-overlap-hours", "inactive-hours")
            for value in ("abc", "-1", "nan", "inf", "", "1h", "1,5")
        ),
        pytest.param("deletion-alarm", _tag("deletion-alarm", ""), id="deletion-alarm empty"),
    ],
)
def test_a_missing_or_malformed_setting_is_refused_by_name(
    world: World, key_function: str, setting: str, act: Callable[[KeyScene], None]
) -> None:
    scene = key_scene(world, key_function)
    act(scene)
    record = scene.refused()
    assert record.error == "SettingsError"
    assert f"vsync-rotation:{setting}" in str(record.message)


def test_hours_may_be_fractions(world: World, key_function: str) -> None:
    tags = {"overlap-hours": "0.5", "max-overlap-hours": "1.25", "inactive-hours": "0.1"}
    scene = key_scene(world, key_function, key_tags={f"vsync-rotation:{name}": text for name, text in tags.items()})
    scene.rotated()
    scene.ended_well()


def test_a_user_that_does_not_exist_is_refused(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function, key_tags={"vsync-rotation:iam-user": "nobody-of-that-name"})
    record = scene.refused()
    assert record.error == "SettingsError"
    assert "nobody-of-that-name" in str(record.message)


def test_a_current_key_of_another_user_is_refused(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    stranger = other_user(world)
    theirs = stranger.add_key()
    scene.secret.set_current(scene.config_with(theirs))
    record = scene.refused()
    assert record.error == "ForeignKeyError"
    assert stranger.statuses() == {theirs.access_key_id: "Active"}


def test_a_tag_that_names_another_existing_user_is_refused(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    stranger = other_user(world)
    scene.secret.tag("iam-user", stranger.user)
    assert scene.refused().error == "ForeignKeyError"
    assert stranger.statuses() == {}
    assert stranger.tags() == {}


@every_step
def test_a_secret_scheduled_for_deletion_is_left_alone(world: World, key_function: str, step: str) -> None:
    scene = key_scene(world, key_function)
    version_id, arn = scene.begin(), scene.secret.arn
    scene.secret.manager.delete_secret(SecretId=scene.secret.name, RecoveryWindowInDays=7)
    event = {"Step": step, "SecretId": arn, "ClientRequestToken": version_id}
    assert type(failure_of(world, key_function, event)).__name__ == "ContractError"
    assert scene.account.statuses() == {scene.first_key: "Active"}
    assert scene.account.tags() == {}
    scene.secret.manager.restore_secret(SecretId=scene.secret.name)
    assert scene.secret.value() == scene.first_config


def test_a_refusal_is_tried_again_by_the_service_and_succeeds_once_its_cause_is_gone(
    world: World, key_function: str
) -> None:
    scene = key_scene(world, key_function, key_tags={"vsync-rotation:paused": "on"})
    version_id = scene.order()

    def unpause(step: str, attempt: int) -> None:
        if (step, attempt) == ("createSecret", 3):
            scene.secret.untag("paused")

    world.rotation_service.before_step = unpause
    record = scene.run()
    assert (record.outcome, record.attempts, record.version_id) == (Outcome.SUCCEEDED, 3, version_id)
    scene.ended_well()
