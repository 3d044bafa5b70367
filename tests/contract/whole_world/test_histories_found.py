"""Histories that the search found, or that taught something, each as short as it gets."""

import pytest

from simulator import faults
from simulator.rotation_records import Outcome
from simulator.vaults import Layout
from simulator.world import World
from tests.contract.glance import Side
from tests.contract.passphrase_rotation import cells
from tests.contract.whole_world.history import History, Meanwhile
from tests.contract.whole_world.orders import Mishap
from tests.contract.whole_world.people import (
    CancelsRotation,
    ClearsPending,
    DamagesLog,
    DeletesCell,
    EditsSecretTag,
    MakesKey,
    MovesCurrentBack,
    Pushes,
    RetiresSuperseded,
    StoresValue,
    TreatsKey,
)
from tests.contract.whole_world.promises import cell_gen, opens
from tests.contract.whole_world.remedies import obey, settle

KEY, PASSPHRASE = Side.KEY, Side.PASSPHRASE


def test_a_key_that_applications_booted_with_survives_a_roll_back_by_hand(world: World) -> None:
    """A person puts the old value back, saves it once more, and gives up the pending label: no label is on the new
    key's version any more, and no mark says that it was ever promoted. An application still holds it.
    """
    history = History(world, Layout.RUNTIME)
    history.rotate(KEY)
    history.application_starts()
    history.person(StoresValue(KEY, "previous"))
    history.person(StoresValue(KEY, "same"))
    history.person(ClearsPending(KEY))
    history.rotate(KEY)
    history.application_starts_again(0)


def test_a_superseded_key_whose_mark_was_lost_is_not_taken_for_an_orphan(world: World) -> None:
    """The mark is best effort; AWSPREVIOUS stands in for it only until somebody stores the value once more."""
    marking = faults.both(faults.operation("iam:TagUser"), faults.in_step("finishSecret"))
    superseded = faults.nth(2, marking)  # after the mark of the promoted key
    history = History(world, Layout.RUNTIME)
    history.rotate(KEY)
    history.person(RetiresSuperseded("deletes"))
    history.application_starts()
    with world.watched_by(denied := faults.deny(superseded)):
        assert history.rotate(KEY).outcome is Outcome.SUCCEEDED
    assert len(denied.hits) == 1
    history.person(StoresValue(KEY, "same"))
    history.person(ClearsPending(KEY))
    history.rotate(KEY)
    history.application_starts_again(0)


def test_a_promoted_key_is_not_taken_for_an_orphan_two_rotations_after_a_label_was_moved_back(world: World) -> None:
    """The old key was deleted as the README says, then somebody labels its version AWSCURRENT; rotating is the way out
    of that. The second rotation meets the key of before, which an application still holds, under no label.
    """
    history = History(world, Layout.RUNTIME)
    history.rotate(KEY)
    history.application_starts()
    history.person(RetiresSuperseded("deletes"))
    history.person(MovesCurrentBack(KEY))
    history.person(ClearsPending(KEY))
    assert history.rotate(KEY).outcome is Outcome.SUCCEEDED
    history.rotate(KEY)
    history.application_starts_again(0)


DIES_BEFORE_ITS_KEY = Mishap("crash before", "createSecret", 7)


def test_a_key_made_in_the_minutes_after_a_rotation_died_is_taken_for_its_own_while_nobody_uses_it(
    world: World,
) -> None:
    """The one deletion of a key that this software did not make: IAM shows no difference between the two."""
    history = History(world, Layout.RUNTIME)
    history.rotate(KEY, DIES_BEFORE_ITS_KEY, attempts=1)
    history.person(MakesKey())
    assert history.rotate(KEY).outcome is Outcome.SUCCEEDED


def test_a_key_made_later_than_that_is_never_deleted(world: World) -> None:
    history = History(world, Layout.RUNTIME)
    history.rotate(KEY, DIES_BEFORE_ITS_KEY, attempts=1)
    history.time_passes(16 * 60)
    history.person(MakesKey())
    before = history.scene.seen.statuses()
    assert history.rotate(KEY).error == "ForeignKeyError"
    assert history.scene.seen.statuses() == before


def test_a_function_that_dies_between_two_pointers_is_completed_by_its_retry(world: World) -> None:
    history = History(world, Layout.BOTH)
    history.rotate(PASSPHRASE, Mishap("crash after", "finishSecret", 12), attempts=1)
    assert history.ledger.entries.keys() == {opens("cli")}
    assert history.rotate(PASSPHRASE).outcome is Outcome.SUCCEEDED
    assert history.ledger.entries == {}


def test_a_second_pointer_that_is_denied_puts_the_first_one_back(world: World) -> None:
    history = History(world, Layout.BOTH)
    assert history.rotate(PASSPHRASE, Mishap("denial", "finishSecret", 13), attempts=1).error == "PermissionDeniedError"
    assert history.ledger.entries == {}
    assert history.rotate(PASSPHRASE).outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize("clock_off_seconds", [0, -3600])
@pytest.mark.parametrize("layout", Layout)
def test_a_push_just_before_the_pointers_move_is_what_the_rotation_publishes(
    world: World, layout: Layout, clock_off_seconds: int
) -> None:
    """A laptop whose clock is behind leaves the staged bundle's name as it was: only its source tells that it is stale."""
    history = History(world, layout)
    history.order(PASSPHRASE)
    push = Pushes(("cli", "runtime"), clock_off_seconds=clock_off_seconds)
    (record,) = history.serve(meanwhile=Meanwhile(4, push))
    assert record.outcome is Outcome.SUCCEEDED
    history.application_starts()


def test_a_key_whose_making_was_never_answered_is_gone_after_the_retry(world: World) -> None:
    history = History(world, Layout.RUNTIME)
    record = history.rotate(KEY, Mishap("lost answer", "createSecret", 7))
    assert (record.outcome, record.attempts) == (Outcome.SUCCEEDED, 2)
    assert len(history.scene.seen.keys) == 2


def test_a_rotation_given_up_between_two_pointers_is_mended_by_a_push(world: World) -> None:
    """Neither version's label opens both layouts then, so that labelling, which the error names first, is no way out."""
    history = History(world, Layout.BOTH)
    history.rotate(PASSPHRASE)
    history.rotate(PASSPHRASE, Mishap("crash after", "finishSecret", 12), attempts=1)
    history.person(ClearsPending(PASSPHRASE))
    assert history.rotate(PASSPHRASE).error == "WrongPassphraseError"
    settle(history)


def test_a_rotation_promoted_again_by_its_retry_after_a_move_back_is_counted_once(world: World) -> None:
    history = History(world, Layout.BOTH)
    history.rotate(PASSPHRASE)
    history.person(MovesCurrentBack(PASSPHRASE))
    assert history.rotate(PASSPHRASE).outcome is Outcome.SUCCEEDED
    assert {cell_gen(history.scene.seen, key) for key in cells(history.vault).values()} == {1}


def test_a_version_that_publishes_a_push_after_a_move_back_counts_a_second_generation(world: World) -> None:
    """The same version of the secret is promoted twice, each time with a bundle of its own."""
    history = History(world, Layout.CLI)
    history.rotate(PASSPHRASE)
    history.person(StoresValue(PASSPHRASE, "first"))
    history.person(Pushes(("cli",)))
    assert history.rotate(PASSPHRASE).outcome is Outcome.SUCCEEDED
    assert cell_gen(history.scene.seen, cells(history.vault)["cli"]) == 2


def test_a_cancelled_rotation_is_begun_anew_once_its_pending_version_is_given_up(world: World) -> None:
    history = History(world, Layout.RUNTIME)
    history.order(KEY)
    history.person(CancelsRotation(KEY))
    refusal = history.rotate(KEY)
    assert refusal.error == "ContractError"
    obey(history, KEY, refusal, again=False)
    assert history.rotate(KEY).outcome is Outcome.SUCCEEDED


def test_a_stale_push_in_the_midst_of_a_rotation_is_refused_by_name_and_mended_by_a_push(world: World) -> None:
    history = History(world, Layout.BOTH)
    history.rotate(PASSPHRASE)
    history.order(PASSPHRASE)
    stale = Meanwhile(3, Pushes(("runtime",), knows="first", clock_off_seconds=3600))
    (record,) = history.serve(meanwhile=stale)
    assert record.error == "WrongPassphraseError"
    history.person(Pushes(("runtime",)))
    assert history.rotate(PASSPHRASE).outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize("role", ["current", "pending"])
def test_a_key_deleted_by_hand_in_the_midst_of_a_rotation_ends_in_a_key_that_works(world: World, role: str) -> None:
    history = History(world, Layout.RUNTIME)
    history.order(KEY)
    history.serve(meanwhile=Meanwhile(3, TreatsKey("current" if role == "current" else "pending", "deletes")))
    settle(history)


@pytest.mark.parametrize("layout", Layout)
def test_everything_that_people_break_is_mended_by_what_the_errors_say(world: World, layout: Layout) -> None:
    history = History(world, layout)
    for side in Side:
        history.rotate(side)
    history.person(DeletesCell("cli"))
    history.person(DamagesLog("leaves a quote open"))
    history.person(MovesCurrentBack(PASSPHRASE))
    history.person(ClearsPending(PASSPHRASE))
    history.person(EditsSecretTag(PASSPHRASE, "config-secret", None))
    history.person(EditsSecretTag(KEY, "iam-user", "nobody"))
    history.person(TreatsKey("current", "deactivates"))
    history.person(Pushes(("cli", "runtime"), knows="first"))
    settle(history)
    assert history.ledger.entries == {}
