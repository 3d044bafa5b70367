"""Throttle storms: everything, or what a choice takes, is asked too often, for a while or for a number of requests.

Each is an observer, as the faults are, and ends by itself.
"""

from simulator.choices import Choice, both, in_a_function, numbered
from simulator.clock import Clock
from simulator.exchange import Request
from simulator.faults import Fault, throttle


def at_service(service: str) -> Choice:
    """Requests to one service, by its signing name."""
    return lambda request: request.service == service


def storm_of_requests(count: int, among: Choice = in_a_function) -> Fault:
    """The next `count` requests are throttled."""
    return throttle(numbered(frozenset(range(1, count + 1)), among))


def storm_of_seconds(clock: Clock, seconds: float, among: Choice = in_a_function) -> Fault:
    """Requests are throttled until `seconds` have passed on the world's clock since the first one that was."""
    ends_at: float | None = None

    def is_struck(_: Request) -> bool:
        nonlocal ends_at
        if ends_at is None:
            ends_at = clock.monotonic() + seconds
        return clock.monotonic() < ends_at

    return throttle(both(among, is_struck))
