"""Every step of a passphrase rotation may be run again, alone or with the whole rotation, and adds nothing."""

import pytest

from simulator import faults
from simulator.vaults import FIRST_PASSPHRASE, FIRST_TIMESTAMP, Layout, Vault
from simulator.world import World
from tests.contract.passphrase_rotation import (
    FIRST_CELL,
    LAYOUTS,
    NEW_TIMESTAMP,
    audit_rows,
    boots,
    bundles,
    cells,
    current_version,
    event_for,
    moving_the_label,
    operator,
    payloads,
    picture,
    push_everywhere,
    rotate,
    succeeded,
    vault_at_noon,
)

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


def pending_value(vault: Vault, version: str) -> str:
    value = operator("secretsmanager", vault.world).get_secret_value(
        SecretId=vault.passphrase_secret, VersionId=version
    )
    return str(value["SecretString"])


def assert_rotated_once(vault: Vault, payload_before: dict[str, bytes]) -> None:
    """The rotation is complete: everything it makes is there, and once."""
    assert payloads(vault) == payload_before
    assert {booted.timestamp for booted in boots(vault).values()} == {NEW_TIMESTAMP}
    objects = vault.objects()
    assert {key: objects.get(key) for key in cells(vault).values()} == dict.fromkeys(cells(vault).values(), FIRST_CELL)
    assert [row["version_ts"] for row in audit_rows(vault)] == [NEW_TIMESTAMP]
    stored = {key for key in objects if key.endswith(".enc") or "/v=" in key}
    assert stored == {*bundles(vault, FIRST_TIMESTAMP).values(), *bundles(vault, NEW_TIMESTAMP).values()}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_step_run_twice_leaves_what_it_left_the_first_time(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_at_noon(world, layout)
    before = payloads(vault)
    version = world.begin_rotation(vault.passphrase_secret)
    for step in STEPS:
        event = event_for(vault, step, version)
        world.invoke(passphrase_function, event)
        once, value = picture(vault), pending_value(vault, version)
        world.clock.advance(90)
        world.invoke(passphrase_function, event)
        assert picture(vault) == once, step
        assert pending_value(vault, version) == value, step
    assert_rotated_once(vault, before)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_whole_rotation_run_again_after_it_succeeded_changes_nothing(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_at_noon(world, layout)
    record = succeeded(rotate(vault, passphrase_function))
    done = picture(vault)
    for step in STEPS:
        world.clock.advance(90)
        world.invoke(passphrase_function, event_for(vault, step, record.version_id))
        assert picture(vault) == done, step
    assert {event.detail["version_id"] for event in world.events} == {record.version_id}
    assert {event.detail["gen"] for event in world.events} == {1}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_crash_in_the_race_window_is_over_with_the_next_attempt_of_the_service(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_at_noon(world, layout)
    before, previous = payloads(vault), current_version(vault)
    seen: list[tuple[str, str]] = []

    def look(step: str, attempt: int) -> None:
        if attempt == 2:
            seen.append((step, current_version(vault)))

    world.rotation_service.before_step = look
    with world.watched_by(faults.crash_before(faults.nth(1, moving_the_label))):
        record = succeeded(rotate(vault, passphrase_function))
    assert seen == [(step, previous) for step in STEPS]
    assert record.attempts == 2
    assert_rotated_once(vault, before)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_finish_secret_run_again_after_a_push_with_the_new_passphrase_leaves_the_push(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_at_noon(world, layout)
    record = succeeded(rotate(vault, passphrase_function))
    push_everywhere(vault, "20260301-130000", "pushed", vault.passphrase())
    done = picture(vault)
    world.invoke(passphrase_function, event_for(vault, "finishSecret", record.version_id))
    assert picture(vault) == done
    assert {booted.timestamp for booted in boots(vault).values()} == {"20260301-130000"}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_finish_secret_run_again_after_a_stale_laptop_pushed_with_the_old_passphrase_changes_nothing(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    """Which bundle is right is then for a person to say: the push must not be lost."""
    vault = vault_at_noon(world, layout)
    record = succeeded(rotate(vault, passphrase_function))
    push_everywhere(vault, "20260301-130000", "pushed")
    done = picture(vault)
    world.invoke(passphrase_function, event_for(vault, "finishSecret", record.version_id))
    assert picture(vault) == done
    assert set(boots(vault, passphrase=FIRST_PASSPHRASE))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_gen_and_audit_row_are_completed_although_a_new_push_has_moved_the_pointer_meanwhile(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    """Crash after the label move; a laptop that has the new passphrase already pushes; the service tries again."""
    vault = vault_at_noon(world, layout)

    def push(step: str, attempt: int) -> None:
        if (step, attempt) == ("createSecret", 2):
            push_everywhere(vault, "20260301-130000", "pushed", vault.passphrase())

    world.rotation_service.before_step = push
    with world.watched_by(faults.crash_after(faults.nth(1, moving_the_label))):
        succeeded(rotate(vault, passphrase_function))
    found = boots(vault).values()
    assert {(booted.timestamp, booted.gen) for booted in found} == {("20260301-130000", 1)}
    assert [row["version_ts"] for row in audit_rows(vault)] == [NEW_TIMESTAMP]
