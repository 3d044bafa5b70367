"""Short histories in which what looks after vaults and keys decides: each shows one rule of `care.py` at work."""

from typing import Final

import pytest

from simulator.vaults import Layout
from simulator.world import World
from tests.contract.glance import Side
from tests.contract.passphrase_rotation import bundles
from tests.contract.whole_world.care import CHECK, RETIRE
from tests.contract.whole_world.history import History
from tests.contract.whole_world.orders import Mishap
from tests.contract.whole_world.people import Pushes, TreatsKey
from tests.contract.whole_world.promises import live_bundle, opens

KEY, PASSPHRASE = Side.KEY, Side.PASSPHRASE
MINUTE: Final = 60
HOUR: Final = 3600
DAY: Final = 24 * HOUR
BOTH_LAYOUTS: Final = ("cli", "runtime")


def test_a_superseded_key_lives_through_its_hours_and_one_that_a_person_activates_again_stays(world: World) -> None:
    history = History(world, Layout.RUNTIME)
    old = str(history.scene.seen.key_in("AWSCURRENT"))
    history.rotate(KEY)
    history.time_passes(100 * HOUR)
    history.is_cared_for(RETIRE)
    assert history.scene.seen.statuses()[old] == "Active"
    history.time_passes(69 * HOUR)
    history.is_cared_for(RETIRE)
    assert history.scene.seen.statuses()[old] == "Inactive"
    history.person(TreatsKey("other", "activates"))
    for _ in range(3):
        history.time_passes(30 * DAY)
        history.is_cared_for(RETIRE)
    assert history.scene.seen.statuses()[old] == "Active"


def test_a_key_in_use_is_held_until_its_longest_overlap_is_over(world: World) -> None:
    history = History(world, Layout.RUNTIME)
    old = str(history.scene.seen.key_in("AWSCURRENT"))
    history.application_starts()
    history.rotate(KEY)
    for _ in range(4):
        history.time_passes(80 * HOUR)
        history.application_starts_again(0)
        history.is_cared_for(RETIRE)
        assert history.scene.seen.statuses()[old] == "Active"
    history.time_passes(17 * HOUR)
    history.is_cared_for(RETIRE)
    assert history.scene.seen.statuses()[old] == "Inactive"


def test_a_pending_key_is_kept_for_as_long_as_it_is_pending(world: World) -> None:
    history = History(world, Layout.RUNTIME)
    history.rotate(KEY, Mishap("crash before", "testSecret", 1), attempts=1)
    before = history.scene.seen.statuses()
    for _ in range(3):
        history.time_passes(30 * DAY)
        history.is_cared_for(RETIRE)
    assert history.scene.seen.statuses() == before


@pytest.mark.parametrize("layout", Layout)
def test_a_torn_rotation_is_completed_when_nobody_can_be_at_work_any_more_and_not_before(
    world: World, layout: Layout
) -> None:
    history = History(world, layout)
    history.rotate(PASSPHRASE, _dies_at_its_label(history), attempts=1)
    torn = history.ledger.entries.keys()
    assert opens(layout) in torn or layout is Layout.BOTH
    history.time_passes(14 * MINUTE)
    history.is_cared_for(CHECK)
    assert history.ledger.entries.keys() == torn != set()
    history.time_passes(15 * MINUTE)
    history.is_cared_for(CHECK)
    assert history.ledger.entries == {}
    assert [event.detail["gen"] for event in world.events if event.detail_type == "Torn Rotation Completed"] == [2]


def _dies_at_its_label(history: History) -> Mishap:
    """The number of the label's move among finishSecret's requests, from a rotation of the same vault before it."""
    record = history.rotate(PASSPHRASE)
    (finish,) = (step for step in record.steps if step.step == "finishSecret")
    operations = [request.operation for request in finish.requests]
    return Mishap("crash before", "finishSecret", 1 + operations.index("UpdateSecretVersionStage"))


@pytest.mark.parametrize("layout", Layout)
def test_a_stale_push_is_healed_beside_itself_and_stays_as_it_was_pushed(world: World, layout: Layout) -> None:
    history = History(world, layout, {"vsync-rotation:heal": "on"})
    history.rotate(PASSPHRASE)
    history.time_passes(HOUR)
    history.person(Pushes(BOTH_LAYOUTS, knows="previous"))
    assert history.ledger.entries
    history.is_cared_for(CHECK)
    assert history.ledger.entries == {}
    history.application_starts()


def test_pruning_leaves_the_live_bundle_and_the_one_before_it(world: World) -> None:
    history = History(world, Layout.RUNTIME, {"vsync-rotation:keep-bundles": "0"})
    lives = [live_bundle(history.scene.seen, history.vault, "runtime").timestamp]
    for _ in range(3):
        history.time_passes(2 * DAY)
        history.rotate(PASSPHRASE)
        lives.append(live_bundle(history.scene.seen, history.vault, "runtime").timestamp)
    for _ in range(3):
        history.time_passes(2 * DAY)
        history.is_cared_for(CHECK)
    names = {bundles(history.vault, timestamp)["runtime"] for timestamp in lives}
    kept = {bundles(history.vault, timestamp)["runtime"] for timestamp in lives[-2:]}
    assert names & history.scene.seen.objects.keys() == kept
