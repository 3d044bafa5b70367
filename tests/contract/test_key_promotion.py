"""finishSecret: the label moves once and only where it should; somebody else's change always wins."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from simulator import faults
from simulator.exchange import Answer, Request
from simulator.rotation_records import Outcome
from simulator.world import World
from tests.contract.key_scene import FaultKind, KeyScene, key_scene, log_records, step_of
from tests.contract.secret_versions import blob_text, encoded

MOVE = faults.operation("secretsmanager:UpdateSecretVersionStage")
PUT_EVENTS = faults.operation("events:PutEvents")


def _pending(scene: KeyScene) -> str:
    version_id = scene.begin()
    for step in ("createSecret", "setSecret", "testSecret"):
        scene.step(step, version_id)
    return version_id


def _elsewhere(scene: KeyScene, **changes: object) -> str:
    """The first value with another location."""
    return encoded({**json.loads(blob_text(scene.first_config)), **changes})


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"bucket": "another-bucket"}, id="another bucket"),
        pytest.param({"prefix": "acme_web/prod-2/"}, id="another prefix"),
        pytest.param({"salt": "YW5vdGhlci1zYWx0LWhlcmU="}, id="another salt"),
        pytest.param({"iterations": 2000}, id="other iterations"),
        pytest.param({"note": "added by hand"}, id="a further field"),
    ],
)
def test_a_location_changed_by_hand_is_never_overwritten(
    world: World, key_function: str, changes: dict[str, object]
) -> None:
    scene = key_scene(world, key_function)
    version_id = _pending(scene)
    by_hand = scene.secret.set_current(_elsewhere(scene, **changes))
    before = scene.snapshot()
    failure = scene.failure_of("finishSecret", version_id)
    assert type(failure).__name__ == "ConcurrentChangeError"
    assert scene.snapshot() == before
    assert scene.secret.holder("AWSCURRENT") == by_hand
    for part in ("aws secretsmanager update-secret-version-stage", "AWSPENDING", version_id, scene.secret.name):
        assert part in str(failure)
    (told,) = scene.events("Rotation Step Failed")
    assert (told["error"], told["retryable"]) == ("ConcurrentChangeError", True)
    assert scene.events("Rotation Finished") == []


def test_the_commands_in_the_message_clear_the_way(world: World, key_function: str) -> None:
    """The pending version's label is taken off as told; the next rotation then works from the new location."""
    scene = key_scene(world, key_function)
    version_id = _pending(scene)
    scene.secret.set_current(_elsewhere(scene, note="added by hand"))
    scene.failure_of("finishSecret", version_id)
    scene.secret.remove_label("AWSPENDING")
    scene.rotated()
    assert json.loads(blob_text(scene.secret.value()))["note"] == "added by hand"
    assert scene.account.statuses() == {scene.first_key: "Active", scene.key_in(): "Active"}
    scene.vault.boot()


def test_the_service_abandons_a_rotation_whose_value_was_changed_by_hand(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)

    def change_by_hand(step: str, attempt: int) -> None:
        if step == "finishSecret":
            scene.secret.set_current(_elsewhere(scene, note="added by hand"))

    world.rotation_service.before_step = change_by_hand
    record = scene.rotate()
    assert record.outcome is Outcome.ABANDONED
    assert json.loads(blob_text(scene.secret.value()))["note"] == "added by hand"
    assert scene.account.statuses()[scene.first_key] == "Active"
    scene.boots()


def test_a_third_version_promoted_just_before_the_label_move_stays_current(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    version_id = _pending(scene)
    keys, tags = scene.account.statuses(), scene.account.tags()
    third: list[str] = []
    rival = faults.meanwhile(faults.nth(1, MOVE), lambda: third.append(scene.secret.set_current(scene.first_config)))
    with world.watched_by(rival):
        failure = scene.failure_of("finishSecret", version_id)
    assert type(failure).__name__ == "ConcurrentChangeError"
    assert scene.secret.holder("AWSCURRENT") == third[0]
    assert (scene.account.statuses(), scene.account.tags()) == (keys, tags)
    assert scene.events("Rotation Finished") == []
    scene.boots()


@pytest.mark.parametrize("fault", [faults.lose_answer, faults.time_out])
def test_a_label_move_whose_every_answer_is_lost_is_found_out_to_have_worked(
    world: World, key_function: str, fault: FaultKind
) -> None:
    scene = key_scene(world, key_function)
    with world.watched_by(fault(MOVE)):
        record = scene.rotated()
    assert record.attempts == 1
    scene.ended_well()
    assert len(scene.events("Rotation Finished")) == 1


def test_a_label_move_whose_first_answer_is_lost_is_no_failure(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    with world.watched_by(faults.lose_answer(faults.nth(1, MOVE))):
        record = scene.rotated()
    assert record.attempts == 1
    scene.ended_well()


@pytest.mark.parametrize("fault", [faults.throttle, faults.deny, faults.lose_request, faults.fail_inside])
def test_a_label_move_that_does_not_get_through_leaves_the_rest_to_the_retry(
    world: World, key_function: str, fault: FaultKind
) -> None:
    scene = key_scene(world, key_function)
    scene.order()
    world.rotation_service.attempts = 1
    with world.watched_by(fault(MOVE)):
        record = scene.run()
    assert (record.outcome, record.steps[-1].step) == (Outcome.FAILED, "finishSecret")
    assert scene.secret.value() == scene.first_config
    assert len(scene.account.statuses()) == 2
    assert scene.events("Rotation Finished") == []
    assert f"vsync-rotation:superseded-at:{scene.first_key}" not in scene.account.tags()
    scene.boots()
    scene.resumed()
    scene.ended_well()
    assert scene.count("CreateAccessKey") == 1


def test_a_label_move_throttled_once_is_tried_again_at_once(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    with world.watched_by(faults.throttle(faults.nth(1, MOVE))):
        record = scene.rotated()
    assert record.attempts == 1
    scene.ended_well()


@dataclass(slots=True)
class RefusingBus:
    """PutEvents answers 200 and says in the body that nothing was taken."""

    hits: list[Request] = field(default_factory=list)

    def before(self, request: Request) -> Answer | None:
        if request.operation != "PutEvents":
            return None
        self.hits.append(request)
        entry = {"ErrorCode": "InternalFailure", "ErrorMessage": "the bus did not take it"}
        body = json.dumps({"FailedEntryCount": 1, "Entries": [entry]}).encode()
        return Answer(200, {"Content-Type": "application/x-amz-json-1.1"}, body)

    def after(self, request: Request) -> None: ...


def _refusing(_: faults.Choice) -> RefusingBus:
    return RefusingBus()


@pytest.mark.parametrize("fault", [_refusing, faults.fail_inside, faults.deny, faults.lose_request])
def test_a_failing_event_bus_never_fails_a_step_and_is_logged(
    world: World, key_function: str, fault: Callable[[faults.Choice], faults.Fault | RefusingBus]
) -> None:
    scene, bus = key_scene(world, key_function), fault(PUT_EVENTS)
    with world.watched_by(bus):
        record = scene.rotated()
    assert bus.hits
    assert record.attempts == 1
    scene.ended_well()
    lines = log_records(step_of(record, "finishSecret").output)
    assert [
        line for line in lines if line.get("level") in {"WARNING", "ERROR"} and "Rotation Finished" in json.dumps(line)
    ]


def test_a_failing_event_bus_does_not_hide_the_steps_own_error(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    foreign = scene.account.add_key().access_key_id
    with world.watched_by(RefusingBus()):
        record = scene.rotate()
    assert record.error == "ForeignKeyError"
    assert foreign in str(record.message)


def test_the_event_of_a_failed_step_says_everything_but_values(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    scene.account.add_key()
    world.rotation_service.attempts = 1
    record = scene.rotate()
    (event,) = [event for event in world.events if event.source == "vsync.rotation"]
    assert event.detail_type == "Rotation Step Failed"
    assert str(event.detail.pop("at")).endswith("Z")
    assert event.detail == {
        "secret_arn": scene.secret.arn,
        "secret_name": scene.secret.name,
        "kind": "iam-access-key",
        "repo": "acme_web",
        "env": "prod",
        "version_id": record.version_id,
        "step": "createSecret",
        "error": "ForeignKeyError",
        "message": record.message,
        "retryable": False,
    }


def test_a_failed_step_is_logged_with_its_error(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    scene.account.add_key()
    record = scene.rotate()
    found = [line for line in log_records(record.steps[0].output) if line.get("error") == "ForeignKeyError"]
    assert found
    assert (found[0]["step"], found[0]["version_id"]) == ("createSecret", record.version_id)
    assert found[0]["secret"] in {scene.secret.name, scene.secret.arn}
