"""Which schedules are taken, by whom they are fired, and why others are refused."""

import math
import zoneinfo

import pytest

from cdk.config import time_zones
from cdk.config.model import Rhythm, RotationSchedule
from tests.unit.cdk.config.files import Folder, text

WHERE = "vaults[1] (acme_web/prod): passphrase_rotation."
UTC = '\ntimezone = "UTC"'
NATIVE, SCHEDULER = Rhythm.NATIVE, Rhythm.SCHEDULER
UTC_INSTEAD = 'or write timezone = "UTC" besides, so that EventBridge Scheduler fires it'
SIX_FIELDS = (
    "is no cron with six fields; write cron(minutes hours day-of-month month day-of-week year), one space between"
)
OF_THEM = "lists (1,5), ranges (1-5) or steps (1/5) of them"
DAYS_ONCE = "names days twice or not at all; write ? for either the day of the month or the day of the week"
NO_SCHEDULE = "is malformed; write rate(30 days) or cron(0 3 ? * SUN *), for instance; without a schedule it rotates when somebody says so"
RATE_AT_ONCE = (
    "schedule: a rate with a time zone or a window in minutes would be EventBridge Scheduler's, whose rates fire as soon as "
    "they are made: deploying must not rotate; write a cron, or a rate alone"
)


def passphrase(lines: str) -> str:
    return text(vault=f"[vaults.passphrase_rotation]\n{lines}")


GOOD = {
    "a rate in days": ('schedule = "rate(30 days)"', (None, 60, NATIVE, 719)),
    "a rate of one day": ('schedule = "rate(1 day)"', (None, 60, NATIVE, 23)),
    "the shortest rate": ('schedule = "rate(4 hours)"', (None, 60, NATIVE, 3)),
    "the longest rate": ('schedule = "rate(999 days)"', (None, 60, NATIVE, 999 * 24 - 1)),
    "a window of some hours": ('schedule = "rate(30 days)"\nwindow_minutes = 180', (None, 180, NATIVE, 717)),
    "a window of a day": ('schedule = "cron(0 0 ? * SUN *)"\nwindow_minutes = 1440', (None, 1440, NATIVE, 144)),
    "the last day of a month": ('schedule = "cron(0 8 L * ? *)"', (None, 60, NATIVE, 28 * 24 - 1)),
    "the first Sunday": ('schedule = "cron(0 8 ? * SUN#1 *)"', (None, 60, NATIVE, 28 * 24 - 1)),
    "several hours of a day": ('schedule = "cron(0 4/12 * * ? *)"', (None, 60, NATIVE, 11)),
    "a window that ends with the day": ('schedule = "cron(0 22 * * ? *)"\nwindow_minutes = 120', (None, 120, NATIVE, 22)),
    "a time zone": ('schedule = "cron(30 3 ? * MON *)"\ntimezone = "Europe/Berlin"', ("Europe/Berlin", 0, SCHEDULER, 167)),
    "a time zone without daylight saving": ('schedule = "cron(30 3 ? * MON *)"\ntimezone = "Asia/Tokyo"', ("Asia/Tokyo", 0, SCHEDULER, 168)),
    "a time zone and whole hours": (f'schedule = "cron(0 3 ? * MON *)"{UTC}\nwindow_minutes = 120', ("UTC", 120, SCHEDULER, 166)),
    "a time zone and no window": (f'schedule = "cron(0 3 ? * MON *)"{UTC}\nwindow_minutes = 0', ("UTC", 0, SCHEDULER, 168)),
    "a window in minutes": ('schedule = "cron(0 3 ? * MON *)"\nwindow_minutes = 45', (None, 45, SCHEDULER, 167.25)),
    "a weekday near a day": (f'schedule = "cron(0 8 15W * ? *)"{UTC}', ("UTC", 0, SCHEDULER, 28 * 24)),
    "once and never again": (f'schedule = "cron(0 8 1 1 ? 2030)"{UTC}', ("UTC", 0, SCHEDULER, math.inf)),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "wanted"), GOOD.values(), ids=GOOD)
def test_a_schedule_that_its_service_takes_is_taken(
    folder: Folder, lines: str, wanted: tuple[str | None, int, Rhythm, float]
) -> None:
    schedule = folder.read(passphrase(lines)).vaults[0].passphrase.schedule
    expression = lines.split('"')[1]
    assert schedule == RotationSchedule(expression, *wanted)


BAD = {
    "no expression": ('schedule = "every day"', f'schedule: "every day" {NO_SCHEDULE}'),
    "nothing": ('schedule = ""', f'schedule: "" {NO_SCHEDULE}'),
    "another type": ("schedule = 30", f"schedule: is an integer; {NO_SCHEDULE.partition('; ')[2]}"),
    "a time zone alone": ('timezone = "UTC"', "timezone: says nothing without a schedule; write schedule as well, or remove it"),
    "a window alone": ("window_minutes = 60", "window_minutes: says nothing without a schedule; write schedule as well, or remove it"),
    "one of many": ('schedule = "rate(1 days)"', 'schedule: "rate(1 days)" is no rate; write rate(1 day), rate(30 days) or rate(12 hours)'),
    "many of one": ('schedule = "rate(2 day)"', 'schedule: "rate(2 day)" is no rate; write rate(1 day), rate(30 days) or rate(12 hours)'),
    "a rate in minutes": ('schedule = "rate(300 minutes)"', 'schedule: "rate(300 minutes)" is no rate; write rate(1 day), rate(30 days) or rate(12 hours)'),
    "too short a rate": ('schedule = "rate(3 hours)"', 'schedule: "rate(3 hours)" is outside 4 hours to 999 days, which Secrets Manager takes; choose between'),
    "too long a rate": ('schedule = "rate(1000 days)"', 'schedule: "rate(1000 days)" is outside 4 hours to 999 days, which Secrets Manager takes; choose between'),
    "a rate with a time zone": (f'schedule = "rate(30 days)"{UTC}', RATE_AT_ONCE),
    "a rate with a window in minutes": ('schedule = "rate(30 days)"\nwindow_minutes = 90', RATE_AT_ONCE),
    "no window at all": ('schedule = "rate(30 days)"\nwindow_minutes = 0', 'window_minutes: is 0, and Secrets Manager\'s windows are whole hours; write 60 or more, or timezone = "UTC" besides for a rotation at the minute'),
    "a window of more than a day": ('schedule = "rate(30 days)"\nwindow_minutes = 1500', "window_minutes: is out of range; write an integer from 0 to 1440"),
    "windows that overlap": ('schedule = "rate(4 hours)"\nwindow_minutes = 300', "window_minutes: is longer than the 4 hours between two windows; shorten it"),
    "windows of a cron that overlap": ('schedule = "cron(0 0,4 * * ? *)"\nwindow_minutes = 300', "window_minutes: is longer than the 4 hours between two windows; shorten it"),
    "a window beyond the day": ('schedule = "cron(0 22 * * ? *)"\nwindow_minutes = 180', "window_minutes: a window of 180 minutes from 22:00 goes beyond the UTC day, which Secrets Manager refuses; write 120 at most, or begin earlier"),
    "minutes": ('schedule = "cron(5 8 * * ? *)"', f"schedule: Secrets Manager takes minute 0 and year * only; write cron(0 ... *), {UTC_INSTEAD}"),
    "a year": ('schedule = "cron(0 8 * * ? 2030)"', f"schedule: Secrets Manager takes minute 0 and year * only; write cron(0 ... *), {UTC_INSTEAD}"),
    "a weekday near a day": ('schedule = "cron(0 8 15W * ? *)"', f"schedule: Secrets Manager knows no 15W; write a day or L, {UTC_INSTEAD}"),
    "every two hours": ('schedule = "cron(0 */2 * * ? *)"', 'schedule: "cron(0 */2 * * ? *)" fires twice within 2 hours; leave 4 hours between, as Secrets Manager demands of its own rules'),
    "every five minutes": (f'schedule = "cron(*/5 * * * ? *)"{UTC}', 'schedule: "cron(*/5 * * * ? *)" fires twice within 0.0833333 hours; leave 4 hours between, as Secrets Manager demands of its own rules'),
    "shortly before and after midnight": (f'schedule = "cron(0 1,23 * * ? *)"{UTC}', 'schedule: "cron(0 1,23 * * ? *)" fires twice within 2 hours; leave 4 hours between, as Secrets Manager demands of its own rules'),
    "an hour less in spring": ('schedule = "cron(0 0,4 * * ? *)"\ntimezone = "Europe/Berlin"', 'schedule: "cron(0 0,4 * * ? *)" fires twice within 3 hours where the clocks of Europe/Berlin change; leave 4 hours between, as Secrets Manager demands of its own rules'),
    "30 February": ('schedule = "cron(0 8 30 2 ? *)"', 'schedule: "cron(0 8 30 2 ? *)" never fires; correct it, or remove it to rotate by hand only'),
    "a year that is over": (f'schedule = "cron(0 8 * * ? 2020)"{UTC}', 'schedule: "cron(0 8 * * ? 2020)" never fires; correct it, or remove it to rotate by hand only'),
    "an hour that is skipped": ('schedule = "cron(30 2 29 3 ? 2026)"\ntimezone = "Europe/Berlin"', 'schedule: "cron(30 2 29 3 ? 2026)" never fires, since the clocks of Europe/Berlin skip that hour; correct it, or remove it to rotate by hand only'),
    "five fields": ('schedule = "cron(0 8 * * ?)"', f'schedule: "cron(0 8 * * ?)" {SIX_FIELDS}'),
    "two blanks": ('schedule = "cron(0  8 * * ? *)"', f'schedule: "cron(0  8 * * ? *)" {SIX_FIELDS}'),
    "something behind": ('schedule = "cron(0 8 * * ? *))"', f'schedule: "cron(0 8 * * ? *))" {SIX_FIELDS}'),
    "days twice": ('schedule = "cron(0 8 * * * *)"', f'schedule: "* * *" {DAYS_ONCE}'),
    "no days": ('schedule = "cron(0 8 ? * ? *)"', f'schedule: "? * ?" {DAYS_ONCE}'),
    "minute 60": (f'schedule = "cron(60 8 * * ? *)"{UTC}', f'schedule: "60" is no minute; write 0 to 59, {OF_THEM}'),
    "hour 24": ('schedule = "cron(0 24 * * ? *)"', f'schedule: "24" is no hour; write 0 to 23, {OF_THEM}'),
    "day 0": ('schedule = "cron(0 8 0 * ? *)"', f'schedule: "0" is no day of the month; write 1 to 31, {OF_THEM}'),
    "a month in full": ('schedule = "cron(0 8 ? JUNE MON *)"', f'schedule: "JUNE" is no month; write 1 to 12 or JAN to DEC, {OF_THEM}'),
    "a weekday in small letters": ('schedule = "cron(0 8 ? * mon *)"', f'schedule: "mon" is no day of the week; write 1 to 7 or SUN to SAT, {OF_THEM}'),
    "a range backwards": ('schedule = "cron(0 8 ? * FRI-MON *)"', f'schedule: "FRI-MON" is no day of the week; write 1 to 7 or SUN to SAT, {OF_THEM}'),
    "no step": ('schedule = "cron(0 8/0 * * ? *)"', f'schedule: "8/0" is no hour; write 0 to 23, {OF_THEM}'),
    "an empty step": ('schedule = "cron(0 8/ * * ? *)"', f'schedule: "8/" is no hour; write 0 to 23, {OF_THEM}'),
    "an empty item": ('schedule = "cron(0 8, * * ? *)"', f'schedule: "" is no hour; write 0 to 23, {OF_THEM}'),
    "a sixth Monday": ('schedule = "cron(0 8 ? * 2#6 *)"', 'schedule: "2#6" is no day of the week with its count; write 2#1 for the first Monday'),
    "W in a list": (f'schedule = "cron(0 8 1W,2 * ? *)"{UTC}', f'schedule: "1W" is no day of the month; write 1 to 31, {OF_THEM}'),
    "year 2200": (f'schedule = "cron(0 8 1 1 ? 2200)"{UTC}', f'schedule: "2200" is no year; write 1970 to 2199, {OF_THEM}'),
    "a misspelled zone": ('schedule = "cron(0 8 * * ? *)"\ntimezone = "Europe/Berln"', 'timezone: "Europe/Berln" is no time zone; did you mean Europe/Berlin?'),
    "an abbreviation": ('schedule = "cron(0 8 * * ? *)"\ntimezone = "CEST"', 'timezone: "CEST" is no time zone; write an IANA name, such as Europe/Berlin or UTC'),
    "a continent": ('schedule = "cron(0 8 * * ? *)"\ntimezone = "America"', 'timezone: "America" is no time zone; write an IANA name, such as Europe/Berlin or UTC'),
    "a file beside the zones": ('schedule = "cron(0 8 * * ? *)"\ntimezone = "posix/UTC"', 'timezone: "posix/UTC" is no time zone; write an IANA name, such as Europe/Berlin or UTC'),
    "a path": ('schedule = "cron(0 8 * * ? *)"\ntimezone = "../etc/passwd"', 'timezone: "../etc/passwd" is no time zone; write an IANA name, such as Europe/Berlin or UTC'),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "line"), BAD.values(), ids=BAD)
def test_anything_else_is_refused_with_the_reason(folder: Folder, lines: str, line: str) -> None:
    assert folder.problems(passphrase(lines)) == [WHERE + line]


def test_without_a_schedule_nothing_rotates_by_itself(folder: Folder) -> None:
    assert folder.read(passphrase("heal = true")).vaults[0].passphrase.schedule is None


def test_a_machine_without_time_zone_data_is_told_so(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the system's nor Python's package is there: nothing can be looked up, and nothing breaks."""

    def not_found(name: str) -> zoneinfo.ZoneInfo:
        raise zoneinfo.ZoneInfoNotFoundError(name)

    monkeypatch.setattr(time_zones, "ZoneInfo", not_found)
    monkeypatch.setattr(time_zones, "available_timezones", set)
    assert folder.problems(passphrase('schedule = "cron(0 8 * * ? *)"\ntimezone = "Africa/Abidjan"')) == [
        (
            f"{WHERE}timezone: cannot be checked, since this machine has no time zone data; "
            "install the package tzdata, the system's or Python's in .venv, and try again"
        )
    ]
