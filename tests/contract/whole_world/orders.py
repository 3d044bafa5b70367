"""What is ordered of the service and carried out, and the faults that strike meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from simulator import faults
from simulator.faults import Choice, Fault

KINDS: Final[dict[str, Callable[[Choice], Fault]]] = {
    "crash before": faults.crash_before,
    "crash after": faults.crash_after,
    "lost answer": faults.lose_answer,
    "time-out": faults.time_out,
    "lost request": faults.lose_request,
    "throttle": faults.throttle,
    "error 500": faults.fail_inside,
    "denial": faults.deny,
}
# A storm outlasts the SDK's tries and every try of ours around them.
STORM: Final = 40


@dataclass(frozen=True, slots=True)
class Mishap:
    """A fault at the n-th request of a step, `count` requests long; a crash ends the function at the first."""

    kind: str
    step: str
    number: int
    count: int = 1

    def fault(self) -> Fault:
        """The fault; it counts from now on."""
        requests = frozenset(range(self.number, self.number + self.count))
        return KINDS[self.kind](faults.numbered(requests, faults.both(faults.in_a_function, faults.in_step(self.step))))
