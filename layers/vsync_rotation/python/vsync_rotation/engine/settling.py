"""Reading again what may be late: IAM and Secrets Manager tell of a write only after a while.

What a read shows is there. That something is not there is believed only if it stays so, where a step would act on the
absence; where it would fail, it fails at once, since the service tries again.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from vsync_rotation.engine.deadline import Deadline
from vsync_rotation.engine.ports import Clock

# Six reads over 7.75 seconds: replicas settle within a few, and the service's test-only call waits for all of it.
_PAUSES_SECONDS: Final = (0.25, 0.5, 1.0, 2.0, 4.0)

T = TypeVar("T")


def read_until(read: Callable[[], T], is_settled: Callable[[T], bool], clock: Clock, deadline: Deadline) -> T:
    """Read until the answer is settled, and take the last answer if it never is.

    No pause takes more than half of the time that is left, so that the step itself can still be done.
    """
    for pause_seconds in _PAUSES_SECONDS:
        found = read()
        if is_settled(found) or deadline.remaining_seconds() / 2 < pause_seconds:
            return found
        clock.sleep(pause_seconds)
    return read()
