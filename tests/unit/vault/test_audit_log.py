"""The audit row: once, by conditional writes, and never at the rotation's cost."""

from datetime import UTC, datetime

from tests.unit.vault.bucket import MemoryBucket
from vsync_rotation.formats.audit_row import HEADER, RotateRow
from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.vault.audit_log import append

ROW = RotateRow(datetime(2026, 5, 1, 9, 15, 2, tzinfo=UTC), Timestamp.parse("20260501-091500"), "function", 4, 3)
KEY = "acme/prod/audit.csv"


def log(store: MemoryBucket) -> bytes:
    return store.objects[KEY].body


def test_the_first_row_brings_the_header() -> None:
    store = MemoryBucket()
    assert append(store, KEY, ROW) is None
    assert log(store) == f"{HEADER.rstrip()}\n{ROW.line()}".encode()


def test_a_row_that_stands_is_not_appended_again() -> None:
    store = MemoryBucket()
    for _ in range(2):
        assert append(store, KEY, ROW) is None
    assert store.writes == [KEY]


def test_somebody_elses_row_in_between_is_kept() -> None:
    store = MemoryBucket()
    other = RotateRow(ROW.at, Timestamp.parse("20260430-000000"), "laptop", 3, 2)
    append(store, KEY, other)
    body = log(store)
    store.others.append((KEY, body + b"2026,push,x,,,,,,,\n"))
    assert append(store, KEY, ROW) is None
    assert log(store) == body + b"2026,push,x,,,,,,,\n" + ROW.line().encode()


def test_a_log_that_keeps_changing_costs_the_row() -> None:
    store = MemoryBucket()
    append(store, KEY, RotateRow(ROW.at, Timestamp.parse("20260430-000000"), "laptop", 3, 2))
    body = log(store)
    store.others += [(KEY, body + b"x" * extra) for extra in (1, 2, 3)]
    reason = append(store, KEY, ROW)
    assert reason is not None
    assert KEY in reason.what


def test_a_damaged_log_costs_the_row_and_stays_as_it_is() -> None:
    store = MemoryBucket()
    store.put(KEY, b"\xff\xfe not a log")
    assert append(store, KEY, ROW) is not None
    assert log(store) == b"\xff\xfe not a log"
