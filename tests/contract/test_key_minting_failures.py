"""Making and storing a key, when calls fail or their answers are lost: what is kept, what is deleted, what is told."""

import pytest

from simulator import faults
from simulator.exchange import Request
from simulator.faults import Choice, Fault
from simulator.rotation_records import Outcome, RotationRecord
from simulator.world import World
from tests.contract.key_scene import FaultKind, KeyScene, actions, key_scene, step_of

PUT = faults.operation("secretsmanager:PutSecretValue")
CREATE_KEY = faults.operation("iam:CreateAccessKey")


def _once_put() -> Choice:
    """Reads of the secret's value that follow a PutSecretValue."""
    seen = False

    def choose(request: Request) -> bool:
        nonlocal seen
        seen = seen or PUT(request)
        return seen and request.operation == "GetSecretValue" and request.function is not None

    return choose


def _one_attempt(scene: KeyScene, *trouble: Fault) -> RotationRecord:
    """The rotation that was ordered, tried once, in trouble."""
    scene.world.rotation_service.attempts = 1
    with scene.world.watched_by(*trouble):
        record = scene.run()
    assert all(fault.hits for fault in trouble)
    return record


@pytest.mark.parametrize("fault", [faults.deny, faults.throttle])
def test_a_put_that_certainly_failed_takes_the_new_key_with_it(
    world: World, key_function: str, fault: FaultKind
) -> None:
    scene = key_scene(world, key_function)
    scene.order()
    record = _one_attempt(scene, fault(PUT))
    assert (record.outcome, record.steps[-1].step) == (Outcome.FAILED, "createSecret")
    assert scene.account.statuses() == {scene.first_key: "Active"}
    assert scene.count("DeleteAccessKey") == 1
    assert scene.secret.value_of(record.version_id) is None
    scene.boots()
    scene.resumed()
    scene.ended_well()


@pytest.mark.parametrize("fault", [faults.lose_answer, faults.time_out])
def test_a_put_whose_answer_is_lost_keeps_the_key_and_the_rotation_completes_with_it(
    world: World, key_function: str, fault: FaultKind
) -> None:
    scene = key_scene(world, key_function)
    scene.order()
    record = _one_attempt(scene, fault(PUT))
    assert (record.outcome, record.error) == (Outcome.SUCCEEDED, None)
    assert scene.count("CreateAccessKey") == 1
    assert scene.count("DeleteAccessKey") == 0
    scene.ended_well()


@pytest.mark.parametrize("read", [faults.deny, faults.throttle, faults.lose_request])
@pytest.mark.parametrize("put", [faults.deny, faults.lose_answer])
def test_a_put_that_cannot_be_read_back_keeps_the_key(
    world: World, key_function: str, put: FaultKind, read: FaultKind
) -> None:
    scene = key_scene(world, key_function)
    scene.order()
    record = _one_attempt(scene, read(_once_put()), put(PUT))
    assert (record.outcome, record.steps[-1].step) == (Outcome.FAILED, "createSecret")
    assert len(scene.account.statuses()) == 2
    assert scene.count("DeleteAccessKey") == 0
    scene.boots()
    scene.resumed()
    scene.ended_well()


def test_a_put_that_is_refused_because_another_value_is_there_keeps_that_value(world: World, key_function: str) -> None:
    """Somebody stored a value under the pending version while the key was being made."""
    scene = key_scene(world, key_function)
    version_id = scene.begin()

    def store() -> None:
        scene.secret.manager.put_secret_value(
            SecretId=scene.secret.name,
            SecretString=scene.first_config,
            ClientRequestToken=version_id,
            VersionStages=["AWSPENDING"],
        )

    with world.watched_by(faults.meanwhile(faults.nth(1, PUT), store)):
        scene.failure_of("createSecret", version_id)
    assert scene.secret.value_of(version_id) == scene.first_config
    assert scene.account.statuses()[scene.first_key] == "Active"
    assert scene.secret.value() == scene.first_config


@pytest.mark.parametrize("fault", [faults.lose_answer, faults.time_out, faults.lose_request, faults.fail_inside])
def test_create_access_key_is_sent_once_whatever_happens_to_it(
    world: World, key_function: str, fault: FaultKind
) -> None:
    scene = key_scene(world, key_function)
    scene.order()
    record = _one_attempt(scene, fault(CREATE_KEY))
    assert actions(step_of(record, "createSecret")).count("iam:CreateAccessKey") == 1
    assert record.outcome is Outcome.FAILED
    (told,) = scene.events("Rotation Step Failed")
    assert told["retryable"] is True


@pytest.mark.parametrize("times", [1, 3])
def test_a_throttled_create_access_key_is_asked_again_since_it_certainly_made_none(
    world: World, key_function: str, times: int
) -> None:
    scene = key_scene(world, key_function)
    scene.order()
    throttled = faults.throttle(faults.numbered(frozenset(range(1, times + 1)), CREATE_KEY))
    record = _one_attempt(scene, throttled)
    assert (record.outcome, record.attempts) == (Outcome.SUCCEEDED, 1)
    assert scene.count("CreateAccessKey") == times + 1
    scene.ended_well()


def test_a_throttle_that_lasts_fails_the_step_and_takes_the_intent_back(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    scene.order()
    record = _one_attempt(scene, faults.throttle(CREATE_KEY))
    assert (record.outcome, record.error) == (Outcome.FAILED, "UnreachableError")
    assert scene.account.statuses() == {scene.first_key: "Active"}
    assert scene.account.tags() == {}
    scene.resumed()
    scene.ended_well()


@pytest.mark.parametrize("fault", [faults.lose_answer, faults.time_out, faults.crash_after])
@pytest.mark.parametrize("hours", [0, 1, 72])
def test_a_key_whose_answer_was_lost_is_removed_by_the_retry_however_late(
    world: World, key_function: str, fault: FaultKind, hours: float
) -> None:
    scene = key_scene(world, key_function)
    scene.order()
    _one_attempt(scene, fault(CREATE_KEY))
    (lost,) = set(scene.account.statuses()) - {scene.first_key}
    scene.boots()
    world.clock.advance(hours * 3600)
    scene.resumed()
    assert lost not in scene.account.statuses()
    assert scene.key_in() != lost
    scene.ended_well()
    (event,) = scene.events("Orphan Key Deleted")
    assert event["access_key_id"] == lost


def test_a_quota_that_is_full_all_of_a_sudden_is_an_error_and_deletes_nothing(world: World, key_function: str) -> None:
    """Somebody makes the second key between the look at the slots and CreateAccessKey."""
    scene = key_scene(world, key_function)
    version_id = scene.begin()
    theirs: list[str] = []
    stranger = faults.meanwhile(faults.nth(1, CREATE_KEY), lambda: theirs.append(scene.account.add_key().access_key_id))
    with world.watched_by(stranger):
        failure = scene.failure_of("createSecret", version_id)
    assert type(failure).__name__ in {"KeySlotsFullError", "ForeignKeyError"}
    assert scene.account.statuses() == {scene.first_key: "Active", theirs[0]: "Active"}
    assert scene.count("DeleteAccessKey") == 0


def test_the_intent_is_noted_before_the_key_is_made_and_names_the_keys_that_exist(
    world: World, key_function: str
) -> None:
    scene = key_scene(world, key_function)
    version_id = scene.begin()
    seen: list[str] = []
    watch = faults.meanwhile(
        faults.nth(1, CREATE_KEY), lambda: seen.append(scene.account.tags()["vsync-rotation:minting"])
    )
    with world.watched_by(watch):
        scene.step("createSecret", version_id)
    version, at, *recorded = seen[0].split(" ")
    assert (version, recorded) == (version_id, [scene.first_key])
    assert at.endswith("Z")
    assert "vsync-rotation:minting" not in scene.account.tags()


@pytest.mark.parametrize("fault", [faults.deny, faults.throttle, faults.crash_before])
def test_without_the_intent_on_record_no_key_is_made(world: World, key_function: str, fault: FaultKind) -> None:
    scene = key_scene(world, key_function)
    scene.order()
    first_tag = faults.both(faults.operation("iam:TagUser"), faults.in_step("createSecret"))
    _one_attempt(scene, fault(first_tag))
    assert scene.count("CreateAccessKey") == 0
    assert scene.account.statuses() == {scene.first_key: "Active"}
    scene.resumed()
    scene.ended_well()


@pytest.mark.parametrize("fault", [faults.throttle, faults.deny, faults.fail_inside])
def test_a_pending_value_that_cannot_be_read_is_not_taken_for_none(
    world: World, key_function: str, fault: FaultKind
) -> None:
    """The one read that decides whether a key is made fails; every other one works."""
    scene = key_scene(world, key_function)
    version = scene.begin()
    scene.step("createSecret", version)
    before = scene.snapshot()
    tries_of_the_sdk = frozenset(range(1, 5))
    deciding_read = faults.numbered(tries_of_the_sdk, faults.operation("secretsmanager:GetSecretValue"))
    with world.watched_by(fault(deciding_read)):
        error = scene.failure_of("createSecret", version)
    assert type(error).__name__ in {"UnreachableError", "PermissionDeniedError"}
    assert scene.count("CreateAccessKey") == 1
    assert scene.snapshot() == before
