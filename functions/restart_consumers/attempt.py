"""One consumer in one invocation: restarted, followed or left alone, and never a failure that reaches the others."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from vsync_rotation.consumers import Consumer
from vsync_rotation.engine.bugs import as_failure
from vsync_rotation.engine.ports import Journal
from vsync_rotation.errors import RotationError
from vsync_rotation.memory.restarts import ConsumerRestart, RestartState
from vsync_rotation.rollouts import Failed, Order, Restarted, Restarter, UnderWay

# Rollouts take minutes. One that never ends (an ECS service without a circuit breaker, a command on a hanging node)
# would be followed for ever and nobody told; it counts as failed then, and is begun anew like any that failed.
MAX_ROLLOUT_HOURS: Final = 3
# For events, logs and the parameter, which holds a few dozen of them.
MAX_REASON: Final = 120


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of it. `may_pass`: it failed, or could not be asked, in a way that a later call may not."""

    restart: ConsumerRestart
    may_pass: bool = False


def attempt(
    consumer: Consumer,
    remembered: ConsumerRestart | None,
    restarter: Restarter,
    order: Order,
    now: datetime,
    journal: Journal,
) -> Attempt:
    """Restart the consumer, or follow the restart that is remembered as begun. Never raises for it.

    A restart that is under way is followed and never begun again, not even where its service cannot be asked just now.
    """
    following = remembered if remembered is not None and remembered.state is RestartState.BEGUN else None
    try:
        if following is None or following.handle is None:
            return Attempt(_begun(consumer, restarter.restart(consumer, order), now))
        return Attempt(_followed(following, restarter.follow(consumer, following.handle), now))
    except RotationError as error:
        failed = _failed(str(consumer), now, short_reason(error))
        journal.error(str(error), consumer=consumer.name, error=type(error).__name__, retryable=error.retryable)
        if following is not None and error.retryable and not _is_too_long(following, now):
            return Attempt(following, may_pass=True)
        return Attempt(failed, may_pass=error.retryable)
    except Exception as error:  # noqa: BLE001 - one consumer's bug must not stop another; its text is a stranger's
        failure = as_failure(error, journal, safe="it may be restarted or not", consumer=consumer.name)
        return Attempt(_failed(str(consumer), now, failure.what[:MAX_REASON]))


def short_reason(error: RotationError) -> str:
    """What went wrong, without what a service quoted: a denial's message names the role, and is in the log."""
    head, quoted, _ = error.what.partition(f"({error.code}: ")
    text = f"{head}({error.code})" if error.code and quoted else error.what
    return text[:MAX_REASON]


def _begun(consumer: Consumer, progress: Restarted | UnderWay, now: datetime) -> ConsumerRestart:
    match progress:
        case Restarted():
            return ConsumerRestart(str(consumer), RestartState.RESTARTED, now)
        case UnderWay(handle):
            return ConsumerRestart(str(consumer), RestartState.BEGUN, now, handle=handle)


def _followed(begun: ConsumerRestart, progress: Restarted | UnderWay | Failed, now: datetime) -> ConsumerRestart:
    match progress:
        case Restarted():
            return ConsumerRestart(begun.consumer, RestartState.RESTARTED, now)
        case Failed(reason):
            return _failed(begun.consumer, now, reason[:MAX_REASON])
        case UnderWay() if _is_too_long(begun, now):
            return _failed(begun.consumer, now, f"still under way after {MAX_ROLLOUT_HOURS} hours")
        case UnderWay():
            return begun


def _is_too_long(begun: ConsumerRestart, now: datetime) -> bool:
    return now - begun.at > timedelta(hours=MAX_ROLLOUT_HOURS)


def _failed(consumer: str, now: datetime, reason: str) -> ConsumerRestart:
    return ConsumerRestart(consumer, RestartState.FAILED, now, reason=reason)
