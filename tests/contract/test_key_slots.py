"""Both slots taken: which of a user's keys may go, row by row of the table, and with the clock."""

from datetime import datetime, timedelta

import pytest

from simulator.world import World
from tests.contract.iam_account import instant
from tests.contract.key_scene import KeyScene, key_scene

HOUR = 3600.0


def _superseded(world: World, function: str, **tags: str) -> KeyScene:
    """A first rotation is done: `first_key` is superseded, and both slots are taken."""
    settings = {f"vsync-rotation:{name.replace('_', '-')}": text for name, text in tags.items()}
    scene = key_scene(world, function, key_tags=settings)
    scene.rotated()
    return scene


def _frees_the_slot(scene: KeyScene) -> None:
    """The next rotation deletes the superseded key, tells so, and leaves the current one as the superseded one."""
    second = scene.key_in()
    scene.rotated()
    third = scene.key_in()
    assert scene.account.statuses() == {second: "Active", third: "Active"}
    tags = scene.account.tags()
    assert f"vsync-rotation:superseded-at:{second}" in tags
    assert not [name for name in tags if scene.first_key in name]
    (deleted,) = scene.events("Key Deleted")
    assert (deleted["iam_user"], deleted["access_key_id"]) == (scene.account.user, scene.first_key)
    assert deleted["reason"]
    assert (deleted["secret_name"], deleted["kind"]) == (scene.secret.name, "iam-access-key")
    scene.vault.boot()


def _holds_the_slot(scene: KeyScene) -> str:
    """The next rotation is refused with the commands that free the slot. Returns the message."""
    record = scene.refused()
    assert record.error == "KeySlotsFullError"
    message = str(record.message)
    assert scene.first_key in message
    assert scene.account.user in message
    assert "aws iam delete-access-key" in message
    assert scene.count("DeleteAccessKey") == 0
    return message


@pytest.mark.parametrize("hours", [0, 24, 192, 5000])
def test_an_active_superseded_key_holds_its_slot_however_old(world: World, key_function: str, hours: float) -> None:
    scene = _superseded(world, key_function)
    world.clock.advance(hours * HOUR)
    _holds_the_slot(scene)
    scene.boots()


def test_the_refusal_says_when_an_active_key_will_be_free(world: World, key_function: str) -> None:
    """Overlap 168 hours where no consumer is declared, then 24 hours of being Inactive."""
    scene = _superseded(world, key_function)
    superseded = datetime.fromisoformat(scene.account.tags()[f"vsync-rotation:superseded-at:{scene.first_key}"])
    free = superseded + timedelta(hours=168 + 24)
    assert f"{free:%Y-%m-%dT%H:%M:%SZ}" in _holds_the_slot(scene)


def test_the_refusal_says_when_an_inactive_key_will_be_free(world: World, key_function: str) -> None:
    scene = _superseded(world, key_function, inactive_hours="6")
    scene.account.deactivated(scene.first_key)
    free = instant(world, hours=6)
    world.clock.advance(2 * HOUR)
    assert free[:16] in _holds_the_slot(scene)


@pytest.mark.parametrize(
    ("inactive_hours", "elapsed_hours"),
    [
        pytest.param("24", 23.9, id="a little less than the hours set"),
        pytest.param("0.5", 0.4, id="a little less than half an hour"),
        pytest.param("1000", 999, id="a long wait, not over"),
    ],
)
def test_an_inactive_superseded_key_holds_its_slot_until_its_hours_are_over(
    world: World, key_function: str, inactive_hours: str, elapsed_hours: float
) -> None:
    scene = _superseded(world, key_function, inactive_hours=inactive_hours)
    world.clock.advance(100 * HOUR)
    scene.account.deactivated(scene.first_key)
    world.clock.advance(elapsed_hours * HOUR)
    _holds_the_slot(scene)


@pytest.mark.parametrize(
    ("inactive_hours", "elapsed_hours"),
    [
        pytest.param(None, 24.1, id="the default of a day"),
        pytest.param("0.5", 0.6, id="half an hour"),
        pytest.param("1000", 1001, id="a long wait, over"),
    ],
)
def test_a_superseded_key_that_was_inactive_long_enough_is_deleted(
    world: World, key_function: str, inactive_hours: str | None, elapsed_hours: float
) -> None:
    settings = {} if inactive_hours is None else {"inactive_hours": inactive_hours}
    scene = _superseded(world, key_function, **settings)
    scene.account.deactivated(scene.first_key)
    world.clock.advance(elapsed_hours * HOUR)
    _frees_the_slot(scene)


def test_a_key_that_is_active_again_after_its_deactivation_holds_its_slot(world: World, key_function: str) -> None:
    scene = _superseded(world, key_function)
    scene.account.deactivated(scene.first_key)
    scene.account.set_status(scene.first_key, "Active")
    world.clock.advance(1000 * HOUR)
    _holds_the_slot(scene)


def test_an_inactive_key_without_a_known_moment_holds_its_slot(world: World, key_function: str) -> None:
    """Deactivated by hand: nobody knows since when, so nobody knows that the hours are over."""
    scene = _superseded(world, key_function)
    scene.account.set_status(scene.first_key, "Inactive")
    world.clock.advance(1000 * HOUR)
    _holds_the_slot(scene)


def test_a_key_that_only_awsprevious_names_is_superseded_too(world: World, key_function: str) -> None:
    scene = _superseded(world, key_function)
    scene.account.untag(f"superseded-at:{scene.first_key}")
    _holds_the_slot(scene)
    scene.account.deactivated(scene.first_key)
    world.clock.advance(25 * HOUR)
    second = scene.key_in()
    scene.resumed()
    assert scene.account.statuses() == {second: "Active", scene.key_in(): "Active"}


def _alarm(world: World, state: str) -> None:
    cloudwatch = world.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="old-key-in-use", Namespace="Vault", MetricName="Uses", Statistic="Sum", Period=300,
        EvaluationPeriods=1, Threshold=0, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    cloudwatch.set_alarm_state(AlarmName="old-key-in-use", StateValue=state, StateReason="set by a test")


def test_a_deletion_alarm_that_is_ok_lets_the_key_go(world: World, key_function: str) -> None:
    scene = _superseded(world, key_function, deletion_alarm="old-key-in-use")
    scene.account.deactivated(scene.first_key)
    _alarm(world, "OK")
    world.clock.advance(25 * HOUR)
    _frees_the_slot(scene)


@pytest.mark.parametrize("state", ["ALARM", "INSUFFICIENT_DATA", None])
def test_a_deletion_alarm_that_is_not_ok_holds_the_key(world: World, key_function: str, state: str | None) -> None:
    scene = _superseded(world, key_function, deletion_alarm="old-key-in-use")
    scene.account.deactivated(scene.first_key)
    if state is not None:
        _alarm(world, state)
    world.clock.advance(25 * HOUR)
    assert "old-key-in-use" in _holds_the_slot(scene)


def test_a_key_that_was_revoked_by_command_is_deleted_at_once(world: World, key_function: str) -> None:
    scene = _superseded(world, key_function)
    scene.account.deactivated(scene.first_key)
    scene.account.tag(f"revoked-at:{scene.first_key}", instant(world))
    _frees_the_slot(scene)


def test_the_key_in_awscurrent_is_never_deleted_even_where_its_tags_say_so(world: World, key_function: str) -> None:
    """A rollback by hand makes the first key current again; what its tags say of it is out of date."""
    scene = _superseded(world, key_function)
    second = scene.key_in()
    scene.account.deactivated(scene.first_key)
    scene.account.tag(f"revoked-at:{scene.first_key}", instant(world))
    scene.account.set_status(scene.first_key, "Active")
    scene.secret.set_current(scene.first_config)
    scene.secret.remove_label("AWSPENDING")
    world.clock.advance(1000 * HOUR)
    record = scene.refused()
    assert record.error in {"KeySlotsFullError", "ForeignKeyError"}
    assert second in str(record.message)
    scene.vault.boot()


@pytest.mark.parametrize(
    "name", ["superseded-at:<key>", "deactivated-at:<key>", "revoked-at:<key>", "made:<key>", "minting"]
)
@pytest.mark.parametrize("value", ["", "yesterday", "2026-01-01", "1767225600"])
def test_a_malformed_tag_on_the_user_deletes_nothing(world: World, key_function: str, name: str, value: str) -> None:
    scene = _superseded(world, key_function)
    scene.account.deactivated(scene.first_key)
    scene.account.tag(name.replace("<key>", scene.first_key), value)
    world.clock.advance(1000 * HOUR)
    record = scene.refused()
    assert record.error == "SettingsError"
    assert f"vsync-rotation:{name.partition(':')[0]}" in str(record.message)


def test_the_current_key_may_have_been_deleted_by_hand(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    scene.account.delete_key(scene.first_key)
    scene.rotated()
    assert scene.account.statuses() == {scene.key_in(): "Active"}
    scene.vault.boot()


def test_the_current_key_may_have_been_deactivated_by_hand(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    scene.account.set_status(scene.first_key, "Inactive")
    scene.rotated()
    assert scene.account.statuses() == {scene.first_key: "Inactive", scene.key_in(): "Active"}
    assert f"vsync-rotation:superseded-at:{scene.first_key}" in scene.account.tags()
    scene.vault.boot()


def test_keys_of_two_rotations_of_two_secrets_do_not_meet(world: World, key_function: str) -> None:
    """Two vaults, two users: a rotation looks at its own user only."""
    one = key_scene(world, key_function)
    two = key_scene(world, key_function, env="test", bucket="other-bucket")
    before = two.snapshot()
    one.rotated()
    assert two.snapshot() == before
    two.rotated()
    one.ended_well()
    two.ended_well()
