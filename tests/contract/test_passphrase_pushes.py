"""A teammate's laptop pushes while the passphrase is being rotated: no push is ever lost, and nobody is locked out."""

from collections.abc import Iterator

import pytest

from simulator import faults
from simulator.vaults import FIRST_PASSPHRASE, Layout, Vault
from simulator.world import World
from tests.contract.passphrase_rotation import (
    LAYOUTS,
    audit_rows,
    boots,
    current_version,
    greetings,
    pointers,
    push_everywhere,
    push_to,
    putting,
    rotate,
    rotate_once,
    succeeded,
    vault_at_noon,
)

EVERY_SWAP = [(layout, swap) for layout in LAYOUTS for swap in ("cli", "runtime") if layout in {swap, Layout.BOTH}]
each_swap = pytest.mark.parametrize(("layout", "swap"), EVERY_SWAP)


def rising() -> Iterator[str]:
    """Timestamps as a laptop makes them, a minute apart."""
    yield from (f"20260301-13{minute:02d}00" for minute in range(60))


def assert_completed(vault: Vault, greeting: str) -> None:
    """The push is what boots, under the new passphrase, and the rotation is on record once."""
    found = boots(vault).values()
    assert greetings(vault) == {greeting}
    assert {booted.gen for booted in found} == {1}
    assert len({booted.timestamp for booted in found}) == 1
    assert [row["version_ts"] for row in audit_rows(vault)] == [next(iter(found)).timestamp]
    assert vault.passphrase() != FIRST_PASSPHRASE


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("before", ["setSecret", "testSecret", "finishSecret"])
@pytest.mark.parametrize(
    "timestamp",
    [
        pytest.param("20260301-130000", id="later than the staged bundle"),
        pytest.param("20260301-115959", id="earlier than the staged bundle"),
        pytest.param("20260101-000000", id="with the timestamp of the live bundle"),
    ],
)
def test_a_push_between_two_steps_is_what_boots_afterwards(
    world: World, passphrase_function: str, layout: Layout, before: str, timestamp: str
) -> None:
    vault = vault_at_noon(world, layout)

    def push(step: str, attempt: int) -> None:
        if (step, attempt) == (before, 1):
            push_everywhere(vault, timestamp, "pushed")

    world.rotation_service.before_step = push
    succeeded(rotate(vault, passphrase_function))
    assert_completed(vault, "pushed")


def test_a_push_before_finish_secret_needs_no_retry_of_the_service(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world)

    def push(step: str, _attempt: int) -> None:
        if step == "finishSecret":
            push_everywhere(vault, "20260301-130000", "pushed")

    world.rotation_service.before_step = push
    record = succeeded(rotate_once(vault, passphrase_function))
    assert record.attempts == 1
    assert_completed(vault, "pushed")
    assert {booted.timestamp for booted in boots(vault).values()} == {"20260301-130001"}


@pytest.mark.parametrize("pushed", ["cli", "runtime"])
def test_a_push_to_one_of_two_layouts_leaves_the_other_as_it_was(
    world: World, passphrase_function: str, pushed: str
) -> None:
    vault = vault_at_noon(world)
    before = boots(vault)

    def push(step: str, attempt: int) -> None:
        if (step, attempt) == ("finishSecret", 1):
            push_to(vault, pushed, "20260301-130000", "pushed")

    world.rotation_service.before_step = push
    succeeded(rotate(vault, passphrase_function))
    after = boots(vault)
    (other,) = {"cli", "runtime"} - {pushed}
    assert after[other].payload == before[other].payload
    assert b"pushed" in after[pushed].payload
    assert {booted.gen for booted in after.values()} == {1}


@each_swap
def test_a_push_racing_a_pointer_swap_is_staged_anew(
    world: World, passphrase_function: str, layout: Layout, swap: str
) -> None:
    """With both layouts the second swap comes after the first: its push arrives between the two."""
    vault = vault_at_noon(world, layout)
    before = boots(vault)
    race = faults.nth(1, putting(pointers(vault)[swap]))
    with world.watched_by(faults.meanwhile(race, lambda: push_to(vault, swap, "20260301-130000", "pushed"))):
        record = succeeded(rotate_once(vault, passphrase_function))
    assert 412 in [request.status for request in record.steps[-1].requests]
    after = boots(vault)
    assert b"pushed" in after[swap].payload
    assert {name: found.payload for name, found in after.items() if name != swap} == {
        name: found.payload for name, found in before.items() if name != swap
    }
    assert {booted.gen for booted in after.values()} == {1}
    assert len(audit_rows(vault)) == 1


@each_swap
def test_two_pushes_in_a_row_are_followed(world: World, passphrase_function: str, layout: Layout, swap: str) -> None:
    vault = vault_at_noon(world, layout)
    timestamps = rising()
    race = faults.numbered(frozenset({1, 2}), putting(pointers(vault)[swap]))
    with world.watched_by(faults.meanwhile(race, lambda: push_to(vault, swap, next(timestamps), "pushed"))):
        succeeded(rotate_once(vault, passphrase_function))
    assert next(timestamps) == "20260301-130200"
    assert b"pushed" in boots(vault)[swap].payload
    assert {booted.gen for booted in boots(vault).values()} == {1}


@each_swap
def test_pushes_at_every_swap_end_the_step_and_the_last_push_lives_under_the_old_passphrase(
    world: World, passphrase_function: str, layout: Layout, swap: str
) -> None:
    vault = vault_at_noon(world, layout)
    before, previous = boots(vault), current_version(vault)
    timestamps = rising()
    pushes: list[str] = []

    def push() -> None:
        pushes.append(next(timestamps))
        push_to(vault, swap, pushes[-1], f"push {len(pushes)}")

    with world.watched_by(faults.meanwhile(putting(pointers(vault)[swap]), push)):
        record = rotate_once(vault, passphrase_function)
    assert (record.steps[-1].step, record.error) == ("finishSecret", "PointerMovedError")
    assert current_version(vault) == previous
    after = boots(vault, passphrase=FIRST_PASSPHRASE)
    assert f"push {len(pushes)}".encode() in after[swap].payload
    assert after[swap].timestamp == pushes[-1]
    others = {name: booted for name, booted in before.items() if name != swap}
    assert {name: booted for name, booted in after.items() if name != swap} == others
    assert audit_rows(vault) == []
    assert {booted.gen for booted in after.values()} == {0}
    assert len(pushes) in {3, 4}  # "at most three times" it is staged again, "three times" somebody moved first


@each_swap
def test_the_service_completes_a_rotation_whose_first_attempt_was_outrun(
    world: World, passphrase_function: str, layout: Layout, swap: str
) -> None:
    vault = vault_at_noon(world, layout)
    timestamps = rising()
    attempts: list[int] = []
    world.rotation_service.before_step = lambda _step, attempt: attempts.append(attempt)

    def push() -> None:
        if attempts[-1] == 1:
            push_to(vault, swap, next(timestamps), "pushed")

    with world.watched_by(faults.meanwhile(putting(pointers(vault)[swap]), push)):
        record = succeeded(rotate(vault, passphrase_function))
    assert record.attempts == 2
    assert b"pushed" in boots(vault)[swap].payload
    assert {booted.gen for booted in boots(vault).values()} == {1}
    assert len(audit_rows(vault)) == 1


@each_swap
def test_a_push_while_the_live_bundle_is_being_staged_is_what_boots(
    world: World, passphrase_function: str, layout: Layout, swap: str
) -> None:
    vault = vault_at_noon(world, layout)
    uploads = faults.both(faults.in_step("setSecret"), faults.operation("s3:PutObject"))
    push = faults.afterwards(faults.nth(1, uploads), lambda: push_to(vault, swap, "20260301-130000", "pushed"))
    with world.watched_by(push):
        succeeded(rotate(vault, passphrase_function))
    assert b"pushed" in boots(vault)[swap].payload
    assert len(audit_rows(vault)) == 1


@each_swap
def test_a_conflict_of_two_conditional_writes_is_decided_by_reading_again(
    world: World, passphrase_function: str, layout: Layout, swap: str
) -> None:
    """S3 answers 409 when it saw both at once, whichever of them won; here neither did."""
    vault = vault_at_noon(world, layout)
    with world.watched_by(faults.conflict(faults.nth(1, putting(pointers(vault)[swap])))):
        succeeded(rotate_once(vault, passphrase_function))
    assert {booted.gen for booted in boots(vault).values()} == {1}


@each_swap
@pytest.mark.parametrize("lose", [faults.lose_answer, faults.time_out], ids=["broken", "late"])
def test_a_swap_whose_answer_is_lost_is_recognised_as_our_own(
    world: World, passphrase_function: str, layout: Layout, swap: str, lose: object
) -> None:
    vault = vault_at_noon(world, layout)
    assert callable(lose)
    with world.watched_by(lose(faults.nth(1, putting(pointers(vault)[swap])))):
        succeeded(rotate_once(vault, passphrase_function))
    assert {(booted.gen, booted.timestamp) for booted in boots(vault).values()} == {(1, "20260301-120000")}
    assert len(audit_rows(vault)) == 1


def test_a_push_over_a_pointer_that_is_swapped_already_stays_as_the_laptop_made_it(
    world: World, passphrase_function: str
) -> None:
    """Between the two swaps nothing may look at the first one again: the push stands, under the old passphrase."""
    vault = vault_at_noon(world)
    race = faults.nth(1, putting(pointers(vault)["runtime"]))
    with world.watched_by(faults.meanwhile(race, lambda: push_to(vault, "cli", "20260301-130000", "pushed"))):
        rotate(vault, passphrase_function)
    assert vault.objects()[pointers(vault)["cli"]] == b"20260301-130000"
    assert b"pushed" in boots(vault, passphrase=FIRST_PASSPHRASE, layouts=("cli",))["cli"].payload
    assert boots(vault, layouts=("runtime",))["runtime"].gen == 1
