"""The audit log: every byte that stood there stays, and what is added is one row that no reader takes for anything else."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.effort import share
from tests.fuzz.measures import KIB, MIB, peak_bytes
from tests.fuzz.mutations import damaged_bytes, odd_text
from tests.fuzz.refusals import CANARY, assert_refused, read
from vsync_rotation.errors import BundleCorruptError
from vsync_rotation.formats.audit_row import HEADER, RotateRow, append_rotate_row
from vsync_rotation.formats.timestamp import Timestamp

ROW: Final = RotateRow(datetime(2026, 3, 1, 12, tzinfo=UTC), Timestamp("20260301-120000"), "a-function", 5, 4)
META: Final = '{"event":"rotate","gen":5,"prev_gen":4}'
COLUMNS: Final = tuple(HEADER.split(","))
PUSH: Final = f"2026-01-01T00:00:00.000Z,push,20260101-000000,laptop,,,,,,{CANARY}"
# What a spreadsheet takes a field for a formula by, at its beginning (OWASP, CSV injection).
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
HOSTILE_FIELDS: Final = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", '"', '""', 'a"b', "a,b", "a\nb", "a\r\nb", "a\rb", "\x00", "\ufeff",
    "", " ", "rotate", "20260301-120000", CANARY, "\u2028", "\x85", "\x1c", "x" * 2_000,
)  # fmt: skip
fields = st.sampled_from(HOSTILE_FIELDS) | odd_text
headers = st.permutations(COLUMNS) | st.lists(
    st.sampled_from((*COLUMNS, "=new", "a b", "")) | odd_text, max_size=12
).map(lambda more: [*COLUMNS, *more])


def written(rows: Sequence[Sequence[str]], *, end: str, quoting: int) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator=end, quoting=quoting).writerows(rows)  # type: ignore[arg-type]  # the styles are integers
    return buffer.getvalue().encode("utf-8", "surrogatepass")


logs = st.builds(
    lambda mark, header, rows, end, quoting, last: (
        mark + written([header, *rows], end=end, quoting=quoting)
    ).removesuffix(last.encode()),
    st.sampled_from((b"", b"\xef\xbb\xbf")),
    headers,
    st.lists(st.lists(fields, min_size=1, max_size=12), max_size=4),
    st.sampled_from(("\n", "\r\n", "\r")),
    st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
    st.sampled_from(("", "\n", "\r\n")),
)
SOUND: Final = f"{HEADER}\n{PUSH}\n".encode()


def rows_in(log: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(log.decode("utf-8-sig"), newline=""), strict=True))


@given(logs | damaged_bytes(SOUND) | logs.flatmap(damaged_bytes), odd_text | st.sampled_from(HOSTILE_FIELDS))
def test_a_log_is_refused_or_grows_by_exactly_one_row_that_is_no_formula(log: bytes, hostname: str) -> None:
    row = replace(ROW, hostname=hostname)
    after = read(lambda: append_rotate_row(log, row) or b"", BundleCorruptError)
    if not after:
        return
    assert after.startswith(log)
    if not log:
        assert rows_in(after)[0] == list(COLUMNS)
        return
    before, grown = rows_in(log), rows_in(after)
    assert grown[:-1] == before
    by_name = dict(zip(grown[0], grown[-1], strict=True))
    assert (by_name["action"], by_name["version_ts"], by_name["meta"]) == ("rotate", "20260301-120000", META)
    assert not [field for field in grown[-1] if field.startswith(FORMULA)]
    added = after.removeprefix(log).decode("ascii")
    assert added.removeprefix("\n").count("\n") == 1
    assert "\r" not in added
    assert append_rotate_row(after, row) is None


@given(
    st.text(st.characters(), max_size=300) | st.sampled_from(HOSTILE_FIELDS),
    st.datetimes(),
    st.integers(0, 2**53),
    st.integers(0, 2**53),
)
def test_a_row_to_paste_is_one_line_of_ascii_without_a_formula(
    hostname: str, at: datetime, gen: int, prev_gen: int
) -> None:
    line = RotateRow(at.replace(tzinfo=UTC), ROW.version_ts, hostname, gen, prev_gen).line()
    (row,) = csv.reader([line], strict=True)
    assert line.isascii()
    assert line[:-1].isprintable()
    assert len(row) == len(COLUMNS)
    assert not [field for field in row if field.startswith(FORMULA)]


@pytest.mark.parametrize(
    "first", [*FORMULA, "'", '"', ",", ".", "_", "\x00", "\uff1d", "\u2212", " ", "=-", "-+@", "..-"], ids=ascii
)
def test_no_hostname_begins_a_formula_or_ends_a_field(first: str) -> None:
    (row,) = csv.reader([replace(ROW, hostname=f"{first}cmd|' /C calc'!A0,{first}").line()], strict=True)
    assert row[3][:1].isalnum()
    assert (len(row), row[-1]) == (len(COLUMNS), META)


def test_what_stands_in_other_peoples_rows_is_neither_changed_nor_believed() -> None:
    for field, column in product(HOSTILE_FIELDS, range(len(COLUMNS))):
        cells = ["2026-01-01T00:00:00.000Z", "push", "20260101-000000", *[""] * 7]
        cells[column] = field
        log = written([COLUMNS, cells], end="\n", quoting=csv.QUOTE_ALL)
        after = append_rotate_row(log, ROW)
        assert after is not None, (ascii(field), column)
        assert after.startswith(log)
        assert rows_in(after)[1] == cells


DAMAGED = {
    "a row that is not UTF-8": SOUND + CANARY.encode() + b"\xff\n",
    "a header that is not UTF-8": CANARY.encode() + b"\xc3\n",
    "a cut character at the end": SOUND + CANARY.encode() + "ü".encode()[:1],
    "an open quote": SOUND + b'"' + CANARY.encode(),
    "text behind a quote": SOUND + b'"a"' + CANARY.encode() + b"\n",
    "a field without end": SOUND + CANARY.encode() * 10_000,
    "another table": f"{CANARY},b,c\n".encode(),
    "UTF-16": SOUND.decode().encode("utf-16"),
    "semicolons": HEADER.replace(",", ";").encode(),
    "a mark alone": b"\xef\xbb\xbf",
}


@pytest.mark.parametrize("log", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_log_is_refused_without_showing_what_stands_in_it(log: bytes) -> None:
    assert_refused(lambda: append_rotate_row(log, ROW), BundleCorruptError)


def shapes(size: int) -> dict[str, bytes]:
    """Logs of about this many bytes, each kind the worst for some way of reading it."""
    header = HEADER.encode()
    return {
        "pushes": header + b"\n" + f"{PUSH}\n".encode() * (size // len(PUSH)),
        "line ends": header + b"\n" * min(size, 100_000),
        "a header of commas": header + b"," * size + b"\n",
        "a row of commas": header + b"\n" + b"," * size + b"\n",
        "a wide row with one wide character": header + b"\n" + b"ab," * (size // 3) + "\U0001f600\n".encode(),
        "a row of quoted lines": header + b"\n" + b'"\n\n",' * (size // 5) + b"\n",
        "an open quote": header + b'\n"' + b"\n" * size,
        "quotes": header + b"\n" + b'""' * (size // 2) + b"\n",
        "one field": header + b"\n" + b"x" * size + b"\n",
    }


@pytest.mark.parametrize("shape", shapes(0))
def test_reading_a_log_costs_no_more_memory_than_three_of_it(shape: str) -> None:
    """The function holds the log, and the log with its row; anything beyond comes with the shape of a row."""
    log = shapes(MIB)[shape]
    assert peak_bytes(lambda: read(lambda: append_rotate_row(log, ROW), BundleCorruptError)) < 3 * len(log) + 256 * KIB


def test_a_field_of_ten_megabytes_is_refused_unread() -> None:
    log = SOUND + b"2026," + b"x" * 10_000_000 + b",\n"
    assert_refused(lambda: append_rotate_row(log, ROW), BundleCorruptError)
    assert peak_bytes(lambda: read(lambda: append_rotate_row(log, ROW), BundleCorruptError)) < 64 * KIB


@share(0.2)
@given(st.lists(st.lists(fields, min_size=10, max_size=10), min_size=1, max_size=40))
def test_a_log_keeps_growing_by_one_row_for_each_rotation_and_none_for_a_repetition(rows: list[list[str]]) -> None:
    log: bytes | None = written([COLUMNS, *rows], end="\n", quoting=csv.QUOTE_ALL).decode("utf-8", "replace").encode()
    for second in range(3):
        row = replace(ROW, version_ts=Timestamp(f"20260302-00000{second}"))
        log = append_rotate_row(log, row)
        assert log is not None
        assert append_rotate_row(log, row) is None
    assert [found[2] for found in rows_in(log or b"")[-3:]] == ["20260302-000000", "20260302-000001", "20260302-000002"]
