"""When AWS's cron fires, against a second implementation that speaks the dialect of crontab."""

import re
from datetime import datetime, timedelta
from itertools import islice

import pytest
from croniter import croniter
from hypothesis import given, settings
from hypothesis import strategies as st

from cdk.config.cron import CronError, parse
from cdk.config.intervals import shortest_cron_hours
from cdk.config.time_zones import instant

START = datetime(2026, 1, 1)  # noqa: DTZ001 - the wall clock's


def as_crontab(expression: str) -> str:
    """The same in crontab's words: five fields, Sunday is 0, `L6` and `2#1` for the last and the first."""
    minutes, hours, day, month, weekday, _ = expression[5:-1].split(" ")
    weekday = re.sub(r"(?<![#/0-9])[1-7]", lambda number: str(int(number[0]) - 1), weekday)
    weekday = re.sub(r"^([0-6])L$", r"L\1", weekday)
    return " ".join(part.replace("?", "*") for part in (minutes, hours, day, month, weekday))


def first(expression: str, count: int) -> list[datetime]:
    return list(islice(parse(expression).occurrences(), count))


def by_croniter(expression: str, count: int) -> list[datetime]:
    moments = croniter(as_crontab(expression), START - timedelta(minutes=1))
    return [moments.get_next(datetime) for _ in range(count)]


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0 8 * * ? *)",
        "cron(0,30 8-10 ? * MON-FRI *)",
        "cron(15 10 ? * 6L *)",
        "cron(0 0 L * ? *)",
        "cron(0 8 ? * 2#1 *)",
        "cron(0 8 ? * 6#5 *)",
        "cron(0 8 15W * ? *)",
        "cron(0 8 1W * ? *)",
        "cron(0 8 29 2 ? *)",
        "cron(0 8 31 * ? *)",
        "cron(5 4 1,15 JAN,APR,JUL,OCT ? *)",
        "cron(0 2 ? * 1 *)",
        "cron(0 2 ? * 7 *)",
        "cron(0 2 ? 2 2-6 *)",
    ],
)
def test_it_fires_when_another_implementation_says(expression: str) -> None:
    assert first(expression, 40)[:7] == by_croniter(expression, 7)
    if "29 2" not in expression:
        assert first(expression, 40) == by_croniter(expression, 40)


def fields(low: int, high: int) -> st.SearchStrategy[str]:
    numbers = st.integers(low, high)
    # croniter takes 2-2 for all the way round.
    ranges = st.lists(numbers, min_size=2, max_size=2, unique=True).map(lambda pair: f"{min(pair)}-{max(pair)}")
    items = st.one_of(
        numbers.map(str), ranges, st.tuples(ranges, st.integers(1, 9)).map(lambda both: f"{both[0]}/{both[1]}")
    )
    return st.one_of(
        st.just("*"),
        st.integers(1, high).map(lambda step: f"*/{step}"),
        st.lists(items, min_size=1, max_size=3).map(",".join),
    )


days_of_month = fields(1, 28) | st.just("L") | st.integers(1, 28).map(lambda day: f"{day}W")
days_of_week = (
    fields(1, 7).filter(lambda text: "/" not in text)
    | st.integers(1, 7).map(lambda day: f"{day}L")
    | st.tuples(st.integers(1, 7), st.integers(1, 4)).map(lambda pair: f"{pair[0]}#{pair[1]}")
)
days = st.one_of(days_of_month.map(lambda day: (day, "?")), days_of_week.map(lambda day: ("?", day)))


@settings(max_examples=40)
@given(fields(0, 59), fields(0, 23), days, fields(1, 12))
def test_any_expression_fires_when_another_implementation_says(
    minutes: str, hours: str, day: tuple[str, str], months: str
) -> None:
    expression = f"cron({minutes} {hours} {day[0]} {months} {day[1]} *)"
    assert first(expression, 12) == by_croniter(expression, 12)


@given(
    st.text(alphabet="0123456789*?,-/LW# SUNMOJA", max_size=30).map(lambda inside: f"cron({inside})")
    | st.text(max_size=30)
)
def test_rubbish_is_refused_in_plain_words_or_fires_in_order(expression: str) -> None:
    found = first_or_refusal(expression)
    if isinstance(found, CronError):
        assert str(found).isascii()
        assert str(found).isprintable()
    else:
        assert found == sorted(set(found))


def first_or_refusal(expression: str) -> list[datetime] | CronError:
    try:
        return first(expression, 50)
    except CronError as error:
        return error


@pytest.mark.parametrize(
    ("expression", "days"),
    [
        # 1 August 2026 is a Saturday, 31 May a Sunday, 30 May a Saturday.
        ("cron(0 0 1W 8 ? 2026)", [3]),
        ("cron(0 0 31W 5 ? 2026)", [29]),
        ("cron(0 0 30W 5 ? 2026)", [29]),
        ("cron(0 0 14W 6 ? 2026)", [15]),
        ("cron(0 0 31W 6 ? 2026)", []),
        ("cron(0 0 ? 6 L 2026)", [6, 13, 20, 27]),
        ("cron(0 0 ? 6 SUNL 2026)", [28]),
        ("cron(0 0 ? 6 MON#5 2026)", [29]),
        ("cron(0 0 ? 2 MON#5 2026)", []),
    ],
)
def test_days_by_a_calendar_on_the_wall(expression: str, days: list[int]) -> None:
    assert [moment.day for moment in first(expression, 9)] == days


def test_a_skipped_hour_is_skipped_and_a_doubled_one_counts_once() -> None:
    spring, autumn = datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001 - the wall clock's
    assert instant(spring, "Europe/Berlin") is None
    doubled = instant(autumn, "Europe/Berlin")
    assert doubled is not None
    assert doubled.isoformat() == "2026-10-25T00:30:00+00:00"
    assert shortest_cron_hours("cron(30 2 * * ? *)", "Europe/Berlin") == 24
    assert shortest_cron_hours("cron(30 3 * * ? *)", "Europe/Berlin") == 23


def test_leap_days_come_four_years_apart() -> None:
    assert shortest_cron_hours("cron(0 0 29 2 ? *)", "UTC") == (3 * 365 + 366) * 24
