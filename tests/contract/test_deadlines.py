"""A function that runs out of time: what it still does, and what it does not begin."""

from simulator import faults
from simulator.vaults import Vault
from simulator.world import World
from tests.contract.passphrase_rotation import boots, event_for, moving_the_label, picture, vault_at_noon

SWAP = faults.both(faults.operation("PutObject"), lambda request: request.path.endswith("/manifest"))


def staged(world: World, function: str) -> tuple[Vault, str]:
    """A vault with everything done but finishSecret, and the pending version."""
    vault = vault_at_noon(world)
    version = world.begin_rotation(vault.passphrase_secret)
    for step in ("createSecret", "setSecret", "testSecret"):
        world.invoke(function, event_for(vault, step, version))
    return vault, version


def failure_of(world: World, function: str, event: dict[str, str], remaining_ms: float | None = None) -> Exception:
    """What the invocation raises; it has to raise."""
    try:
        world.invoke(function, event, remaining_ms=remaining_ms)
    except Exception as error:  # noqa: BLE001 - judged by the class's name
        return error
    raise AssertionError("nothing was raised")


def test_the_label_moves_after_the_swap_however_late_it_got(world: World, passphrase_function: str) -> None:
    vault, version = staged(world, passphrase_function)
    slow = faults.afterwards(SWAP, lambda: world.clock.advance(100))
    with world.watched_by(slow):
        world.invoke(passphrase_function, event_for(vault, "finishSecret", version), remaining_ms=60_000)
    assert slow.hits
    assert {booted.gen for booted in boots(vault).values()} == {1}


def test_the_swap_is_not_begun_without_time_for_the_label(world: World, passphrase_function: str) -> None:
    vault, version = staged(world, passphrase_function)
    before = picture(vault)
    slow = faults.afterwards(faults.nth(1, faults.operation("GetSecretValue")), lambda: world.clock.advance(45))
    with world.watched_by(slow):
        error = failure_of(world, passphrase_function, event_for(vault, "finishSecret", version), 60_000)
    assert type(error).__name__ == "UnreachableError"
    assert picture(vault) == before
    boots(vault)


def test_a_step_that_ran_out_of_time_still_tells_it(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world)
    version = world.begin_rotation(vault.passphrase_secret)
    slow = faults.afterwards(faults.nth(1, faults.operation("GetObject")), lambda: world.clock.advance(20))
    with world.watched_by(slow):
        error = failure_of(world, passphrase_function, event_for(vault, "createSecret", version), 15_000)
    assert type(error).__name__ == "UnreachableError"
    assert [event.detail_type for event in world.events] == ["Rotation Step Failed"]


def test_a_label_that_cannot_be_moved_is_told_as_what_it_is(world: World, passphrase_function: str) -> None:
    vault, version = staged(world, passphrase_function)
    with world.watched_by(faults.deny(moving_the_label)):
        error = failure_of(world, passphrase_function, event_for(vault, "finishSecret", version))
    assert type(error).__name__ == "PermissionDeniedError"
    assert "nothing was changed" not in str(error)
    assert "until finishSecret is repeated, booting may fail" in str(error)
    world.invoke(passphrase_function, event_for(vault, "finishSecret", version))
    boots(vault)
