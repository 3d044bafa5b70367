"""Any history at all: rotations, crashes, pushes, boots, time and people's hands in any order."""

import sys
from typing import Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from simulator.vaults import Layout
from simulator.world import World
from tests.contract.glance import Side
from tests.contract.whole_world import people
from tests.contract.whole_world.care import CHECK, RETIRE
from tests.contract.whole_world.history import History, Meanwhile
from tests.contract.whole_world.orders import KINDS, STORM, Mishap
from tests.contract.whole_world.remedies import settle

SIDES = st.sampled_from(Side)
ROLES = st.sampled_from(["current", "pending", "previous", "other"])
STEPS = st.sampled_from(["createSecret", "setSecret", "testSecret", "finishSecret"])
LAYOUT_SETS = st.sampled_from([("cli",), ("runtime",), ("cli", "runtime")])
SECRET_TAG_EDITS = st.sampled_from(
    [
        people.EditsSecretTag(Side.KEY, "kind", None),
        people.EditsSecretTag(Side.KEY, "kind", "vault-passphrase"),
        people.EditsSecretTag(Side.KEY, "iam-user", None),
        people.EditsSecretTag(Side.KEY, "iam-user", "nobody"),
        people.EditsSecretTag(Side.KEY, "iam-user", "path/and/name"),
        people.EditsSecretTag(Side.KEY, "overlap-hours", "a week"),
        people.EditsSecretTag(Side.KEY, "overlap-hours", "0"),
        people.EditsSecretTag(Side.KEY, "paused", "on"),
        people.EditsSecretTag(Side.PASSPHRASE, "kind", None),
        people.EditsSecretTag(Side.PASSPHRASE, "config-secret", None),
        people.EditsSecretTag(Side.PASSPHRASE, "config-secret", "no/such/secret"),
        people.EditsSecretTag(Side.PASSPHRASE, "repair", "everything"),
        people.EditsSecretTag(Side.PASSPHRASE, "paused", "on"),
    ]
)
PUSHES = st.builds(
    people.Pushes,
    layouts=LAYOUT_SETS,
    knows=st.sampled_from(["current", "current", "current", "previous", "first", "pending"]),
    clock_off_seconds=st.sampled_from([0, 0, 1, -1, 3600, -86_400]),
)
VERSION_DEEDS = st.one_of(
    st.builds(people.MovesCurrentBack, SIDES),
    st.builds(people.StoresValue, SIDES, st.sampled_from(["same", "previous", "first"])),
    st.builds(people.ClearsPending, SIDES),
    st.builds(people.CancelsRotation, SIDES),
)
KEY_DEEDS = st.one_of(
    st.builds(people.TreatsKey, ROLES, st.sampled_from(["deactivates", "activates", "deletes"])),
    st.builds(people.RetiresSuperseded, st.sampled_from(["deletes", "revokes", "deactivates"])),
    st.builds(people.MakesKey),
)
TAG_DEEDS = st.one_of(
    SECRET_TAG_EDITS,
    st.builds(
        people.EditsUserTag,
        st.sampled_from(["minting", "made:", "superseded-at:", "deactivated-at:"]),
        ROLES,
        st.sampled_from([None, "yesterday"]),
    ),
)
VAULT_DEEDS = st.one_of(
    st.builds(people.DeletesCell, st.sampled_from(["cli", "runtime"])),
    st.builds(people.DamagesLog, st.sampled_from(sorted(people.DAMAGES))),
)
DEEDS: st.SearchStrategy[people.Deed] = st.one_of(VERSION_DEEDS, KEY_DEEDS, TAG_DEEDS, VAULT_DEEDS, PUSHES)
MISHAPS = st.builds(
    Mishap, st.sampled_from(sorted(KINDS)), STEPS, st.integers(1, 20), st.sampled_from([1, 1, 1, STORM])
)


# Measured: some 0.7 CPU seconds a history of this length, its settling included.
_HISTORIES: Final = 14
_SHORT_HISTORY: Final = 14
_LONG_HISTORY: Final = 30
# A history costs seconds where the examples of other tests cost milliseconds.
_DEARER_THAN_OTHERS: Final = 20
_REQUESTS_BETWEEN_SETTLINGS: Final = 200


class WholeWorld(RuleBasedStateMachine):
    """A vault, both functions, and everybody who has anything to do with them."""

    def __init__(self, world: World) -> None:
        super().__init__()
        world.reset()
        self.world = world
        self.settled_at = 0

    @initialize(layout=st.sampled_from(Layout), heal=st.sampled_from([{}, {"vsync-rotation:heal": "on"}]))
    def begins(self, layout: Layout, heal: dict[str, str]) -> None:
        self.history = History(self.world, layout, heal)

    @rule(side=SIDES)
    def a_rotation_is_ordered(self, side: Side) -> None:
        self.history.order(side)

    @rule(
        mishaps=st.lists(MISHAPS, max_size=2),
        attempts=st.sampled_from([1, 1, 2, 3]),
        meanwhile=st.none() | st.builds(Meanwhile, st.integers(1, 8), DEEDS),
    )
    def the_service_works(self, mishaps: list[Mishap], attempts: int, meanwhile: Meanwhile | None) -> None:
        self.history.serve(*mishaps, attempts=attempts, meanwhile=meanwhile)

    @rule(side=SIDES, mishaps=st.lists(MISHAPS, max_size=1))
    def a_rotation_runs(self, side: Side, mishaps: list[Mishap]) -> None:
        self.history.rotate(side, *mishaps, attempts=1)

    @rule(deed=VERSION_DEEDS)
    def a_person_at_the_versions(self, deed: people.Deed) -> None:
        self.history.person(deed)

    @rule(deed=KEY_DEEDS)
    def a_person_at_the_keys(self, deed: people.Deed) -> None:
        self.history.person(deed)

    @rule(deed=TAG_DEEDS)
    def a_person_at_the_tags(self, deed: people.Deed) -> None:
        self.history.person(deed)

    @rule(deed=VAULT_DEEDS)
    def a_person_at_the_vault(self, deed: people.Deed) -> None:
        self.history.person(deed)

    @rule(push=PUSHES)
    def a_laptop(self, push: people.Pushes) -> None:
        self.history.person(push)

    @rule()
    def an_application_starts(self) -> None:
        self.history.application_starts()

    @rule(number=st.integers(0, 9))
    def an_application_starts_again(self, number: int) -> None:
        self.history.application_starts_again(number)

    @rule(function=st.sampled_from([CHECK, RETIRE]))
    def what_looks_after_vaults_and_keys_runs(self, function: str) -> None:
        self.history.is_cared_for(function)

    @rule(hours=st.sampled_from([0.3, 30.0, 200.0]))
    def days_pass_in_which_keys_are_retired(self, hours: float) -> None:
        """More often than alone: most of what is due takes two runs a day apart."""
        for _ in range(2):
            self.history.time_passes(hours * 3600)
            self.history.is_cared_for(RETIRE)

    @rule(hours=st.sampled_from([0.01, 0.1, 0.3, 1.0, 30.0, 200.0]))
    def time_passes(self, hours: float) -> None:
        self.history.time_passes(hours * 3600)

    # Settling costs as much as many moves, and every history ends with it.
    @precondition(lambda self: len(self.world.requests) >= self.settled_at + _REQUESTS_BETWEEN_SETTLINGS)
    @rule()
    def everything_is_settled(self) -> None:
        settle(self.history)
        self.settled_at = len(self.world.requests)

    def teardown(self) -> None:
        """Whatever happened, the documented remedies lead back; skipped where the history failed already."""
        try:
            if sys.exc_info()[0] is None and hasattr(self, "history"):
                settle(self.history)
                assert self.world.leaks() == []
                assert self.world.refused_hosts == []
        finally:
            self.world.clock.run_freely()


def test_any_history_keeps_every_promise_that_nobody_broke(running_world: World) -> None:
    class InThisWorld(WholeWorld):
        def __init__(self) -> None:
            super().__init__(running_world)

    run_state_machine_as_test(InThisWorld, settings=budget())


def budget() -> settings:
    """What `make test` has time for; under the profile `fuzz` its share of the examples that the profile asks for.

    Derandomized, so that `make test` says the same on every machine; the search for what is new is `fuzz`.
    """
    if settings.get_current_profile_name() == "fuzz":
        share = max(1, settings().max_examples // _DEARER_THAN_OTHERS)
        return settings(deadline=None, max_examples=share, stateful_step_count=_LONG_HISTORY)
    return settings(deadline=None, derandomize=True, max_examples=_HISTORIES, stateful_step_count=_SHORT_HISTORY)
