"""The days of a month that a cron's `L`, `W` and `#` speak of. Weekdays are counted from 1, Sunday."""

import calendar
from collections.abc import Sequence
from typing import Final

_WEEK: Final = 7


def length(year: int, month: int) -> int:
    """The month's last day."""
    return calendar.monthrange(year, month)[1]


def dates(year: int, month: int, weekday: int) -> Sequence[int]:
    """The days that fall on a weekday, in order."""
    first_weekday = (calendar.weekday(year, month, 1) + 1) % _WEEK + 1
    return range(1 + (weekday - first_weekday) % _WEEK, length(year, month) + 1, _WEEK)


def nearest_weekday(year: int, month: int, day: int) -> Sequence[int]:
    """The day from Monday to Friday that is nearest to a day, within the month; none where it has no such day."""
    last = length(year, month)
    if day > last:
        return ()
    weekday = calendar.weekday(year, month, day)
    if weekday == calendar.SATURDAY:
        return (day - 1 if day > 1 else day + 2,)
    if weekday == calendar.SUNDAY:
        return (day + 1 if day < last else day - 2,)
    return (day,)
