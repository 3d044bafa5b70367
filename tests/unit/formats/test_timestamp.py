"""Timestamps (SPEC 1)."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsync_rotation.errors import BundleCorruptError, RotationError
from vsync_rotation.formats.timestamp import Timestamp

WRONG = {
    "empty": "",
    "one digit short": "20260501-09150",
    "one digit more": "20260501-0915000",
    "no hyphen": "202605010915000",
    "underscore": "20260501_091500",
    "white space behind": "20260501-091500\n",
    "white space before": " 20260501-09150",
    "month 13": "20261301-000000",
    "month 0": "20260001-000000",
    "30 February": "20260230-000000",
    "29 February of a common year": "20270229-000000",
    "hour 24": "20260501-240000",
    "leap second": "20261231-235960",
    "year 0": "00000101-000000",
    "arabic digits": "٢٠٢٦٠٥٠١-٠٩١٥٠٠",
    "sign": "+2026501-091500",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG.keys())
def test_anything_but_the_exact_form_is_refused_without_an_echo(text: str) -> None:
    with pytest.raises(BundleCorruptError) as caught:
        Timestamp.parse(text)
    assert not text or text not in str(caught.value)
    assert f"has {len(text)} characters" in caught.value.what


def test_no_malformed_timestamp_can_be_made_by_the_constructor_either() -> None:
    with pytest.raises(BundleCorruptError):
        Timestamp("20260230-000000")


def test_the_second_that_holds_a_moment_is_taken_in_utc() -> None:
    moment = datetime(2026, 5, 1, 11, 15, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert Timestamp.at(moment) == Timestamp("20260501-091500")


def test_a_year_below_1000_is_padded() -> None:
    assert str(Timestamp.at(datetime(26, 5, 1, tzinfo=UTC))) == "00260501-000000"


def test_a_naive_moment_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="aware"):
        Timestamp.at(datetime(2026, 5, 1))  # noqa: DTZ001 - the subject


def test_one_second_later_crosses_midnight_and_the_year() -> None:
    assert Timestamp("20261231-235959").plus_one_second() == Timestamp("20270101-000000")


def test_nothing_follows_the_last_second() -> None:
    with pytest.raises(BundleCorruptError, match="9999"):
        Timestamp("99991231-235959").plus_one_second()


def test_iso_has_three_digits_and_z() -> None:
    assert Timestamp("20260501-091500").iso_milliseconds() == "2026-05-01T09:15:00.000Z"


moments = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy wants naive bounds


@given(moments)
def test_a_timestamp_comes_back_from_its_text_and_from_its_instant(moment: datetime) -> None:
    timestamp = Timestamp.at(moment)
    assert Timestamp.parse(timestamp.text) == timestamp == Timestamp.at(timestamp.instant)
    assert timedelta() <= moment - timestamp.instant < timedelta(seconds=1)


@given(moments, moments)
def test_text_order_is_time_order(one: datetime, other: datetime) -> None:
    first, second = Timestamp.at(one), Timestamp.at(other)
    assert (first < second) == (first.instant < second.instant)


@given(moments)
def test_the_next_timestamp_is_one_second_later(moment: datetime) -> None:
    timestamp = Timestamp.at(moment)
    assert timestamp.plus_one_second().instant - timestamp.instant == timedelta(seconds=1)


@given(st.text(max_size=20) | st.from_regex(r"\A\d{8}-\d{6}\Z"))
def test_any_text_gives_a_timestamp_or_the_family(text: str) -> None:
    try:
        assert Timestamp.parse(text).text == text
    except RotationError as error:
        assert type(error) is BundleCorruptError  # noqa: PT017 - either outcome is right, this one must be of the class
