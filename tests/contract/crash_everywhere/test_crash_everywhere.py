"""The promise itself: stopped or hindered at any single request, AWSCURRENT opens the vault and a retry completes.

Enumerated, not sampled: every rotation of the table, every fault, every request of that rotation, one history each. Only
a read takes server error and reset in one history, one after the other: either is a read that the SDK repeats.
"""

from collections.abc import Callable, Mapping
from typing import Final

import pytest

from simulator import faults
from simulator.choices import Choice
from simulator.exchange import Request
from simulator.faults import Fault
from simulator.replicas import is_read
from simulator.world import Transport, World
from tests.contract.crash_everywhere.promises import Promises
from tests.contract.crash_everywhere.rotations import ROTATIONS, Rotation, Start

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
FAULTS: Final[Mapping[str, Callable[[int, Request], Faults]]] = {
    "crash before": lambda number, _: (faults.crash_before(faults.nth(number)),),
    "crash after": lambda number, _: (faults.crash_after(faults.nth(number)),),
    "throttled": lambda number, _: (faults.throttle(_from_there_on(number)),),
    "server error": lambda number, request: (
        faults.fail_inside(faults.nth(number)),
        *((_reset(number + 1),) if is_read(request.operation) else ()),
    ),
    "reset": lambda number, request: () if is_read(request.operation) else (_reset(number),),
}


def requests_of(start: Start) -> tuple[Request, ...]:
    """The requests of a rotation that nobody hinders, which keeps its promises too."""
    rotation = start.again()
    promises = Promises.of(rotation)
    record = rotation.run()
    promises.kept(record)
    assert record.attempts == 1
    return tuple(request for step in record.steps for request in step.requests)


def history(rotation: Rotation, *trouble: Fault) -> None:
    """One rotation in trouble at one request, judged before the service tries again and at the end."""
    promises = Promises.of(rotation)

    def look(step: str, attempt: int) -> None:
        if step == "createSecret" and attempt > 1:
            promises.hold_now()

    rotation.world.rotation_service.before_step = look
    with rotation.world.watched_by(*trouble):
        record = rotation.run()
    assert all(fault.hits for fault in trouble), "the rotation sends fewer requests than it did"
    assert record.attempts <= 2, "one fault costs more than one attempt"
    promises.kept(record)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", ROTATIONS)
def test_a_rotation_hindered_at_any_request_keeps_its_promises(
    world: World, record_property: Record, name: str, fault: str
) -> None:
    start = Start.of(world, name)
    requests = requests_of(start)
    histories = 0
    for number, request in enumerate(requests, start=1):
        trouble = FAULTS[fault](number, request)
        if not trouble:
            continue
        histories += 1
        try:
            history(start.again(), *trouble)
        except AssertionError as error:
            error.add_note(f"{name}, {fault} at request {number}: {request.action} {request.step}")
            raise
    assert histories
    record_property("histories", histories)


@pytest.mark.over_http
def test_every_kind_of_request_goes_over_a_socket_too(world: World, record_property: Record) -> None:
    """The answer to the first request of each kind is lost on a real connection."""
    kinds: dict[tuple[str, str | None], tuple[str, int]] = {}
    for name in ROTATIONS:
        for number, request in enumerate(requests_of(Start.of(world, name)), start=1):
            kinds.setdefault((request.action, request.step), (name, number))
    world.transport = Transport.HTTP
    try:
        for (action, step), (name, number) in kinds.items():
            fault = _reset(number)
            history(Start.of(world, name).again(), fault)
            assert [(hit.action, hit.step) for hit in fault.hits] == [(action, step)]
    finally:
        world.transport = Transport.IN_PROCESS
        world.reset()
    assert {action.partition(":")[0] for action, _ in kinds} == {"secretsmanager", "iam", "sts", "s3", "events"}
    record_property("histories", len(kinds))
