"""EventBridge Scheduler: which schedules come due, and when. moto keeps schedules and never fires one.

Played are schedules at a rate, without a window, aimed at a deployed function; anything else is refused loudly rather
than left out. A rate counts from the moment the schedule was made or last changed, and fires at that moment too.

See: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from moto.scheduler.models import scheduler_backends

_RATE: Final = re.compile(r"rate\(([1-9][0-9]*) (minute|hour|day)s?\)")
_FUNCTION: Final = "arn:aws:lambda:"


@dataclass(frozen=True, slots=True)
class Firing:
    """One occurrence of a schedule."""

    due: datetime
    function_arn: str
    event: Any
    schedule_arn: str


class Scheduler:
    """The schedules of an account. Each occurrence is given out once."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self._given: dict[str, datetime] = {}

    def next_due(self) -> datetime | None:
        """When the next schedule fires; it may have passed already. None if there is no schedule."""
        return min((firing.due for firing in self._next()), default=None)

    def take(self, until: datetime) -> list[Firing]:
        """What fires until then, in order of time; an occurrence is not given out twice."""
        taken: list[Firing] = []
        while due := [firing for firing in self._next() if firing.due <= until]:
            first = min(due, key=lambda firing: firing.due)
            self._given[first.schedule_arn] = first.due
            taken.append(first)
        return taken

    def _next(self) -> Iterator[Firing]:
        for backend in scheduler_backends[self._account_id].values():
            for group in backend.schedule_groups.values():
                for schedule in group.schedules.values():
                    if schedule.state == "ENABLED":
                        yield self._occurrence(schedule)

    def _occurrence(self, schedule: Any) -> Firing:
        period, event = _period(schedule), _event(schedule)
        # Kept to the microsecond: a float of seconds since 1970 has no more to give.
        changed = datetime.fromtimestamp(schedule.last_modified_date, UTC)
        given = self._given.get(schedule.arn)
        due = changed if given is None or given < changed else given + period
        return Firing(due, schedule.target["Arn"], event, schedule.arn)


def _period(schedule: Any) -> timedelta:
    rate = _RATE.fullmatch(schedule.schedule_expression)
    if rate is None:
        raise _not_played(schedule, schedule.schedule_expression)
    if schedule.start_date or schedule.end_date:
        raise _not_played(schedule, "a start or an end date")
    if schedule.flexible_time_window.get("Mode") != "OFF":
        raise _not_played(schedule, "a flexible window")
    return int(rate[1]) * timedelta(**{f"{rate[2]}s": 1})


def _event(schedule: Any) -> Any:
    if not schedule.target["Arn"].startswith(_FUNCTION):
        raise _not_played(schedule, f"the target {schedule.target['Arn']}")
    if "Input" not in schedule.target:
        raise _not_played(schedule, "a target without an input")
    return json.loads(schedule.target["Input"])


def _not_played(schedule: Any, what: str) -> NotImplementedError:
    """What no function here is scheduled by is refused, not ignored: a schedule that never fires would look served."""
    return NotImplementedError(f"schedule {schedule.name}: {what} is not played here")
