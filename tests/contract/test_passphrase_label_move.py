"""The one call after the pointer swap that may fail: moving AWSCURRENT. Forward where it can be, back where it must."""

import pytest

from simulator import faults
from simulator.choices import Choice
from simulator.exchange import Request
from simulator.rotation_records import Outcome
from simulator.vaults import FIRST_PASSPHRASE, Layout, Vault
from simulator.world import World
from tests.contract.passphrase_rotation import (
    LAYOUTS,
    NEW_TIMESTAMP,
    audit_rows,
    boots,
    current_version,
    moving_the_label,
    operator,
    payloads,
    picture,
    pointers,
    push_everywhere,
    rotate,
    rotate_once,
    succeeded,
    vault_at_noon,
)

every_layout = pytest.mark.parametrize("layout", LAYOUTS)


def first_attempt(world: World) -> Choice:
    """Moves of the label in the first attempt of the service."""
    attempts: list[int] = []
    world.rotation_service.before_step = lambda _step, attempt: attempts.append(attempt)

    def choose(request: Request) -> bool:
        return moving_the_label(request) and attempts[-1] == 1

    return choose


def promote_by_hand(vault: Vault, value: str) -> str:
    """A person stores a value, which makes it AWSCURRENT at once. Returns the version."""
    sm = operator("secretsmanager", vault.world)
    return str(sm.put_secret_value(SecretId=vault.passphrase_secret, SecretString=value)["VersionId"])


def assert_complete(vault: Vault, before: dict[str, bytes]) -> None:
    assert payloads(vault) == before
    assert {(booted.timestamp, booted.gen) for booted in boots(vault).values()} == {(NEW_TIMESTAMP, 1)}
    assert [row["version_ts"] for row in audit_rows(vault)] == [NEW_TIMESTAMP]


@every_layout
def test_a_move_whose_answer_is_lost_is_read_back_and_the_step_goes_on(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_at_noon(world, layout)
    before = payloads(vault)
    with world.watched_by(faults.lose_answer(moving_the_label)):
        record = succeeded(rotate_once(vault, passphrase_function))
    assert current_version(vault) == record.version_id
    assert_complete(vault, before)


@every_layout
@pytest.mark.parametrize("times", [1, 2])
def test_a_throttled_move_is_tried_again_within_the_step(
    world: World, passphrase_function: str, layout: Layout, times: int
) -> None:
    vault = vault_at_noon(world, layout)
    before = payloads(vault)
    throttled = faults.throttle(faults.numbered(frozenset(range(1, times + 1)), moving_the_label))
    with world.watched_by(throttled):
        succeeded(rotate_once(vault, passphrase_function))
    assert len(throttled.hits) == times
    assert_complete(vault, before)


@every_layout
@pytest.mark.parametrize("fail", [faults.throttle, faults.deny, faults.fail_inside, faults.lose_request])
def test_a_move_that_fails_for_a_whole_attempt_is_rolled_forward_by_the_next(
    world: World, passphrase_function: str, layout: Layout, fail: object
) -> None:
    vault = vault_at_noon(world, layout)
    before = payloads(vault)
    assert callable(fail)
    with world.watched_by(fail(first_attempt(world))):
        record = succeeded(rotate(vault, passphrase_function))
    assert record.attempts == 2
    assert_complete(vault, before)


@every_layout
def test_while_the_move_cannot_be_made_the_pointers_stay_swapped(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    """Rolling back would need the same service to be well, and would open a second race window."""
    vault = vault_at_noon(world, layout)
    with world.watched_by(faults.deny(moving_the_label)):
        record = rotate_once(vault, passphrase_function)
    assert record.outcome is Outcome.FAILED
    sm = operator("secretsmanager", world)
    pending = sm.get_secret_value(
        SecretId=vault.passphrase_secret, VersionId=record.version_id, VersionStage="AWSPENDING"
    )
    assert {booted.timestamp for booted in boots(vault, pending["SecretString"]).values()} == {NEW_TIMESTAMP}


@every_layout
def test_a_third_version_promoted_meanwhile_puts_the_pointers_back(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_at_noon(world, layout)
    before = picture(vault)
    third: list[str] = []
    rival = faults.meanwhile(
        faults.nth(1, moving_the_label), lambda: third.append(promote_by_hand(vault, FIRST_PASSPHRASE))
    )
    with world.watched_by(rival):
        record = rotate(vault, passphrase_function)
    after = picture(vault)
    assert record.outcome is Outcome.ABANDONED
    assert (record.steps[-1].step, record.error) == ("finishSecret", "ConcurrentChangeError")
    assert current_version(vault) == third[0]
    keys = pointers(vault).values()
    assert {key: after.objects[key] for key in keys} == {key: before.objects[key] for key in keys}
    assert {key: after.metadata[key] for key in keys} == {key: before.metadata[key] for key in keys}
    assert set(boots(vault)) == set(pointers(vault))
    assert {booted.gen for booted in boots(vault).values()} == {0}
    assert audit_rows(vault) == []
    assert [event.detail_type for event in world.events] == ["Rotation Step Failed"]


@every_layout
def test_pointers_go_back_only_over_what_this_rotation_wrote(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    """A laptop pushes after the swap, before the pointers could go back: its push stays."""
    vault = vault_at_noon(world, layout)

    def promote_and_push() -> None:
        promote_by_hand(vault, FIRST_PASSPHRASE)
        push_everywhere(vault, "20260301-130000", "pushed")

    with world.watched_by(faults.meanwhile(faults.nth(1, moving_the_label), promote_and_push)):
        record = rotate(vault, passphrase_function)
    assert record.outcome is Outcome.ABANDONED
    assert {booted.timestamp for booted in boots(vault).values()} == {"20260301-130000"}
    assert audit_rows(vault) == []


@every_layout
def test_a_rotation_right_after_one_that_was_taken_back_succeeds(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    """The bundles staged by the first stay where they are, and are nobody's: the second makes its own."""
    vault = vault_at_noon(world, layout)
    before = payloads(vault)
    rival = faults.meanwhile(faults.nth(1, moving_the_label), lambda: promote_by_hand(vault, FIRST_PASSPHRASE))
    with world.watched_by(rival):
        rotate(vault, passphrase_function)
    succeeded(rotate(vault, passphrase_function))
    assert payloads(vault) == before
    assert {booted.gen for booted in boots(vault).values()} == {1}
    assert len(audit_rows(vault)) == 1
