"""The audit log's rows: a CSV file that only grows (SPEC 8)."""

import csv
import io
import json
import re
from collections.abc import Sequence
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
    lines = io.TextIOWrapper(io.BytesIO(existing), encoding="utf-8-sig", newline="")
    rows = csv.reader(lines, strict=True)
    try:
        columns = _columns(next(rows, []))
        action, version = columns.index("action"), columns.index("version_ts")
        found = False
        for number, row in enumerate(rows):
            if number == MAX_ROWS:
                raise _damaged(f"has more than {MAX_ROWS} rows")
            found = found or (len(row) > max(action, version) and (row[action], row[version]) == wanted)
    except UnicodeDecodeError:
        raise _damaged("is not UTF-8") from None
    except csv.Error:
        # Unbalanced quotes, or a field above the csv module's 131,072 characters: vsync ends metas at 2,048 bytes.
        raise _damaged("has unbalanced quotes or a field without end") from None
    return columns, found


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
