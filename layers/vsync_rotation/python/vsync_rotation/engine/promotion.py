"""Moving AWSCURRENT: the commit of every rotation, and what to believe when its answer is lost."""

from typing import Final

from vsync_rotation.engine.backoff import back_off
from vsync_rotation.engine.rotation import Job
from vsync_rotation.engine.staging import CURRENT
from vsync_rotation.errors import RotationError

# The SDK has already retried each of these. Together they take about what a rotation keeps in hand for its last step:
# a pointer that has been swapped waits for this label, and giving up leaves that to the service's next attempt.
_TRIES: Final = 6
_FIRST_PAUSE_SECONDS: Final = 0.25
_LONGEST_PAUSE_SECONDS: Final = 4.0


def promote(job: Job, *, away_from: str) -> str:
    """Move AWSCURRENT from `away_from` to the version at work, and be sure of the outcome.

    Returns:
        The version that holds AWSCURRENT now: the one at work, or a third one that somebody else promoted meanwhile.

    After a failure the labels are read again, since the answer may be lost and the move done. The move is repeatable:
    it is a compare-and-swap on `away_from`.

    Raises:
        RotationError: the outcome stayed unknown, or the label stayed where it was, after several tries.
    """
    pauses = back_off(job.version_id, first_seconds=_FIRST_PAUSE_SECONDS, longest_seconds=_LONGEST_PAUSE_SECONDS)
    for tries_left, pause_seconds in zip(reversed(range(_TRIES)), pauses, strict=False):
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
