"""Everything of a run goes, in an order in which nothing stands in the way of anything, again until nothing is found.

It can be repeated at any time and from any state; it needs nothing but the run's prefix.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from tests.acceptance.asking import Say
from tests.acceptance.cleanup.identities import roles, user_keys, users
from tests.acceptance.cleanup.ownership import NotOursError
from tests.acceptance.cleanup.probes import functions, queues, rules, schedules
from tests.acceptance.cleanup.stacks import StackStaysError, replaceable_stacks, surviving_stacks
from tests.acceptance.cleanup.stores import bucket_contents, buckets, log_groups, parameters, secrets
from tests.acceptance.cleanup.thing import Finder, Place, Thing

# What runs goes first: it would make things anew. Then what stacks cannot delete, stacks, and what they left.
SEQUENCE: Final[Sequence[Finder]] = (
    replaceable_stacks,
    schedules,
    rules,
    functions,
    user_keys,
    bucket_contents,
    surviving_stacks,
    queues,
    users,
    roles,
    buckets,
    secrets,
    parameters,
    log_groups,
)
# Services go on listing for a minute or so what is gone.
_ROUNDS: Final = 8
_APART_SECONDS: Final = 15.0
# Of the machine's too: the SDK may keep logins on a disk that is full.
_FAILURES: Final = (ClientError, BotoCoreError, OSError, StackStaysError, NotOursError)


@dataclass(slots=True)
class Cleaning:
    """Removes a run's things from a place, and says each thing once."""

    place: Place
    say: Say
    _said: set[str] = field(default_factory=set)

    def run(self) -> Sequence[str]:
        """Remove everything. Returns what is still there, each with the command that removes it; empty if all is gone."""
        left: dict[str, str] = {}
        for number in range(_ROUNDS):
            if number:
                self.place.clock.sleep(_APART_SECONDS)
            left = self._round()
            if not left:
                return []
        return [f"{what}: {how}" for what, how in left.items()]

    def _round(self) -> dict[str, str]:
        """What was met, gone or not: the next round tells whether it is."""
        met: dict[str, str] = {}
        for finder in SEQUENCE:
            try:
                for thing in finder(self.place):
                    met[str(thing)] = self._removed(thing)
            except _FAILURES as failure:
                met[f"what {finder.__name__.replace('_', ' ')} there are"] = f"could not be looked for ({failure})"
        return met

    def _removed(self, thing: Thing) -> str:
        try:
            self.place.removed(thing)
        except _FAILURES as failure:
            self._tell(f"  {thing} could not be removed: {failure}")
            return f"{failure}; by hand: {thing.by_hand}"
        self._tell(f"  removed {thing}")
        return f"is still listed; by hand: {thing.by_hand}"

    def _tell(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            self.say(line)
