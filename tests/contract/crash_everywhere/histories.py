"""Histories of one rotation, stopped or hindered somewhere, and how much of them has to be played.

Randomness is the same in every history, and time moves only where somebody sleeps. So two worlds that hold the same bytes
at the same instant go on alike, but for the numbers drawn from there on: what becomes of them is judged once, and the
other history is shared. What the functions keep in memory besides is their SDK clients.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from simulator.exchange import Request
from simulator.faults import Fault
from simulator.world import World
from tests.contract.checkpoint import Checkpoint, taken
from tests.contract.crash_everywhere.promises import Promises
from tests.contract.crash_everywhere.randomness import the_same_each_time
from tests.contract.crash_everywhere.rotations import Start

# Longer than most attempts last whose every request is throttled.
_TRIED_AGAIN_AFTER: Final = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Moment:
    """All that decides how a history goes on and is judged: what the AWS holds, when, and how many events it was sent."""

    holds: str
    at: datetime
    events: int

    @classmethod
    def of(cls, world: World, checkpoint: Checkpoint) -> "Moment":
        """Now, which was just taken."""
        return cls(hashlib.sha256(checkpoint.held).hexdigest(), checkpoint.at, len(world.events))


@dataclass(frozen=True, slots=True)
class Boundaries:
    """The moments just before and just after every request of a rotation that nobody hinders."""

    requests: tuple[Request, ...]
    before: tuple[Moment, ...]
    after: tuple[Moment, ...]

    @property
    def holds(self) -> frozenset[str]:
        """What the AWS holds at one of these moments."""
        return frozenset(moment.holds for moment in (*self.before, *self.after))

    def is_as_before_the_next(self, number: int) -> bool:
        """Whether a process that dies behind this request leaves what one leaves that dies before the next."""
        return number < len(self.before) and self.after[number - 1] == self.before[number]

    def is_as_before_the_last(self, number: int) -> bool:
        """Whether a process that dies before this request leaves what one leaves that dies before the last one."""
        return number > 1 and self.before[number - 1] == self.before[number - 2]


class _Watch:
    """An observer that takes down the moments around every request of a function."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.before_each: list[Moment] = []
        self.after_each: list[Moment] = []

    def before(self, request: Request) -> None:
        self._take_down(request, self.before_each)

    def after(self, request: Request) -> None:
        self._take_down(request, self.after_each)

    def _take_down(self, request: Request, moments: list[Moment]) -> None:
        if request.function is not None:
            moments.append(Moment.of(self.world, taken(self.world)))


def boundaries(start: Start) -> Boundaries:
    """The requests of a rotation that nobody hinders, which keeps its promises too."""
    rotation = start.again()
    promises, watch = Promises.of(rotation), _Watch(rotation.world)
    with the_same_each_time(), rotation.world.watched_by(watch):
        record = rotation.run()
    promises.kept(record)
    assert record.attempts == 1
    requests = tuple(request for step in record.steps for request in step.requests)
    assert len(requests) == len(watch.before_each) == len(watch.after_each)
    return Boundaries(requests, tuple(watch.before_each), tuple(watch.after_each))


class _Shared(Exception):  # noqa: N818 - the way out of a history whose rest was played before
    """This world has been continued."""


@dataclass(slots=True)
class Histories:
    """Plays histories of one rotation.

    Attributes:
        given_up: by what it holds, each world that a failed first attempt left: the service might never try again.
        failed: how many histories there were whose first attempt failed.
    """

    start: Start
    promises: Promises
    given_up: dict[str, Checkpoint] = field(default_factory=dict)
    failed: int = 0
    _continued: set[Moment] = field(default_factory=set)

    @property
    def shared(self) -> int:
        """How many rests of histories were not played, tried again or not, because an equal world's was."""
        return 2 * self.failed - len(self._continued) - len(self.given_up)

    @classmethod
    def of(cls, start: Start) -> "Histories":
        """None played yet."""
        return cls(start, Promises.of(start.again()))

    def play(self, *trouble: Fault) -> None:
        """One rotation in trouble at one request, judged before the service tries again and at the end."""
        rotation = self.start.again()
        world = rotation.world
        reached: list[Moment] = []

        def look(step: str, attempt: int) -> None:
            if (step, attempt) == ("createSecret", 2):
                self._try_again_at_a_fixed_time(world)
                reached.append(self._reached(world))
                self.promises.hold_now()

        world.rotation_service.before_step = look
        with the_same_each_time(), world.watched_by(*trouble):
            try:
                record = rotation.run()
            except _Shared:
                assert world.leaks() == []
                return
            finally:
                assert all(fault.hits for fault in trouble), "the rotation sends fewer requests than it did"
        assert record.attempts <= 2, "one fault costs more than one attempt"
        self.promises.kept(record)
        self._continued.update(reached)

    def _try_again_at_a_fixed_time(self, world: World) -> None:
        """Nobody says when the service tries again; here it does at the same time after the order, where it can."""
        left = (self.start.checkpoint.at + _TRIED_AGAIN_AFTER - world.clock.now()).total_seconds()
        world.clock.advance(max(left, 0.0))

    def _reached(self, world: World) -> Moment:
        self.failed += 1
        checkpoint = taken(world)
        moment = Moment.of(world, checkpoint)
        self.given_up.setdefault(moment.holds, checkpoint)
        if moment in self._continued:
            raise _Shared
        return moment
