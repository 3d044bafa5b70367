"""Two or more at once, yet the same every time: actors in threads of which exactly one runs at any moment.

Control changes hands only where somebody else could have been first on the wire: before a request leaves. A schedule
says who goes on from there, so the same schedule gives the same history. Which schedules are worth playing is for
`simulator.schedules` to say.
"""

import contextvars
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

from simulator.exchange import Answer, Request
from simulator.run import Run

# Real time for one turn, not virtual: far more than any turn needs, and short enough not to look like a hang.
LIMIT_SECONDS: Final = 60.0


class ActorStuckError(RuntimeError):
    """The actor whose turn it was neither sent its next request nor ended: it waits for what only another could do."""


class ActorFailedError(RuntimeError):
    """An actor raised that may not; what it raised is the cause."""


class UnscheduledRequestError(RuntimeError):
    """A request from a thread that is nobody's turn, so that the history would depend on chance."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts: a step of a rotation, the service with its retries, a laptop, a person.

    Attributes:
        name: as schedules and reports call it.
        act: everything it does, in a thread of its own.
        may_fail: whether raising is one of the things it may do; what it raised is in `Play.endings` then.
    """

    name: str
    act: Callable[[], object]
    may_fail: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """An actor goes on for this many requests, 1 or more, and stops before the next one; None: to its end.

    `before` names an action (`iam:DeleteAccessKey`): the actor stops before the first such request at the latest.
    """

    actor: str
    requests: int | None = None
    before: str | None = None


Schedule = tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """What an actor returned, or raised."""

    value: Any = None
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class PlayedTurn:
    """A turn as it came to be, with the requests that left in it."""

    actor: str
    requests: tuple[Request, ...]


@dataclass(frozen=True, slots=True)
class Play:
    """What became of a schedule. Every actor's last turn is the one in which it ended."""

    schedule: Schedule
    turns: tuple[PlayedTurn, ...]
    endings: Mapping[str, Ending]

    @property
    def sent(self) -> tuple[tuple[str, Request], ...]:
        """Every request with its actor's name, in the order in which they left."""
        return tuple((turn.actor, request) for turn in self.turns for request in turn.requests)

    def told(self) -> str:
        """The history for a person to read: a line for each request."""
        return "\n".join(f"{actor}: {_spelt(request)} -> {request.status}" for actor, request in self.sent)


def interleave(run: Run, actors: Sequence[Actor], schedule: Schedule, *, limit_seconds: float = LIMIT_SECONDS) -> Play:
    """Play a schedule to the end of every actor.

    A turn of an actor that has ended already is passed over; when the schedule is over, those who have not ended go
    on to their ends in the order of `actors`. Requests made by observers are no boundaries. Environment variables are
    the process's: actors whose functions are deployed with some must not overlap.

    Args:
        run: the world whose requests are scheduled; its other observers see a request after it got its turn.
        actors: at least one, each with a name of its own.
        schedule: turns in order.
        limit_seconds: real seconds for one turn.

    Raises:
        ValueError: a turn names nobody or no request, or two actors share a name.
        ActorFailedError: somebody raised who may not; everybody has ended.
        ActorStuckError: a turn took longer than the limit; those who can be stopped have ended, the stuck thread is a
            daemon whose further requests are refused.
        UnscheduledRequestError: a thread that an actor started made a request; it was refused.
    """
    _check(actors, schedule)
    stage = _Stage(actors, limit_seconds)
    run.switchboard.observers.insert(0, stage)
    try:
        with stage:
            stage.play(schedule)
    finally:
        if not stage.is_anyone_left():
            run.switchboard.observers.remove(stage)
    stage.judge()
    return Play(schedule, tuple(stage.turns), {part.name: part.ending for part in stage.parts})


def _check(actors: Sequence[Actor], schedule: Schedule) -> None:
    names = [actor.name for actor in actors]
    if len(set(names)) != len(names) or not names:
        raise ValueError(f"every actor needs a name of its own: {names}")
    for turn in schedule:
        if turn.actor not in names or (turn.requests is not None and turn.requests < 1):
            raise ValueError(f"no turn for any of {names}: {turn}")


class _GivenUp(BaseException):
    """Raised in place of a request once a play was given up. No `except Exception` on the way outlives it."""


@dataclass(slots=True, eq=False)
class _Part:
    """An actor on stage.

    Attributes:
        left: how many requests may still leave in this turn, None without end.
        stop_at: the action before which the turn ends.
    """

    actor: Actor
    left: int | None = 0
    stop_at: str | None = None
    go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    thread: threading.Thread | None = None
    sent: list[Request] = field(default_factory=list)
    next: Request | None = None
    ended: bool = False
    ending: Ending = Ending()

    @property
    def name(self) -> str:
        return self.actor.name

    def whereabouts(self) -> str:
        if self.ended:
            return f"{self.name} has ended"
        if self.next is not None:
            return f"{self.name} waits before request {len(self.sent) + 1}, {_spelt(self.next)}"
        return f"{self.name} has not begun" if not self.sent else f"{self.name} is behind {_spelt(self.sent[-1])}"


class _Stage:
    """Lets one actor on at a time: an observer that holds every request until its actor has the turn."""

    def __init__(self, actors: Sequence[Actor], limit_seconds: float) -> None:
        self.parts = [_Part(actor) for actor in actors]
        self.turns: list[PlayedTurn] = []
        self._limit_seconds = limit_seconds
        self._halted = threading.Semaphore(0)
        self._given_up = False
        self._strangers: list[Request] = []

    def __enter__(self) -> Self:
        for part in self.parts:
            # Each in a copy of the caller's context: what one sets there, no other sees.
            run = contextvars.copy_context().run
            part.thread = threading.Thread(target=run, args=(self._perform, part), name=part.name, daemon=True)
            part.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Whatever the reason, nobody stays behind: who has not ended is ended at its next request."""
        self._given_up = True
        for part in self.parts:
            part.go.release()
        for part in self.parts:
            if part.thread is not None:
                part.thread.join(min(1.0, self._limit_seconds))

    def is_anyone_left(self) -> bool:
        return any(part.thread is not None and part.thread.is_alive() for part in self.parts)

    def play(self, schedule: Schedule) -> None:
        by_name = {part.name: part for part in self.parts}
        for turn in (*schedule, *(Turn(part.name) for part in self.parts)):
            if not by_name[turn.actor].ended:
                self._turn(by_name[turn.actor], turn)

    def _turn(self, part: _Part, turn: Turn) -> None:
        first = len(part.sent)
        part.left, part.stop_at = turn.requests, turn.before
        if part.next is not None and part.next.action == turn.before:
            return
        part.next = None
        part.go.release()
        if not self._halted.acquire(timeout=self._limit_seconds):
            raise ActorStuckError(self._report(part))
        self.turns.append(PlayedTurn(part.name, tuple(part.sent[first:])))

    def _report(self, stuck: _Part) -> str:
        frame = sys._current_frames().get((stuck.thread and stuck.thread.ident) or 0)  # noqa: SLF001 - the only way to see where a thread stands
        place = f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_name}" if frame else "nowhere"
        others = "; ".join(part.whereabouts() for part in self.parts if part is not stuck)
        return (
            f"{stuck.name} had the turn for {self._limit_seconds} seconds and neither sent a request nor ended: "
            f"{stuck.whereabouts()}, at {place}. Meanwhile: {others or 'nobody else'}"
        )

    def _perform(self, part: _Part) -> None:
        part.go.acquire()
        try:
            if not self._given_up:
                part.ending = Ending(value=part.actor.act())
        except _GivenUp:
            pass
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is this actor's ending and no one else's
            part.ending = Ending(error=error)
        finally:
            part.ended = True
            self._halted.release()

    def judge(self) -> None:
        if self._strangers:
            raise UnscheduledRequestError(
                f"a thread that an actor started sent {_spelt(self._strangers[0])}: only actors' own threads have turns"
            )
        for part in self.parts:
            if part.ending.error is not None and not part.actor.may_fail:
                text = f"{part.name} raised {type(part.ending.error).__name__} behind {len(part.sent)} requests"
                raise ActorFailedError(text) from part.ending.error

    # What the switchboard asks of an observer.

    def before(self, request: Request) -> Answer | None:
        part = next((part for part in self.parts if part.thread is threading.current_thread()), None)
        if part is None:
            self._strangers.append(request)
            raise UnscheduledRequestError(f"{_spelt(request)} comes from a thread that has no turn")
        if not self._given_up and (part.left == 0 or request.action == part.stop_at):
            part.next = request
            self._halted.release()
            part.go.acquire()
        if self._given_up:
            raise _GivenUp
        if part.left is not None:
            part.left -= 1
        part.sent.append(request)
        return None

    def after(self, request: Request) -> None:
        """A request's answer is no boundary: until the next request leaves nobody can tell."""


def _spelt(request: Request) -> str:
    step = f" in {request.step}" if request.step else ""
    return f"{request.action} {request.path}{step}"
