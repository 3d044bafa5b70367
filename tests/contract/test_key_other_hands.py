"""A person, or the same step again, at work on the user's keys in the same minutes."""

from simulator import faults
from simulator.exchange import Request
from simulator.world import World
from tests.contract.iam_account import other_user
from tests.contract.key_scene import STEPS, key_scene

CREATE_KEY = faults.both(faults.operation("iam:CreateAccessKey"), faults.in_a_function)
PUT = faults.both(faults.operation("secretsmanager:PutSecretValue"), faults.in_a_function)


def test_a_key_that_a_person_makes_just_before_ours_is_never_taken_for_an_orphan(
    world: World, key_function: str
) -> None:
    scene = key_scene(world, key_function)
    made: list[str] = []

    def somebody() -> None:
        if not made:
            made.append(scene.account.add_key().access_key_id)

    scene.order()
    with world.watched_by(faults.meanwhile(CREATE_KEY, somebody)):
        record = scene.run()
    assert record.error == "ForeignKeyError"
    assert scene.account.statuses() == {scene.first_key: "Active", made[0]: "Active"}
    assert "vsync-rotation:minting" not in scene.account.tags()


def test_a_key_that_a_person_makes_after_a_refused_creation_is_never_taken_for_an_orphan(
    world: World, key_function: str
) -> None:
    scene = key_scene(world, key_function)
    version = scene.begin()
    with world.watched_by(faults.deny(CREATE_KEY)):
        assert type(scene.failure_of("createSecret", version)).__name__ == "PermissionDeniedError"
    world.clock.advance(300)
    made = scene.account.add_key().access_key_id
    world.clock.advance(60)
    assert type(scene.failure_of("createSecret", version)).__name__ == "ForeignKeyError"
    assert scene.account.statuses() == {scene.first_key: "Active", made: "Active"}


def test_a_pending_key_that_is_gone_is_told_with_the_way_out(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    version = scene.begin()
    for step in STEPS[:2]:
        scene.step(step, version)
    scene.account.delete_key(scene.key_in("AWSPENDING"))
    error = scene.failure_of("testSecret", version, remaining_ms=20_000)
    assert type(error).__name__ == "ConcurrentChangeError"
    assert f"--version-stage AWSPENDING --remove-from-version-id {version}" in str(error)
    scene.boots()


def test_an_old_version_with_binary_data_stops_no_rotation(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    scene.secret.manager.put_secret_value(
        SecretId=scene.secret.name, SecretBinary=b"\x00old", VersionStages=["an-old-one"]
    )
    foreign = scene.account.add_key().access_key_id
    scene.world.rotation_service.attempts = 1
    record = scene.rotate()
    assert record.error == "ForeignKeyError"
    assert scene.account.statuses() == {scene.first_key: "Active", foreign: "Active"}


def test_what_is_still_safe_is_told_truly_when_the_fate_of_a_stored_value_is_unknown(
    world: World, key_function: str
) -> None:
    scene = key_scene(world, key_function)
    version = scene.begin()
    after_put = faults.operation("secretsmanager:GetSecretValue")
    with world.watched_by(faults.lose_request(PUT), faults.throttle(_from_then_on(PUT, after_put))):
        error = scene.failure_of("createSecret", version)
    assert "nothing was changed" not in str(error)
    assert "the key in AWSCURRENT works as before; new key" in str(error)
    scene.boots()


def _from_then_on(first: faults.Choice, then: faults.Choice) -> faults.Choice:
    begun = False

    def choose(request: Request) -> bool:
        nonlocal begun
        begun = begun or first(request)
        return begun and then(request)

    return choose


OWNER_ASKED = faults.operation("iam:GetAccessKeyLastUsed")


def test_where_iam_does_not_say_whose_the_current_key_is_the_key_itself_does(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    pair = other_user(world).add_key()
    scene.secret.set_current(scene.config_with(pair))
    scene.world.rotation_service.attempts = 1
    with world.watched_by(faults.deny(OWNER_ASKED)):
        record = scene.rotate()
    assert record.error == "ForeignKeyError"
    assert "somebody-else" in str(record.message)
    assert scene.account.statuses() == {scene.first_key: "Active"}


def test_a_current_key_that_is_gone_is_rotated_away_from_although_iam_refuses_to_tell(
    world: World, key_function: str
) -> None:
    scene = key_scene(world, key_function)
    scene.account.delete_key(scene.first_key)
    with world.watched_by(faults.deny(OWNER_ASKED)):
        scene.rotated()
    assert scene.account.statuses() == {scene.key_in(): "Active"}
    scene.boots()
