"""The tests notice: what is broken on purpose makes the test that guards against it fail."""

from collections.abc import Callable, Mapping
from typing import Any, Final

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
from tests.contract.interleaving import test_check_beside_others, test_retire_beside_others
from tests.contract.interleaving.conftest import Search
from tests.contract.interleaving.histories import judged
from tests.contract.mutants.care_gone_wrong import CARE_MUTATIONS
from tests.contract.mutants.rotations_gone_wrong import MUTATIONS
from tests.contract.whole_world import test_histories_cared_for as cared_for

Guard = Callable[[World], None]


def _key(world: World) -> str:
    return world.deploy("rotate_iam_access_key", rotate_iam_access_key)


def _passphrase(world: World) -> str:
    return world.deploy("rotate_vault_passphrase", rotate_vault_passphrase)


def _crash_everywhere(rotation: str) -> Guard:
    return lambda world: test_crash_everywhere.test_a_rotation_hindered_at_any_request_keeps_its_promises(
        world, lambda _name, _value: None, rotation
    )


def _search(world: World) -> Search:
    """The fixture of the interleavings, without the count."""

    def found(start: Any, cast: Any, judge: Any, *, preemptions: int | None) -> None:
        judged(world, start, cast, judge, preemptions=preemptions)

    return found


def _a_person_goes_back(world: World) -> None:
    test_retire_beside_others.test_a_person_who_goes_back_to_the_old_key_while_it_is_retired_finds_it_active(
        world, _search(world)
    )


# Every mutant with the test that catches it, called with the arguments of one of its cases.
GUARDS: Final[Mapping[str, Guard]] = {
    "pointer swapped in setSecret": _crash_everywhere("passphrase of a runtime vault"),
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
    "intent left behind": _crash_everywhere("key of a runtime vault"),
    "retired by age alone": (
        cared_for.test_a_superseded_key_lives_through_its_hours_and_one_that_a_person_activates_again_stays
    ),
    "AWSPENDING is no label": cared_for.test_a_pending_key_is_kept_for_as_long_as_it_is_pending,
    "the first look believed": _a_person_goes_back,
    "the status not given back": _a_person_goes_back,
    "overlap halved": (
        cared_for.test_a_superseded_key_lives_through_its_hours_and_one_that_a_person_activates_again_stays
    ),
    "longest overlap ignored": cared_for.test_a_key_in_use_is_held_until_its_longest_overlap_is_over,
    "a re-activated key deactivated again": (
        cared_for.test_a_superseded_key_lives_through_its_hours_and_one_that_a_person_activates_again_stays
    ),
    "a young rotation completed": lambda world: (
        cared_for.test_a_torn_rotation_is_completed_when_nobody_can_be_at_work_any_more_and_not_before(
            world, Layout.RUNTIME
        )
    ),
    "healed by an unconditional pointer write": lambda world: (
        test_check_beside_others.test_a_push_beside_a_check_that_heals(world, _search(world), "AWSCURRENT")
    ),
    "healed in place": lambda world: cared_for.test_a_stale_push_is_healed_beside_itself_and_stays_as_it_was_pushed(
        world, Layout.RUNTIME
    ),
    "the previous bundle pruned": cared_for.test_pruning_leaves_the_live_bundle_and_the_one_before_it,
}
MUTANTS: Final = {**MUTATIONS, **CARE_MUTATIONS}


def test_every_mutant_has_its_guard() -> None:
    assert GUARDS.keys() == MUTANTS.keys()


@pytest.mark.parametrize("mutant", MUTANTS)
def test_what_is_broken_on_purpose_is_caught(world: World, monkeypatch: pytest.MonkeyPatch, mutant: str) -> None:
    MUTANTS[mutant](monkeypatch)
    with pytest.raises((AssertionError, BootError, pytest.fail.Exception)):
        GUARDS[mutant](world)
