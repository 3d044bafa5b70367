"""The audit log's rows: a CSV file that only grows (SPEC 8)."""

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from vsync_rotation.errors import BundleCorruptError
from vsync_rotation.formats.timestamp import Timestamp

HEADER: Final = "ts,action,version_ts,hostname,local_ip,os_user,git_email,vsync_version,bun_version,meta"
# Some 50,000 rows. A rotation holds the log in memory twice while it appends, so this bounds what it costs.
MAX_LOG_BYTES: Final = 8 * 1024 * 1024
# A log of nothing but line ends has a row for each byte; reading on would cost seconds for no row of anybody's.
MAX_ROWS: Final = 500_000

# vsync ends a meta at 2,048 bytes and its other fields are short. A row in memory is many times its text where it is
# nothing but separators, so that the limit of the log alone would not bound what reading it costs.
MAX_ROW_CHARACTERS: Final = 65_536

_COLUMNS: Final = tuple(HEADER.split(","))
_REQUIRED: Final = ("ts", "action", "version_ts", "meta")
_ACTION: Final = "rotate"
_QUOTED: Final = re.compile(r'[",\n\r]')
_FOREIGN_IN_HOSTNAME: Final = re.compile(r"[^A-Za-z0-9._-]")
_MAX_HOSTNAME: Final = 253  # the longest DNS name


@dataclass(frozen=True, slots=True)
class RotateRow:
    """The row of one passphrase rotation.

    Attributes:
        at: the instant of the finishSecret invocation that writes it; aware.
        version_ts: the new bundle's timestamp, by which a repetition finds its row.
        hostname: where it ran; characters outside a host name's are replaced.
        gen: after the rotation.
        prev_gen: before it.
    """

    at: datetime
    version_ts: Timestamp
    hostname: str
    gen: int
    prev_gen: int

    def line(self) -> str:
        """The row by the default columns, with its LF: also what a person pastes when the log cannot be written."""
        return self.line_for(_COLUMNS)

    def line_for(self, columns: Sequence[str]) -> str:
        """The row by a log's own columns; a column we know nothing for stays empty (SPEC 8.2)."""
        values = self._values()
        return ",".join(_field(values.get(column, "")) for column in columns) + "\n"

    def _values(self) -> dict[str, str]:
        meta = {"event": _ACTION, "gen": self.gen, "prev_gen": self.prev_gen}
        return {
            "ts": _iso_milliseconds(self.at),
            "action": _ACTION,
            "version_ts": self.version_ts.text,
            "hostname": _hostname(self.hostname),
            "meta": json.dumps(meta, separators=(",", ":")),
        }


def append_rotate_row(existing: bytes | None, row: RotateRow) -> bytes | None:
    """The log with the row at its end; every byte that was there stays.

    Args:
        existing: the log's bytes; None or empty where there is none yet.
        row: the row.

    Returns:
        The whole log, or None where a rotation to this bundle timestamp already has its row.

    Raises:
        BundleCorruptError: the audit log is damaged or too large, so that a row behind it might not be a row.
    """
    if not existing:
        return f"{HEADER}\n{row.line()}".encode()
    columns, stands = _look_through(existing, (_ACTION, row.version_ts.text))
    if stands:
        return None
    separator = b"" if existing.endswith(b"\n") else b"\n"
    return existing + separator + row.line_for(columns).encode()


def _damaged(what: str) -> BundleCorruptError:
    return BundleCorruptError(
        f"the audit log {what}",
        remedy="move the damaged audit log aside, then append the row by hand",
    )


def _look_through(existing: bytes, wanted: tuple[str, str]) -> tuple[list[str], bool]:
    """The header's columns, and whether a row has this action and timestamp. One pass that keeps no row.

    Quoting is checked to the end: behind an open quote our row would be part of a field.
    """
    if len(existing) > MAX_LOG_BYTES:
        raise _damaged(f"has {len(existing)} bytes, more than {MAX_LOG_BYTES}")
    lines = _Lines(existing)
    rows = csv.reader(lines, strict=True)
    try:
        columns = _columns(next(rows, []))
        lines.begin_row()
        action, version = columns.index("action"), columns.index("version_ts")
        found = False
        for number, row in enumerate(rows):
            lines.begin_row()
            if number == MAX_ROWS:
                raise _damaged(f"has more than {MAX_ROWS} rows")
            found = found or (len(row) > max(action, version) and (row[action], row[version]) == wanted)
    except UnicodeDecodeError:
        problem = "is not UTF-8"
    except csv.Error:
        problem = "has unbalanced quotes or a field without end"
    else:
        return columns, found
    # Outside the block: the codec's exception carries the bytes it met and must not be this one's context.
    raise _damaged(problem)


class _Lines:
    """The log's lines, in memory one at a time, and no more of them than a row may have."""

    def __init__(self, log: bytes) -> None:
        self._stream = io.TextIOWrapper(io.BytesIO(log), encoding="utf-8-sig", newline="")
        self._left = MAX_ROW_CHARACTERS

    def begin_row(self) -> None:
        """A row has ended; the next has its own allowance."""
        self._left = MAX_ROW_CHARACTERS

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(self._left + 1)
        if not line:
            raise StopIteration
        self._left -= len(line)
        if self._left < 0:
            raise csv.Error
        return line


def _columns(columns: list[str]) -> list[str]:
    wrong = [name for name in _REQUIRED if columns.count(name) != 1]
    if wrong:
        raise _damaged(f"does not have exactly one column {', '.join(wrong)} in its header")
    return columns


def _field(value: str) -> str:
    """Quote only what must be (SPEC 8.3); the csv module's own minimal quoting also quotes some other fields."""
    return '"' + value.replace('"', '""') + '"' if _QUOTED.search(value) else value


def _hostname(name: str) -> str:
    """Only a host name's characters, the first a letter or digit: no spreadsheet reads the field as a formula."""
    return _FOREIGN_IN_HOSTNAME.sub("_", name).lstrip("._-")[:_MAX_HOSTNAME]


def _iso_milliseconds(moment: datetime) -> str:
    if moment.utcoffset() is None:
        raise ValueError("an audit row is dated by an aware datetime")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
