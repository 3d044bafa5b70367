"""Lambda's asynchronous invocation: an event waits in a queue, is tried three times at most, and may come twice.

See: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from simulator.clock import Clock
from simulator.functions import FunctionCrashed, Functions
from simulator.invocation import Invocation

# Before the second and before the third try: Lambda tries no more often unless it is configured to.
RETRY_SPACING: Final = (timedelta(minutes=1), timedelta(minutes=2))


@dataclass(frozen=True, slots=True)
class Delivery:
    """One invocation from the queue.

    Attributes:
        at: when it began.
        attempt: 1 to 3.
        event: as the function got it.
        returned: what Lambda throws away: nobody waits for an asynchronous invocation.
        error: what the function raised, None where it did not.
    """

    function: str
    at: datetime
    attempt: int
    event: Any
    invocation: Invocation
    returned: Any
    error: BaseException | None


@dataclass(frozen=True, slots=True)
class _Waiting:
    due: datetime
    function_arn: str
    event: Any
    attempt: int = 1


class AsynchronousInvocations:
    """The queue. Nothing is invoked but by `deliver`.

    Attributes:
        copies: how often each further event is delivered, 1 or more: Lambda and EventBridge promise once at least.
    """

    def __init__(self, functions: Functions, clock: Clock) -> None:
        self._functions = functions
        self._clock = clock
        self._waiting: list[_Waiting] = []
        self.copies = 1

    def accept(self, function_arn: str, event: Any, due: datetime) -> None:
        """Queue an event for a function; a function that is not deployed is found out at delivery."""
        self._waiting += [_Waiting(due, function_arn, event)] * self.copies

    def next_due(self) -> datetime | None:
        """When the next event is to be delivered; None if none waits."""
        return min((waiting.due for waiting in self._waiting), default=None)

    def deliver(self, until: datetime) -> Iterator[Delivery]:
        """Invoke for what is due, and for what that leads to, until nothing is due any more. In order of due times."""
        while self._waiting:
            waiting = min(self._waiting, key=lambda other: other.due)
            if waiting.due > until:
                return
            self._waiting.remove(waiting)
            yield self._invoke(waiting)

    def _invoke(self, waiting: _Waiting) -> Delivery:
        # A copy: what a function does to its event, its next attempt does not see.
        event, at = copy.deepcopy(waiting.event), self._clock.now()
        invocation, call = self._functions.begin(waiting.function_arn, event)
        returned: Any = None
        error: BaseException | None = None
        try:
            returned = call()
        except (Exception, FunctionCrashed) as raised:  # noqa: BLE001 - whatever is raised, the next attempt follows
            error = raised
            self._again(waiting)
        return Delivery(invocation.function, at, waiting.attempt, waiting.event, invocation, returned, error)

    def _again(self, waiting: _Waiting) -> None:
        if waiting.attempt <= len(RETRY_SPACING):
            due = self._clock.now() + RETRY_SPACING[waiting.attempt - 1]
            self._waiting.append(_Waiting(due, waiting.function_arn, waiting.event, waiting.attempt + 1))
