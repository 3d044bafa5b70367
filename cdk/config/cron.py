"""AWS's cron: six fields, and when they fire.

`cron(minutes hours day-of-month month day-of-week year)`; one of the two fields for days is `?`. Besides lists, ranges
and steps there are `L` (the last day; `6L`: the last Friday), `15W` (the weekday nearest to the 15th, in its month) and
`2#1` (the first Monday). 1 is Sunday.

See: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import calendar
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Final

from cdk.config.forms import quoted
from cdk.config.month_days import dates, length, nearest_weekday

# What lies before has passed. From here on the calendar repeats after 28 years, until 2099.
FIRST_YEAR: Final = 2026
_CYCLE_YEARS: Final = 28
_LAST_YEAR: Final = 2199

_Days = Callable[[int, int], Sequence[int]]

_MONTHS: Final = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_WEEKDAYS: Final = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_SATURDAY: Final = 7
_FIELDS: Final = 6


class CronError(ValueError):
    """The text is no cron expression of AWS's. The message says which field, and what it may be."""


@dataclass(frozen=True, slots=True)
class Cron:
    """An expression, read. `days` tells the days of a month of a year that it fires on."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: _Days
    months: tuple[int, ...]
    years: tuple[int, ...]

    def occurrences(self) -> Iterator[datetime]:
        """When it fires, by the clock on the wall: from `FIRST_YEAR` on, until the calendar repeats."""
        for year, month in product(self.years, self.months):
            for day, hour, minute in product(self.days(year, month), self.hours, self.minutes):
                yield datetime(year, month, day, hour, minute)  # noqa: DTZ001 - the wall clock's, in whatever zone


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    lowest: int
    highest: int
    names: Mapping[str, int]

    def numbers(self, text: str) -> tuple[int, ...]:
        """What a list of numbers, ranges and steps names, in order."""
        found: set[int] = set()
        for part in text.split(","):
            found.update(self._range(part))
        return tuple(sorted(found))

    def number(self, text: str) -> int:
        """One number, or the name of one."""
        value = self.names.get(text, int(text) if re.fullmatch(r"[0-9]{1,4}", text) else -1)
        if not self.lowest <= value <= self.highest:
            raise self.refused(text)
        return value

    def refused(self, text: str) -> CronError:
        """The error for a part of this field."""
        named = f" or {next(iter(self.names))} to {list(self.names)[-1]}" if self.names else ""
        which = f"{self.lowest} to {self.highest}{named}, lists (1,5), ranges (1-5) or steps (1/5) of them"
        return CronError(f"{quoted(text)} is no {self.name}; write {which}")

    def _range(self, part: str) -> range:
        whole, slash, step_text = part.partition("/")
        first, dash, last = whole.partition("-")
        if whole == "*":
            low, high = self.lowest, self.highest
        else:
            low = self.number(first)
            high = self.number(last) if dash else self.highest if slash else low
        step = int(step_text) if re.fullmatch(r"[1-9][0-9]{0,3}", step_text) else 0
        if low > high or bool(slash) is not bool(step):
            raise self.refused(part)
        return range(low, high + 1, step or 1)


MINUTES: Final = _Field("minute", 0, 59, {})
HOURS: Final = _Field("hour", 0, 23, {})
DAYS: Final = _Field("day of the month", 1, 31, {})
MONTHS: Final = _Field("month", 1, 12, _MONTHS)
WEEKDAYS: Final = _Field("day of the week", 1, 7, _WEEKDAYS)
YEARS: Final = _Field("year", 1970, _LAST_YEAR, {})


def fields_of(expression: str) -> list[str]:
    """The six fields' texts.

    Raises:
        CronError: it is not `cron(...)` with six fields.
    """
    inside = re.fullmatch(r"cron\(([^()]*)\)", expression)
    fields = inside[1].split(" ") if inside else []
    if len(fields) != _FIELDS:
        meaning = "cron(minutes hours day-of-month month day-of-week year), one space between"
        raise CronError(f"{quoted(expression)} is no cron with six fields; write {meaning}")
    return fields


def parse(expression: str) -> Cron:
    """Read an expression.

    Raises:
        CronError: see there.
    """
    minutes, hours, day, month, weekday, year = fields_of(expression)
    if (day == "?") is (weekday == "?"):
        raise CronError(
            f"{quoted(f'{day} {month} {weekday}')} names days twice or not at all; "
            "write ? for either the day of the month or the day of the week"
        )
    every_year = range(FIRST_YEAR, FIRST_YEAR + _CYCLE_YEARS)
    years = every_year if year == "*" else [number for number in YEARS.numbers(year) if number >= FIRST_YEAR]
    return Cron(
        minutes=MINUTES.numbers(minutes),
        hours=HOURS.numbers(hours),
        days=_by_weekday(weekday) if day == "?" else _by_day(day),
        months=MONTHS.numbers(month),
        years=tuple(years),
    )


def _by_day(text: str) -> _Days:
    if text == "L":
        return lambda year, month: (length(year, month),)
    if text.endswith("W"):
        wanted = DAYS.number(text[:-1])
        return lambda year, month: nearest_weekday(year, month, wanted)
    days = DAYS.numbers(text)
    return lambda year, month: [day for day in days if day <= length(year, month)]


def _by_weekday(text: str) -> _Days:
    if "#" in text:
        name, _, count = text.partition("#")
        weekday = WEEKDAYS.number(name)
        if not re.fullmatch("[1-5]", count):
            raise CronError(f"{quoted(text)} is no day of the week with its count; write 2#1 for the first Monday")
        nth = int(count) - 1
        return lambda year, month: dates(year, month, weekday)[nth : nth + 1]
    if text != "L" and text.endswith("L"):
        last = WEEKDAYS.number(text[:-1])
        return lambda year, month: dates(year, month, last)[-1:]
    weekdays = (_SATURDAY,) if text == "L" else WEEKDAYS.numbers(text)
    return lambda year, month: sorted(day for weekday in weekdays for day in dates(year, month, weekday))
