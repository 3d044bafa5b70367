"""Restarts that a promotion asked for and that are not on record are asked for again, and not for ever."""

import pytest

from rotate_iam_access_key.handler import lambda_handler as rotate_iam_access_key
from simulator.vaults import Layout
from tests.contract.check.conftest import Begin
from tests.contract.check.scene import HOUR, MINUTE, Checked, CheckScene
from tests.contract.passphrase_rotation import operator
from tests.contract.secret_versions import SecretVersions
from vsync_rotation.memory.restarts import ConsumerRestart, Restarts, RestartState, restarts_name

FINISHED, RESTARTING = "Rotation Finished", "Consumers Restarting"
CONSUMER = "ecs:prod/web"


def rotated_key(scene: CheckScene) -> None:
    """The config secret's key was rotated two hours ago."""
    arn = scene.world.deploy("rotate_iam_access_key", rotate_iam_access_key)
    scene.config.manager.rotate_secret(SecretId=scene.config.name, RotationLambdaARN=arn)
    (record,) = scene.world.rotation_service.run()
    assert record.error is None
    scene.world.clock.advance(2 * HOUR)


def subject(scene: CheckScene, kind: str) -> SecretVersions:
    return scene.secret if kind == "passphrase" else scene.config


def declared(begin: Begin, kind: str) -> CheckScene:
    """A rotated secret with a consumer, seen by one check."""
    scene = begin(Layout.RUNTIME)
    if kind == "key":
        rotated_key(scene)
    subject(scene, kind).tag("consumer:web", CONSUMER)
    assert check(scene, kind).told() == []
    return scene


def check(scene: CheckScene, kind: str, seconds: float = 15 * MINUTE) -> Checked:
    return scene.checked({"secret_id": subject(scene, kind).name}, seconds)


def record(scene: CheckScene, kind: str, state: RestartState, *, version: str = "", consumer: str = CONSUMER) -> None:
    """What `restart_consumers` writes."""
    secret = subject(scene, kind)
    restart = ConsumerRestart(consumer, state, scene.world.clock.now(), handle="deployment-1")
    text = Restarts(version or str(secret.holder("AWSCURRENT")), {"web": restart}).encode()
    operator("ssm", scene.world).put_parameter(
        Name=restarts_name(secret.name), Value=text, Type="String", Overwrite=True
    )


both_kinds = pytest.mark.parametrize("kind", ["passphrase", "key"])


@both_kinds
def test_without_a_record_the_rotation_s_event_is_sent_again_after_ten_minutes_hourly_and_for_a_day(
    begin: Begin, kind: str
) -> None:
    scene = declared(begin, kind)
    assert check(scene, kind, 9 * MINUTE).told() == []
    assert check(scene, kind, 1 * MINUTE).told() == [(FINISHED,)]
    assert check(scene, kind, 45 * MINUTE).told() == []
    assert check(scene, kind, 15 * MINUTE).told() == [(FINISHED,)]
    assert check(scene, kind, 22 * HOUR).told() == [(FINISHED,)]
    assert check(scene, kind, 2 * HOUR).told() == []


def test_a_passphrase_s_event_has_the_fields_it_had(begin: Begin) -> None:
    scene = begin(Layout.BOTH)
    scene.tag(**{"consumer:web": CONSUMER})
    first = scene.rotated().version_id
    sent = next(event.detail for event in scene.world.events if event.detail_type == FINISHED)
    scene.check(seconds=20 * MINUTE)
    before = scene.picture()
    again = scene.check(seconds=20 * MINUTE).detail(FINISHED)
    assert {**again, "at": sent["at"], "race_window_ms": sent["race_window_ms"]} == sent
    assert (again["version_id"], again["race_window_ms"]) == (first, None)
    assert scene.picture() == before


def test_a_key_s_event_has_the_fields_it_had(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME)
    scene.config.tag("consumer:web", CONSUMER)
    rotated_key(scene)
    sent = next(event.detail for event in scene.world.events if event.detail_type == FINISHED)
    check(scene, "key")
    again = check(scene, "key").detail(FINISHED)
    assert {**again, "at": sent["at"]} == sent
    assert (sent["repo"], sent["env"]) == ("acme_web", "prod")


def test_a_pause_of_days_costs_no_restart(begin: Begin) -> None:
    scene = declared(begin, "passphrase")
    scene.tag(paused="on")
    assert [check(scene, "passphrase", 13 * HOUR).told() for _ in range(3)] == [[], [], []]
    scene.tag(paused="off")
    assert check(scene, "passphrase", 20 * MINUTE).told() == [(FINISHED,)]


def test_a_restart_that_is_never_recorded_is_asked_for_daily_after_the_first_day(begin: Begin) -> None:
    scene = declared(begin, "passphrase")
    assert check(scene, "passphrase", 26 * HOUR).told() == [(FINISHED,)]
    assert check(scene, "passphrase", 2 * HOUR).told() == []
    assert check(scene, "passphrase", 22 * HOUR).told() == [(FINISHED,)]


@both_kinds
def test_restarts_under_way_are_asked_after_with_every_check(begin: Begin, kind: str) -> None:
    scene = declared(begin, kind)
    record(scene, kind, RestartState.BEGUN)
    for _ in range(3):
        checked = check(scene, kind)
        assert checked.told() == [(RESTARTING,)]
        assert checked.detail(RESTARTING)["version_id"] == subject(scene, kind).holder("AWSCURRENT")
    record(scene, kind, RestartState.RESTARTED)
    assert check(scene, kind).told() == []


@both_kinds
def test_failed_restarts_are_asked_for_again_hourly(begin: Begin, kind: str) -> None:
    scene = declared(begin, kind)
    record(scene, kind, RestartState.FAILED)
    told = [check(scene, kind).told() for _ in range(8)]
    assert told == [[(RESTARTING,)], [], [], [], [(RESTARTING,)], [], [], []]


@pytest.mark.parametrize(
    ("version", "consumer", "expected"),
    [
        ("", CONSUMER, []),
        ("of-another-rotation", CONSUMER, [(FINISHED,)]),
        ("", "ecs:prod/other", [(RESTARTING,)]),
    ],
    ids=["as declared", "of another version", "of another target"],
)
def test_a_restart_counts_for_its_version_and_its_target(
    begin: Begin, version: str, consumer: str, expected: list[tuple[str]]
) -> None:
    scene = declared(begin, "passphrase")
    record(scene, "passphrase", RestartState.RESTARTED, version=version, consumer=consumer)
    assert check(scene, "passphrase").told() == expected


def test_a_record_that_cannot_be_understood_counts_as_none(begin: Begin) -> None:
    scene = declared(begin, "passphrase")
    operator("ssm", scene.world).put_parameter(
        Name=restarts_name(scene.secret.name), Value='{"version_id":7', Type="String"
    )
    assert check(scene, "passphrase").told() == [(FINISHED,)]


@both_kinds
def test_a_value_that_no_rotation_brought_asks_for_nothing(begin: Begin, kind: str) -> None:
    scene = begin(Layout.RUNTIME, rotations=0)
    secret = subject(scene, kind)
    secret.tag("consumer:web", CONSUMER)
    for _ in range(2):
        assert check(scene, kind).told() == []
    secret.set_current(secret.value())
    for _ in range(3):
        assert check(scene, kind).told() == []


@both_kinds
def test_a_value_put_by_hand_after_a_rotation_is_not_told_as_a_rotation(begin: Begin, kind: str) -> None:
    scene = declared(begin, kind)
    record(scene, kind, RestartState.RESTARTED)
    assert check(scene, kind).told() == []
    subject(scene, kind).set_current(subject(scene, kind).value())
    told = [telling for _ in range(3) for telling in check(scene, kind).told()]
    assert (FINISHED,) not in told


def test_a_consumer_declared_after_the_restarts_is_restarted_by_itself(begin: Begin) -> None:
    """The record says what has restarted, so that only what is new is begun."""
    scene = declared(begin, "passphrase")
    record(scene, "passphrase", RestartState.RESTARTED)
    assert check(scene, "passphrase").told() == []
    scene.tag(**{"consumer:worker": "ecs:prod/worker"})
    assert check(scene, "passphrase").told() == [(RESTARTING,)]


def test_a_consumer_declared_first_after_the_rotation_counts_from_then_on(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME).settled()
    scene.check(seconds=30 * 24 * HOUR)
    scene.tag(**{"consumer:web": CONSUMER})
    assert scene.check().told() == []
    assert scene.check().told() == [(FINISHED,)]


def test_a_new_rotation_counts_anew(begin: Begin) -> None:
    scene = declared(begin, "passphrase")
    record(scene, "passphrase", RestartState.RESTARTED)
    check(scene, "passphrase")
    scene.rotated()
    assert check(scene, "passphrase", MINUTE).told() == []
    assert check(scene, "passphrase", 10 * MINUTE).told() == [(FINISHED,)]


def test_what_was_pushed_over_and_pruned_asks_for_the_restarts_alone(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME)
    own = scene.live_bundles()["runtime"]
    scene.push("20260310-080000", "pushed", scene.secret.value())
    scene.delete(own)
    scene.tag(**{"consumer:web": CONSUMER})
    scene.check()
    assert scene.check().told() == [(RESTARTING,)]


def test_a_consumer_s_typing_error_does_not_hide_a_drift(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME, **{"consumer:web": "make:coffee"})
    scene.delete("acme_web/prod/manifest")
    assert scene.check().told() == [("Vault Drift Detected", "runtime", "pointer-missing")]
