"""Which schedules to play: all of them up to a number of preemptions, each class of equal ones once.

Two histories of n and m requests have C(n + m, n) interleavings, too many from some six requests each. Nearly every
race shows with one or two preemptions, though: points at which an actor is interrupted that could have gone on. So
the search is complete up to that bound. It also leaves out a preemption that cannot matter, since the interrupted
actor's next request commutes with everything done in the interruption: a history played anyhow differs from it only in
the order of requests that do not touch the same thing, and in what the clock shows at them. (So between two actors;
with three or more every preemption is played.)

See: Musuvathi and Qadeer, "Iterative context bounding for systematic testing of multithreaded programs" (2007).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from simulator.exchange import Request
from simulator.interleaving import Play, Schedule, Turn
from simulator.run import FUNCTION, OPERATOR

Commute = Callable[[Request, Request], bool]
_Known = tuple[tuple[str, int], ...]

_READS: Final = ("Get", "Head", "List", "Describe")
_NO_USERS_KEY: Final = frozenset({"", FUNCTION.access_key_id, OPERATOR.access_key_id})


class NotRepeatableError(RuntimeError):
    """The beginning of a schedule went another way than before: something besides the schedule decides."""


def never(_first: Request, _second: Request) -> bool:
    """Nothing commutes: every preemption counts."""
    return False


def apart(first: Request, second: Request) -> bool:
    """Whether the two requests, told by service, operation and path alone, may swap places without a difference.

    Secrets cannot be told apart here, nor IAM users, but a user's tags and its keys can. A request signed with an IAM
    user's key depends on IAM, and its use is recorded there. Events have no order.
    """
    if "iam" in {first.service, second.service} and (_with_users_key(first) or _with_users_key(second)):
        return False
    if first.service != second.service or first.service == "events":
        return True
    if _reads(first) and _reads(second):
        return True
    if first.service == "iam":
        return ("Tag" in first.operation) is not ("Tag" in second.operation)
    return first.service == "s3" and _is_object(first) and _is_object(second) and first.path != second.path


def _reads(request: Request) -> bool:
    return request.operation.startswith(_READS)


def _with_users_key(request: Request) -> bool:
    return request.principal not in _NO_USERS_KEY


def _is_object(request: Request) -> bool:
    """Paths are `/bucket/key`; a listing has no key and sees all of them."""
    return "/" in request.path.strip("/")


def explore(
    play: Callable[[Schedule], Play], actors: Sequence[str], *, preemptions: int | None, commute: Commute = apart
) -> Iterator[Play]:
    """Play every schedule with at most so many preemptions, each as soon as the one before is over.

    Args:
        play: plays a schedule from the same start each time, with these actors.
        actors: their names, in the order in which they are given to `interleave`.
        preemptions: 0 or more; None: every interleaving.
        commute: what may swap places; `never` for every schedule there is.

    Raises:
        NotRepeatableError: the same turns at the beginning took other requests than before.
    """
    search = _Search(play, preemptions, commute)
    for first in actors:
        yield from search.from_here((Turn(first),), ())


class _Search:
    def __init__(self, play: Callable[[Schedule], Play], preemptions: int | None, commute: Commute) -> None:
        self._play = play
        self._preemptions = preemptions
        self._commute = commute

    def from_here(self, schedule: Schedule, known: _Known) -> Iterator[Play]:
        """This schedule, whose last turn is to an end, and everything that branches off in or behind that turn."""
        played = self._play(schedule)
        if _lengths(played, len(known)) != known:
            raise NotRepeatableError(f"{schedule} began as {_lengths(played, len(known))}, earlier as {known}")
        yield played
        for index in range(len(schedule) - 1, len(played.turns)):
            yield from self._at_the_end(played, index)
            if self._preemptions is None or _preempted(played, index) < self._preemptions:
                for other in _alive_behind(played, index):
                    yield from self._within(played, index, other)

    def _at_the_end(self, played: Play, index: int) -> Iterator[Play]:
        """With more than two actors: whose turn it is when this one has ended."""
        known = _lengths(played, index + 1)
        for other in _alive_behind(played, index)[1:]:
            yield from self.from_here((*_as_schedule(known), Turn(other)), known)

    def _within(self, played: Play, index: int, other: str) -> Iterator[Play]:
        """`other` goes on before a request of this turn, the last request first.

        What it does with the preemption one request later is known by then. If this request commutes with all of
        that, `other` would do the same now, and so would everybody afterwards.
        """
        turn = played.turns[index]
        interruption = self._only_other(played, index)
        for number in range(len(turn.requests) - 1, 0, -1):
            following = turn.requests[number]
            if interruption is not None and all(self._commute(following, request) for request in interruption):
                continue
            known = (*_lengths(played, index), (turn.actor, number))
            below = self.from_here((*_as_schedule(known), Turn(other)), known)
            child = next(below)
            interruption = self._only_other(child, index)
            yield child
            yield from below

    def _only_other(self, played: Play, index: int) -> tuple[Request, ...] | None:
        """The next turn's requests where there are two actors; with more, others may come in between."""
        return played.turns[index + 1].requests if len(played.endings) == 2 else None


def _lengths(played: Play, turns: int) -> _Known:
    return tuple((turn.actor, len(turn.requests)) for turn in played.turns[:turns])


def _as_schedule(known: _Known) -> Schedule:
    # A turn without a request is one in which its actor ended: there is no other way to give it up.
    return tuple(Turn(actor, number or None) for actor, number in known)


def _alive_behind(played: Play, index: int) -> list[str]:
    """Who else has not ended by the end of this turn, in the order of their next turns."""
    this = played.turns[index].actor
    return list(dict.fromkeys(turn.actor for turn in played.turns[index + 1 :] if turn.actor != this))


def _preempted(played: Play, turns: int) -> int:
    """How many of these first turns were taken from an actor that had not ended."""
    actors = [turn.actor for turn in played.turns]
    return sum(actor in actors[number + 1 :] for number, actor in enumerate(actors[:turns]))
