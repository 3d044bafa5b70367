"""testSecret: the pending key is tried as an application would use it, until it works or the time is over."""

import json

import pytest

from simulator import faults
from simulator.rotation_records import Outcome
from simulator.vaults import Layout
from simulator.world import World
from tests.contract.iam_account import other_user
from tests.contract.key_scene import FaultKind, KeyScene, actions, key_scene, log_records, step_of

NEVER = 100_000  # uses; more than any loop with a back-off makes before its deadline
MINUTE_MS = 60_000.0


def _pending(scene: KeyScene) -> str:
    """A rotation up to and without testSecret. Returns the pending version's id."""
    version_id = scene.begin()
    scene.step("createSecret", version_id)
    scene.step("setSecret", version_id)
    return version_id


def _fails_and_undoes_nothing(scene: KeyScene, version_id: str, error: str) -> str:
    """testSecret fails retryably, within its time, and everything is as it was. Returns the message."""
    before, began = scene.snapshot(), scene.world.clock.now()
    failure = scene.failure_of("testSecret", version_id, remaining_ms=MINUTE_MS)
    assert type(failure).__name__ == error
    assert (scene.world.clock.now() - began).total_seconds() < MINUTE_MS / 1000
    assert scene.snapshot() == before
    (told,) = scene.events("Rotation Step Failed")
    assert (told["step"], told["error"], told["retryable"]) == ("testSecret", error, True)
    return str(failure)


def _finishes(scene: KeyScene, version_id: str) -> None:
    scene.step("testSecret", version_id)
    scene.step("finishSecret", version_id)
    scene.ended_well()


@pytest.mark.parametrize(
    ("service", "refused"),
    [
        pytest.param("sts", [1, 2], id="unknown to STS at first"),
        pytest.param("s3", [1, 2], id="unknown to S3 at first"),
        pytest.param("sts", [2], id="known to STS, then not"),
        pytest.param("s3", [2], id="known to S3, then not"),
        pytest.param("s3", [1, 3], id="known to S3 every other time"),
        pytest.param("sts", range(1, 9), id="unknown to STS for long"),
    ],
)
def test_a_key_that_is_not_known_everywhere_yet_is_waited_for(
    world: World, key_function: str, service: str, refused: list[int]
) -> None:
    scene = key_scene(world, key_function)
    world.propagation.refuse(service, uses=refused)
    record = scene.rotated()
    scene.ended_well()
    assert record.attempts == 1
    assert actions(step_of(record, "testSecret")).count("sts:GetCallerIdentity") > 1


def test_one_success_is_not_enough(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    record = scene.rotated()
    asked = actions(step_of(record, "testSecret"))
    assert asked.count("sts:GetCallerIdentity") >= 2
    assert asked.count("s3:HeadObject") >= 2


@pytest.mark.parametrize("service", ["sts", "s3"])
def test_a_key_that_stays_unknown_fails_at_the_deadline_and_is_kept(
    world: World, key_function: str, service: str
) -> None:
    scene = key_scene(world, key_function)
    world.propagation.delay(service, uses=NEVER)
    version_id = _pending(scene)
    _fails_and_undoes_nothing(scene, version_id, "PermissionDeniedError")
    world.propagation.refuse(service, uses=())
    _finishes(scene, version_id)


def test_a_denial_by_s3_is_named_as_one(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    world.enforce_iam()
    document = scene.account.iam.get_user_policy(UserName=scene.account.user, PolicyName="read-the-vault")
    scene.account.iam.delete_user_policy(UserName=scene.account.user, PolicyName="read-the-vault")
    version_id = _pending(scene)
    message = _fails_and_undoes_nothing(scene, version_id, "PermissionDeniedError")
    assert "credentials accepted by S3 but cannot read acme_web/prod/manifest" in message
    text = json.dumps(document["PolicyDocument"])
    scene.account.iam.put_user_policy(UserName=scene.account.user, PolicyName="read-the-vault", PolicyDocument=text)
    _finishes(scene, version_id)


def test_a_store_that_cannot_be_reached_is_named_as_one(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    version_id = _pending(scene)
    with world.watched_by(faults.lose_request(faults.operation("s3:HeadObject"))):
        message = _fails_and_undoes_nothing(scene, version_id, "UnreachableError")
    assert f"could not reach {world.endpoint_url}" in message
    _finishes(scene, version_id)


@pytest.mark.parametrize("action", ["sts:GetCallerIdentity", "s3:HeadObject"])
@pytest.mark.parametrize("fault", [faults.throttle, faults.fail_inside, faults.lose_answer])
def test_a_passing_fault_of_the_services_is_waited_out(
    world: World, key_function: str, action: str, fault: FaultKind
) -> None:
    scene = key_scene(world, key_function)
    version_id = _pending(scene)
    trouble = fault(faults.numbered(frozenset({1, 2, 3}), faults.operation(action)))
    with world.watched_by(trouble):
        scene.step("testSecret", version_id)
    assert len(trouble.hits) == 3
    scene.step("finishSecret", version_id)
    scene.ended_well()


def _warnings(scene: KeyScene) -> list[str]:
    lines = log_records(scene.world.functions.invocations[-1].output)
    return [str(line["message"]) for line in lines if line.get("level") == "WARNING"]


def test_a_vault_that_was_never_pushed_is_a_warning(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    for name in scene.objects():
        world.client("s3").delete_object(Bucket=scene.vault.bucket, Key=name)
    version_id = _pending(scene)
    scene.step("testSecret", version_id)
    assert len(_warnings(scene)) == 1
    scene.step("finishSecret", version_id)
    assert scene.secret.holder("AWSCURRENT") == version_id
    assert scene.objects() == {}


@pytest.mark.parametrize("layout", list(Layout))
def test_either_pointer_is_enough(world: World, key_function: str, layout: Layout) -> None:
    scene = key_scene(world, key_function, layout)
    world.enforce_iam()
    version_id = _pending(scene)
    scene.step("testSecret", version_id)
    assert _warnings(scene) == []


@pytest.mark.parametrize("layout", [Layout.RUNTIME, Layout.CLI])
def test_latest_is_asked_for_only_where_the_manifest_was_not_found(
    world: World, key_function: str, layout: Layout
) -> None:
    record = key_scene(world, key_function, layout).rotated()
    heads = {r.path.rsplit("/", 1)[1] for r in step_of(record, "testSecret").requests if r.service == "s3"}
    assert heads == ({"manifest"} if layout is Layout.RUNTIME else {"manifest", "latest"})


def test_only_the_pending_key_is_used_for_the_test(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    record = scene.rotated()
    used = {r.principal for r in step_of(record, "testSecret").requests if r.service in {"sts", "s3"}}
    assert used == {scene.key_in()}


def test_a_pending_key_of_another_user_is_not_promoted(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    stranger = other_user(world)
    scene.switch_rotation_on()
    version_id = scene.secret.put(scene.config_with(stranger.add_key()), "AWSPENDING")
    before = scene.snapshot()
    failure = scene.failure_of("testSecret", version_id, remaining_ms=MINUTE_MS)
    assert type(failure).__name__ == "ForeignKeyError"
    assert scene.snapshot() == before


@pytest.mark.parametrize("form", ["blob", "location"])
def test_the_services_test_only_call_changes_nothing(world: World, key_function: str, form: str) -> None:
    scene = key_scene(world, key_function)
    if form == "location":
        scene.secret.set_current(scene.location())
    before = scene.snapshot()
    scene.secret.manager.rotate_secret(
        SecretId=scene.secret.name, RotationLambdaARN=key_function, RotateImmediately=False
    )
    record = scene.run()
    assert (record.outcome, record.error, record.message) == (Outcome.SUCCEEDED, None, None)
    assert [step.step for step in record.steps] == ["testSecret"]
    assert scene.snapshot() == before
    assert scene.events("Rotation Finished") == []
    assert len(_warnings(scene)) == (1 if form == "location" else 0)


def test_the_services_test_only_call_tests_the_current_key(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    scene.secret.manager.rotate_secret(
        SecretId=scene.secret.name, RotationLambdaARN=key_function, RotateImmediately=False
    )
    record = scene.run()
    used = {r.principal for r in record.steps[0].requests if r.service in {"sts", "s3"}}
    assert used == {scene.first_key}


def test_the_services_test_only_call_refuses_a_location_that_lacks_something(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    location = json.loads(scene.location())
    del location["bucket"]
    scene.secret.set_current(json.dumps(location))
    scene.secret.manager.rotate_secret(
        SecretId=scene.secret.name, RotationLambdaARN=key_function, RotateImmediately=False
    )
    assert scene.run().error == "SettingsError"
