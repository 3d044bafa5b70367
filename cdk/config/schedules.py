"""When a secret rotates: by Secrets Manager's own rules, or by EventBridge Scheduler where those are not enough.

Either is refused here what it would refuse at the deployment, with the reason.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html,
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import re
from typing import Final

from cdk.config.cron import CronError, fields_of, parse
from cdk.config.forms import Form, quoted
from cdk.config.intervals import shortest_cron_hours
from cdk.config.model import Rhythm, RotationSchedule
from cdk.config.table import Table
from cdk.config.time_zones import ZONE

_SHORTEST_HOURS: Final = 4
_LONGEST_DAYS: Final = 999
_DAY_MINUTES: Final = 1_440
_DAY_HOURS: Final = 24
_LONGEST_EXPRESSION: Final = 256

_RATE: Final = re.compile(r"rate\(([1-9][0-9]{0,5}) (hour|day)(s?)\)")
_EXPRESSION: Final = Form.matching(
    rf"(rate|cron)\([ -~]{{1,{_LONGEST_EXPRESSION - 6}}}\)",
    "rate(30 days) or cron(0 3 ? * SUN *), for instance; without a schedule it rotates when somebody says so",
)


def read_schedule(table: Table) -> RotationSchedule | None:
    """The keys `schedule`, `timezone` and `window_minutes`; None where there is no schedule, or no good one."""
    mark = table.mark()
    expression = table.optional_text("schedule", _EXPRESSION)
    timezone = table.optional_text("timezone", ZONE)
    window = table.whole("window_minutes", 0, _DAY_MINUTES)
    if "schedule" not in table:
        for key in ("timezone", "window_minutes"):
            if key in table:
                table.refuse(key, "says nothing without a schedule; write schedule as well, or remove it")
    if expression is None or table.kept(expression, mark) is None:
        return None
    if timezone is None and (window is None or window % 60 == 0):
        # Somewhere within the first hour: the shortest window there is, and nobody has to guess the service's default.
        return _native(table, expression, 60 if window is None else window)
    return _by_scheduler(table, expression, timezone, window or 0)


def _native(table: Table, expression: str, window: int) -> RotationSchedule | None:
    if window == 0:
        table.refuse(
            "window_minutes",
            "is 0, and Secrets Manager's windows are whole hours; "
            'write 60 or more, or timezone = "UTC" besides for a rotation at the minute',
        )
        return None
    if expression.startswith("rate("):
        hours = _rate_hours(table, expression, window)
    else:
        hours = _native_cron_hours(table, expression, window)
    return _scheduled(expression, None, window, Rhythm.NATIVE, hours)


def _rate_hours(table: Table, expression: str, window: int) -> float | None:
    rate = _RATE.fullmatch(expression)
    if rate is None or (rate[1] == "1") is (rate[3] == "s"):
        table.refuse("schedule", f"{quoted(expression)} is no rate; write rate(1 day), rate(30 days) or rate(12 hours)")
        return None
    hours = int(rate[1]) * (1 if rate[2] == "hour" else _DAY_HOURS)
    if not _SHORTEST_HOURS <= hours <= _LONGEST_DAYS * _DAY_HOURS:
        limits = f"{_SHORTEST_HOURS} hours to {_LONGEST_DAYS} days"
        table.refuse(
            "schedule", f"{quoted(expression)} is outside {limits}, which Secrets Manager takes; choose between"
        )
        return None
    return _less_window(table, hours, window)


def _native_cron_hours(table: Table, expression: str, window: int) -> float | None:
    hours = _cron_hours(table, expression, "UTC", window)
    if hours is None:
        return None
    minutes, _, day, _, _, year = fields_of(expression)
    zoned = 'or write timezone = "UTC" besides, so that EventBridge Scheduler fires it'
    if (minutes, year) != ("0", "*"):
        table.refuse("schedule", f"Secrets Manager takes minute 0 and year * only; write cron(0 ... *), {zoned}")
        return None
    if day.endswith("W"):
        table.refuse("schedule", f"Secrets Manager knows no {day}; write a day or L, {zoned}")
        return None
    last = max(parse(expression).hours)
    if last * 60 + window > _DAY_MINUTES:
        table.refuse(
            "window_minutes",
            f"a window of {window} minutes from {last}:00 goes beyond the UTC day, which Secrets Manager refuses; "
            f"write {_DAY_MINUTES - last * 60} at most, or begin earlier",
        )
        return None
    return hours


def _by_scheduler(table: Table, expression: str, timezone: str | None, window: int) -> RotationSchedule | None:
    if expression.startswith("rate("):
        table.refuse(
            "schedule",
            "a rate with a time zone or a window in minutes would be EventBridge Scheduler's, whose rates fire as soon "
            "as they are made: deploying must not rotate; write a cron, or a rate alone",
        )
        return None
    hours = _cron_hours(table, expression, timezone or "UTC", window)
    return _scheduled(expression, timezone, window, Rhythm.SCHEDULER, hours)


def _cron_hours(table: Table, expression: str, zone: str, window: int) -> float | None:
    try:
        hours = shortest_cron_hours(expression, zone)
    except CronError as error:
        table.refuse("schedule", str(error))
        return None
    if hours is None:
        table.refuse(
            "schedule",
            f"{quoted(expression)} never fires{_since_clocks_skip(expression, zone)}; "
            "correct it, or remove it to rotate by hand only",
        )
        return None
    if hours < _SHORTEST_HOURS:
        table.refuse(
            "schedule",
            f"{quoted(expression)} fires twice within {hours:g} hours{_when_clocks_change(expression, zone)}; "
            f"leave {_SHORTEST_HOURS} hours between, as Secrets Manager demands of its own rules",
        )
        return None
    return _less_window(table, hours, window)


def _since_clocks_skip(expression: str, zone: str) -> str:
    """What else to say where it is the zone that leaves out the one hour."""
    by_the_wall = shortest_cron_hours(expression, "UTC")
    return "" if by_the_wall is None else f", since the clocks of {zone} skip that hour"


def _when_clocks_change(expression: str, zone: str) -> str:
    """What else to say where it is the zone that brings two occurrences so close together."""
    by_the_wall = shortest_cron_hours(expression, "UTC")
    return "" if by_the_wall is None or by_the_wall < _SHORTEST_HOURS else f" where the clocks of {zone} change"


def _less_window(table: Table, hours: float, window: int) -> float | None:
    """The shortest time between two rotations: one at the end of its window, the next at the beginning."""
    if window > hours * 60:
        table.refuse("window_minutes", f"is longer than the {hours:g} hours between two windows; shorten it")
        return None
    return hours - window / 60


def _scheduled(
    expression: str, timezone: str | None, window: int, rhythm: Rhythm, hours: float | None
) -> RotationSchedule | None:
    return None if hours is None else RotationSchedule(expression, timezone, window, rhythm, hours)
