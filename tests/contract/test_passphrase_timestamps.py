"""Which timestamp the new bundles get: one for all layouts, later than any pointer, and never somebody else's."""

import pytest

from simulator import faults
from simulator.vaults import FIRST_TIMESTAMP, Layout
from simulator.world import World
from tests.contract.passphrase_rotation import (
    LAYOUTS,
    NEW_TIMESTAMP,
    audit_rows,
    boots,
    bundles,
    payloads,
    push_everywhere,
    put,
    rotate,
    succeeded,
    vault_at_noon,
)

AFTER = {0: "20260301-120000", 1: "20260301-120001", 2: "20260301-120002"}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_timestamp_is_the_creation_time_of_the_pending_version(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_at_noon(world, layout)
    world.rotation_service.before_step = lambda _step, _attempt: world.clock.advance(37)
    succeeded(rotate(vault, passphrase_function))
    assert {booted.timestamp for booted in boots(vault).values()} == {NEW_TIMESTAMP}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        pytest.param("20270101-000000", "20270101-000001", id="months ahead"),
        pytest.param("20261231-235959", "20270101-000000", id="at the end of a year"),
        pytest.param(NEW_TIMESTAMP, AFTER[1], id="at that very second"),
        pytest.param("20260301-115959", NEW_TIMESTAMP, id="a second before"),
    ],
)
def test_a_pointer_in_the_future_is_followed_by_one_second(
    world: World, passphrase_function: str, layout: Layout, pointer: str, expected: str
) -> None:
    vault = vault_at_noon(world, layout, timestamp=pointer)
    before = payloads(vault)
    succeeded(rotate(vault, passphrase_function))
    assert {booted.timestamp for booted in boots(vault).values()} == {expected}
    assert payloads(vault) == before
    assert [row["version_ts"] for row in audit_rows(vault)] == [expected]
    assert world.events[-1].detail["bundle_ts"] == expected


def test_the_newest_pointer_decides_for_both_layouts(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world)
    vault.laptop.publish("20270101-000000", {"GREETING": "from the future"})
    before = payloads(vault)
    succeeded(rotate(vault, passphrase_function))
    assert {booted.timestamp for booted in boots(vault).values()} == {"20270101-000001"}
    assert payloads(vault) == before


@pytest.mark.parametrize("seconds_taken", [1, 2])
@pytest.mark.parametrize("taken_in", ["cli", "runtime"])
def test_a_key_another_writer_has_taken_is_left_alone_and_a_second_is_added(
    world: World, passphrase_function: str, taken_in: str, seconds_taken: int
) -> None:
    vault = vault_at_noon(world)
    foreign = {bundles(vault, AFTER[second])[taken_in]: b"somebody else's" for second in range(seconds_taken)}
    for key, body in foreign.items():
        put(vault, key, body)
    before = payloads(vault)
    succeeded(rotate(vault, passphrase_function))
    assert {booted.timestamp for booted in boots(vault).values()} == {AFTER[seconds_taken]}
    assert payloads(vault) == before
    assert {key: vault.objects()[key] for key in foreign} == foreign
    assert [row["version_ts"] for row in audit_rows(vault)] == [AFTER[seconds_taken]]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_key_taken_between_two_requests_is_left_alone(world: World, passphrase_function: str, layout: Layout) -> None:
    vault = vault_at_noon(world, layout)
    (taken, *_) = bundles(vault, NEW_TIMESTAMP).values()
    uploads = faults.both(faults.in_step("setSecret"), faults.operation("s3:PutObject"))
    rival = faults.meanwhile(faults.nth(1, uploads), lambda: put(vault, taken, b"somebody else's"))
    with world.watched_by(rival):
        succeeded(rotate(vault, passphrase_function))
    assert {booted.timestamp for booted in boots(vault).values()} == {AFTER[1]}
    assert vault.objects()[taken] == b"somebody else's"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_retried_rotation_finds_its_own_bundles_and_adds_none(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_at_noon(world, layout)
    with world.watched_by(faults.crash_before(faults.nth(1, faults.in_step("testSecret")))):
        record = succeeded(rotate(vault, passphrase_function))
    assert record.attempts == 2
    assert {booted.timestamp for booted in boots(vault).values()} == {NEW_TIMESTAMP}
    stored = {key for key in vault.objects() if key.endswith(".enc") or "/v=" in key}
    assert stored == {*bundles(vault, FIRST_TIMESTAMP).values(), *bundles(vault, NEW_TIMESTAMP).values()}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_push_in_the_same_second_as_the_rotation_is_not_taken_for_our_own_work(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    """The laptop overwrites the staged bundle, since it writes unconditionally, and points at it."""
    vault = vault_at_noon(world, layout)

    def push(step: str, attempt: int) -> None:
        if (step, attempt) == ("finishSecret", 1):
            push_everywhere(vault, NEW_TIMESTAMP, "pushed")

    world.rotation_service.before_step = push
    succeeded(rotate(vault, passphrase_function))
    assert {booted.timestamp for booted in boots(vault).values()} == {AFTER[1]}
    assert {booted.gen for booted in boots(vault).values()} == {1}
    assert len(audit_rows(vault)) == 1
