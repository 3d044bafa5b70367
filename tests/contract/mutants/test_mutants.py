"""The tests notice: each rotation that is broken on purpose makes the test that guards against it fail."""

from collections.abc import Callable, Mapping
from typing import Final

import pytest

from rotate_iam_access_key.handler import lambda_handler as rotate_iam_access_key
from rotate_vault_passphrase.handler import lambda_handler as rotate_vault_passphrase
from simulator import faults
from simulator.vault_bytes import BootError
from simulator.vaults import Layout
from simulator.world import World
from tests.contract import (
    test_key_minting_failures,
    test_key_orphans,
    test_passphrase_audit,
    test_passphrase_failing_requests,
    test_passphrase_pushes,
)
from tests.contract.crash_everywhere import test_crash_everywhere
from tests.contract.mutants.rotations_gone_wrong import MUTATIONS

Guard = Callable[[World], None]


def _key(world: World) -> str:
    return world.deploy("rotate_iam_access_key", rotate_iam_access_key)


def _passphrase(world: World) -> str:
    return world.deploy("rotate_vault_passphrase", rotate_vault_passphrase)


def _crash_everywhere(rotation: str, fault: str) -> Guard:
    return lambda world: test_crash_everywhere.test_a_rotation_hindered_at_any_request_keeps_its_promises(
        world, lambda _name, _value: None, rotation, fault
    )


# Every mutant with the test that catches it, called with the arguments of one of its cases.
GUARDS: Final[Mapping[str, Guard]] = {
    "pointer swapped in setSecret": _crash_everywhere("passphrase of a runtime vault", "crash after"),
    "put without compensation": lambda world: (
        test_key_minting_failures.test_a_put_that_certainly_failed_takes_the_new_key_with_it(
            world, _key(world), faults.deny
        )
    ),
    "compensation on a lost answer": lambda world: (
        test_key_minting_failures.test_a_put_whose_answer_is_lost_keeps_the_key_and_the_rotation_completes_with_it(
            world, _key(world), faults.lose_answer
        )
    ),
    "unconditional pointer write": lambda world: (
        test_passphrase_pushes.test_a_push_racing_a_pointer_swap_is_staged_anew(
            world, _passphrase(world), Layout.RUNTIME, "runtime"
        )
    ),
    "orphan deleted by age": lambda world: test_key_orphans.test_an_inactive_foreign_key_is_left_alone_however_old(
        world, _key(world)
    ),
    "a throttled read taken for nothing pending": lambda world: (
        test_key_minting_failures.test_a_pending_value_that_cannot_be_read_is_not_taken_for_none(
            world, _key(world), faults.throttle
        )
    ),
    "audit failure fails the rotation": lambda world: (
        test_passphrase_audit.test_a_damaged_file_stays_as_it_is_and_costs_only_the_row(
            world, _passphrase(world), Layout.RUNTIME, b"hello, this is no audit file\n"
        )
    ),
    "pointer put back after the label moved": lambda world: (
        test_passphrase_failing_requests.test_a_request_that_is_denied_for_a_whole_step_is_made_good_by_the_retry(
            world, _passphrase(world), "finishSecret"
        )
    ),
    "intent left behind": _crash_everywhere("key of a runtime vault", "crash after"),
}


def test_every_mutant_has_its_guard() -> None:
    assert GUARDS.keys() == MUTATIONS.keys()


@pytest.mark.parametrize("mutant", MUTATIONS)
def test_a_rotation_broken_on_purpose_is_caught(world: World, monkeypatch: pytest.MonkeyPatch, mutant: str) -> None:
    MUTATIONS[mutant](monkeypatch)
    with pytest.raises((AssertionError, BootError, pytest.fail.Exception)):
        GUARDS[mutant](world)
