"""The audit log's rows (SPEC 8)."""

import csv
import io
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vsync_rotation.errors import BundleCorruptError, RotationError
from vsync_rotation.formats.audit_row import HEADER, MAX_LOG_BYTES, MAX_ROWS, RotateRow, append_rotate_row
from vsync_rotation.formats.timestamp import Timestamp

VERSION = Timestamp("20260501-091500")
ROW = RotateRow(datetime(2026, 5, 1, 9, 15, 2, 345_999, tzinfo=UTC), VERSION, "ip-10-0-0-1.ec2", 4, 3)
LINE = (
    "2026-05-01T09:15:02.345Z,rotate,20260501-091500,ip-10-0-0-1.ec2,,,,,,"
    '"{""event"":""rotate"",""gen"":4,""prev_gen"":3}"\n'
)
PUSH = "2026-04-30T23:59:59.000Z,push,20260430-235959,laptop,,,,,,\n"


def appended(log: bytes | None) -> bytes:
    """The log with the row, which must not stand there yet."""
    after = append_rotate_row(log, ROW)
    assert after is not None
    return after


def stands(log: bytes, version: Timestamp = VERSION) -> bool:
    """Whether the row of that bundle stands in the log already."""
    return append_rotate_row(log, replace(ROW, version_ts=version)) is None


def test_the_line_is_as_vsync_writes_it() -> None:
    assert ROW.line() == LINE


@pytest.mark.parametrize("existing", [None, b""])
def test_a_log_begins_with_its_header(existing: bytes | None) -> None:
    assert append_rotate_row(existing, ROW) == f"{HEADER}\n{LINE}".encode()


@pytest.mark.parametrize(
    ("existing", "separator"),
    [
        (f"{HEADER}\n{PUSH}", ""),
        (f"{HEADER}\n{PUSH}".rstrip("\n"), "\n"),
        (HEADER, "\n"),
        (f"{HEADER}\r\n{PUSH}", ""),
        (f"\ufeff{HEADER}\n", ""),
        (f'{HEADER}\n2026,push,20260430-235959,"a ""b"", \r\nc",,,,,,\n', ""),
        (f"{HEADER}\nshort row\n\n{PUSH}", ""),
    ],
    ids=["plain", "no final newline", "header only", "crlf", "byte order mark", "quoted line break", "odd rows"],
)
def test_every_byte_that_was_there_stays_and_the_row_stands_behind(existing: str, separator: str) -> None:
    after = appended(existing.encode())
    assert after.decode() == existing + separator + LINE
    assert not stands(existing.encode())
    assert stands(after)


def test_fields_go_where_the_header_says_and_further_columns_stay_empty() -> None:
    log = b"new,meta,version_ts,hostname,action,ts,newer\n"
    expected = (
        ',"{""event"":""rotate"",""gen"":4,""prev_gen"":3}",20260501-091500,ip-10-0-0-1.ec2,rotate,'
        "2026-05-01T09:15:02.345Z,\n"
    )
    after = appended(log)
    assert after.decode() == log.decode() + expected
    assert stands(after)


def test_only_a_rotate_row_with_this_timestamp_is_ones_own() -> None:
    pushed = f"{HEADER}\n{PUSH.replace('20260430-235959', VERSION.text)}".encode()
    assert not stands(pushed)
    assert not stands(appended(pushed), Timestamp("20260501-091501"))
    assert not stands(b"")


def test_a_timestamp_inside_another_field_is_not_a_row() -> None:
    quoted = f'{HEADER}\n2026,push,20260430-235959,"\n{LINE.replace(chr(34), chr(34) * 2)}",,,,,,\n'
    assert not stands(quoted.encode())


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("=cmd|calc", "cmd_calc"),
        ("+1", "1"),
        ("-x", "x"),
        ("@sum", "sum"),
        ("\t=x", "x"),
        ("a,b\n\"c'", "a_b__c_"),
        ("тест", ""),
        ("", ""),
        ("h" * 300, "h" * 253),
    ],
)
def test_a_hostname_is_no_formula_and_needs_no_quotes(name: str, field: str) -> None:
    assert replace(ROW, hostname=name).line().split(",")[3] == field


def test_the_instant_is_written_in_utc() -> None:
    moment = datetime(2026, 5, 1, 11, 15, 2, tzinfo=timezone(timedelta(hours=2)))
    assert replace(ROW, at=moment).line().startswith("2026-05-01T09:15:02.000Z,")


def test_a_naive_instant_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="aware"):
        replace(ROW, at=datetime(2026, 5, 1)).line()  # noqa: DTZ001 - the subject


DAMAGED = {
    "not UTF-8": (f"{HEADER}\n".encode() + b"marker \xfc\n", "is not UTF-8"),
    "open quote": (f'{HEADER}\n2026,"push\n'.encode(), "unbalanced quotes"),
    "text behind a quote": (f'{HEADER}\n"a"b,c\n'.encode(), "unbalanced quotes"),
    "endless field": (f"{HEADER}\n".encode() + b"x" * 200_000 + b"\n", "a field without end"),
    "blank first line": (f"\n{PUSH}".encode(), "exactly one column ts, action, version_ts, meta"),
    "no meta": (b"ts,action,version_ts\n", "exactly one column meta"),
    "ts twice": (f"{HEADER},ts\n".encode(), "exactly one column ts in"),
    "another file": (b"<html>marker</html>", "exactly one column ts, action"),
    "large": (f"{HEADER}\n".encode() + b"\n" * MAX_LOG_BYTES, "more than 8388608"),
}


@pytest.mark.parametrize(("log", "message"), DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_log_is_named_and_left_alone(log: bytes, message: str) -> None:
    with pytest.raises(BundleCorruptError) as caught:
        append_rotate_row(log, ROW)
    assert message in caught.value.what
    assert caught.value.what.startswith("the audit log ")
    assert "marker" not in str(caught.value)


def test_a_log_of_line_ends_alone_is_given_up_after_so_many() -> None:
    with pytest.raises(BundleCorruptError, match="rows"):
        append_rotate_row(f"{HEADER}\n".encode() + b"\n" * (MAX_ROWS + 1), ROW)


def test_a_large_log_costs_little_more_than_itself() -> None:
    log = f"{HEADER}\n".encode() + PUSH.encode() * 60_000
    tracemalloc.start()
    appended(log)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * len(log)


fields = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=10)


@settings(deadline=None)
@given(st.lists(st.lists(fields, min_size=10, max_size=10), max_size=4), st.text(max_size=20))
def test_a_row_behind_any_sound_log_is_one_more_row(rows: list[list[str]], hostname: str) -> None:
    buffer = io.StringIO(newline="")
    buffer.write(f"{HEADER}\n")
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    log = buffer.getvalue().encode()
    after = append_rotate_row(log, replace(ROW, hostname=hostname))
    assert after is not None
    assert after.startswith(log)
    parsed = list(csv.DictReader(io.StringIO(after.decode(), newline="")))
    assert parsed[-1]["version_ts"] == VERSION.text
    assert parsed[-1]["meta"] == '{"event":"rotate","gen":4,"prev_gen":3}'
    assert stands(after)


@settings(deadline=None)
@given(st.binary() | st.text().map(lambda text: f"{HEADER}\n{text}".encode("utf-8", "surrogatepass")))
def test_any_bytes_are_appended_to_or_give_the_family(log: bytes) -> None:
    try:
        after = appended(log)
    except RotationError as error:
        assert type(error) is BundleCorruptError  # noqa: PT017 - either outcome is right
    else:
        assert after.startswith(log)
        assert stands(after)
