"""The promise itself: stopped or hindered at any single request, AWSCURRENT opens the vault and a retry completes.

And where the service never tries again, what looks after vaults and keys brings the rotation to its end.

Enumerated, not sampled: every rotation of the table, every fault, every request of that rotation, one history each. Only
a read takes server error and reset in one history, one after the other: either is a read that the SDK repeats. What
leaves a world that was continued before is not continued again: see `histories.py`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import pytest

from simulator import faults
from simulator.choices import Choice
from simulator.exchange import Request
from simulator.faults import Fault
from simulator.replicas import is_read
from simulator.world import Transport, World
from tests.contract.crash_everywhere.histories import Boundaries, Histories, boundaries
from tests.contract.crash_everywhere.left_alone import LeftAlone
from tests.contract.crash_everywhere.rotations import ROTATIONS, Start

Record = Callable[[str, object], None]


def _from_there_on(number: int) -> Choice:
    """That request and every later one of the same invocation, so that the SDK's own retries do not help."""
    seen, struck = 0, None

    def choose(request: Request) -> bool:
        nonlocal seen, struck
        if request.function is None:
            return False
        seen += 1
        if seen == number:
            struck = request.invocation
        return struck is not None and request.invocation == struck

    return choose


def _reset(number: int) -> Fault:
    return faults.lose_answer(faults.nth(number))


Faults = tuple[Fault, ...]


def _crashes(number: int, around: Boundaries) -> Iterator[Faults]:
    """Before the request and behind it, but for what leaves the very bytes that dying at another request leaves."""
    if not around.is_as_before_the_last(number):
        yield (faults.crash_before(faults.nth(number)),)
    if not around.is_as_before_the_next(number):
        yield (faults.crash_after(faults.nth(number)),)


def _throttles(number: int, _: Boundaries) -> Iterator[Faults]:
    yield (faults.throttle(_from_there_on(number)),)


def _server_errors(number: int, around: Boundaries) -> Iterator[Faults]:
    """A read is answered with an error, and its repetition breaks off."""
    again = (_reset(number + 1),) if is_read(around.requests[number - 1].operation) else ()
    yield (faults.fail_inside(faults.nth(number)), *again)


def _resets(number: int, around: Boundaries) -> Iterator[Faults]:
    if not is_read(around.requests[number - 1].operation):
        yield (_reset(number),)


CRASH: Final = "crash"
FAULTS: Final[Mapping[str, Callable[[int, Boundaries], Iterator[Faults]]]] = {
    CRASH: _crashes,
    "throttled": _throttles,
    "server error": _server_errors,
    "reset": _resets,
}


@contextmanager
def noted(where: str) -> Iterator[None]:
    """A failure says in which history it was."""
    try:
        yield
    except AssertionError as error:
        error.add_note(where)
        raise


@pytest.mark.parametrize("name", ROTATIONS)
def test_a_rotation_hindered_at_any_request_keeps_its_promises(
    world: World, record_property: Record, name: str
) -> None:
    """Whether the service tries it again, or never does and only what looks after vaults and keys runs."""
    start = Start.of(world, name)
    around, histories = boundaries(start), Histories.of(start)
    played = Counter[str]()
    for fault, troubles in FAULTS.items():
        for number, request in enumerate(around.requests, start=1):
            for trouble in troubles(number, around):
                played[fault] += 1
                with noted(f"{name}, {fault} at request {number}: {request.action} {request.step}"):
                    histories.play(*trouble)
        if fault == CRASH:
            assert histories.given_up.keys() <= around.holds, "a crash left something else than the requests before it"
    for checkpoint in histories.given_up.values():
        rotation = start.at(checkpoint)
        with noted(f"{name}, never tried again"):
            LeftAlone(rotation, histories.promises, start.checkpoint.at).live_on()
    # Two crashes per request, each continued in two ways, whether played or shared.
    spared = 2 * len(around.requests) - played[CRASH]
    record_property("histories", played.total() + histories.failed + 2 * spared)
    record_property("shared", histories.shared + 2 * spared)


@pytest.mark.over_http
def test_every_kind_of_request_goes_over_a_socket_too(world: World, record_property: Record) -> None:
    """The answer to the first request of each kind is lost on a real connection."""
    starts = {name: Start.of(world, name) for name in ROTATIONS}
    kinds: dict[tuple[str, str | None], tuple[str, int]] = {}
    for name, start in starts.items():
        for number, request in enumerate(boundaries(start).requests, start=1):
            kinds.setdefault((request.action, request.step), (name, number))
    world.transport = Transport.HTTP
    try:
        for (action, step), (name, number) in kinds.items():
            fault = _reset(number)
            Histories.of(starts[name]).play(fault)
            assert [(hit.action, hit.step) for hit in fault.hits] == [(action, step)]
    finally:
        world.transport = Transport.IN_PROCESS
        world.reset()
    assert {action.partition(":")[0] for action, _ in kinds} == {"secretsmanager", "iam", "sts", "s3", "events"}
    record_property("histories", len(kinds))
