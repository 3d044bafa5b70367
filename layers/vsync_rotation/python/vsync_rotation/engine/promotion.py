"""Moving AWSCURRENT: the commit of every rotation, and what to believe when its answer is lost."""

from typing import Final

from vsync_rotation.engine.rotation import Job
from vsync_rotation.engine.staging import CURRENT
from vsync_rotation.errors import RotationError

# The SDK has already retried each of these; together they outlast a throttle without using up the function's time.
_TRIES: Final = 4
_FIRST_PAUSE_SECONDS: Final = 0.25


def promote(job: Job, *, away_from: str) -> str:
    """Move AWSCURRENT from `away_from` to the version at work, and be sure of the outcome.

    Returns:
        The version that holds AWSCURRENT now: the one at work, or a third one that somebody else promoted meanwhile.

    After a failure the labels are read again, since the answer may be lost and the move done. The move is repeatable:
    it is a compare-and-swap on `away_from`.

    Raises:
        RotationError: the outcome stayed unknown, or the label stayed where it was, after several tries.
    """
    pause_seconds = _FIRST_PAUSE_SECONDS
    for tries_left in reversed(range(_TRIES)):
        try:
            job.ports.secrets.move_current(job.secret.arn, to=job.version_id, away_from=away_from)
        except RotationError as error:
            holder = _holder_elsewhere(job, away_from)
            if holder is not None:
                return holder
            if tries_left == 0 or job.deadline.remaining_seconds() < pause_seconds:
                raise
            job.ports.journal.warning("label move failed, trying again", error=type(error).__name__)
            job.ports.clock.sleep(pause_seconds)
            pause_seconds *= 2
        else:
            return job.version_id
    raise AssertionError("the last try returns or raises")


def _holder_elsewhere(job: Job, away_from: str) -> str | None:
    try:
        holder = job.ports.secrets.describe(job.secret.arn).holder(CURRENT)
    except RotationError:
        return None
    # No holder at all cannot be told from a stale read: not a third version, so the move is tried again.
    return None if holder == away_from else holder
