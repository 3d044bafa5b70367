"""The promise itself: stopped or hindered at any single request, AWSCURRENT opens the vault and a retry completes.

Enumerated, not sampled: every rotation of the table, every fault, every request of that rotation, one history each.
"""

from collections.abc import Callable, Mapping
from typing import Final

import pytest

from simulator import faults
from simulator.choices import Choice
from simulator.exchange import Request
from simulator.faults import Fault
from simulator.world import Transport, World
from tests.contract.crash_everywhere.promises import Promises
from tests.contract.crash_everywhere.rotations import ROTATIONS, Rotation, prepared

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


FAULTS: Final[Mapping[str, Callable[[int], Fault]]] = {
    "crash before": lambda number: faults.crash_before(faults.nth(number)),
    "crash after": lambda number: faults.crash_after(faults.nth(number)),
    "throttled": lambda number: faults.throttle(_from_there_on(number)),
    "server error": lambda number: faults.fail_inside(faults.nth(number)),
    "reset": lambda number: faults.lose_answer(faults.nth(number)),
}


def requests_of(world: World, name: str) -> tuple[Request, ...]:
    """The requests of a rotation that nobody hinders, which keeps its promises too."""
    rotation = prepared(world, name)
    promises = Promises.of(rotation)
    record = rotation.run()
    promises.kept(record)
    assert record.attempts == 1
    return tuple(request for step in record.steps for request in step.requests)


def history(rotation: Rotation, fault: Fault) -> None:
    """One rotation with one fault, judged before the service tries again and at the end."""
    promises = Promises.of(rotation)

    def look(step: str, attempt: int) -> None:
        if step == "createSecret" and attempt > 1:
            promises.hold_now()

    rotation.world.rotation_service.before_step = look
    with rotation.world.watched_by(fault):
        record = rotation.run()
    assert fault.hits, "the rotation sends fewer requests than it did"
    assert record.attempts <= 2, "one fault costs more than one attempt"
    promises.kept(record)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", ROTATIONS)
def test_a_rotation_hindered_at_any_request_keeps_its_promises(
    world: World, record_property: Record, name: str, fault: str
) -> None:
    requests = requests_of(world, name)
    for number, request in enumerate(requests, start=1):
        try:
            history(prepared(world, name), FAULTS[fault](number))
        except AssertionError as error:
            error.add_note(f"{name}, {fault} at request {number}: {request.action} {request.step}")
            raise
    record_property("histories", len(requests))


@pytest.mark.over_http
def test_every_kind_of_request_goes_over_a_socket_too(world: World, record_property: Record) -> None:
    """The answer to the first request of each kind is lost on a real connection."""
    kinds: dict[tuple[str, str | None], tuple[str, int]] = {}
    for name in ROTATIONS:
        for number, request in enumerate(requests_of(world, name), start=1):
            kinds.setdefault((request.action, request.step), (name, number))
    world.transport = Transport.HTTP
    try:
        for (action, step), (name, number) in kinds.items():
            fault = FAULTS["reset"](number)
            history(prepared(world, name), fault)
            assert [(hit.action, hit.step) for hit in fault.hits] == [(action, step)]
    finally:
        world.transport = Transport.IN_PROCESS
        world.reset()
    assert {action.partition(":")[0] for action, _ in kinds} == {"secretsmanager", "iam", "sts", "s3", "events"}
    record_property("histories", len(kinds))
