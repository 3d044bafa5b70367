"""The timestamp that names a bundle: `YYYYMMDD-HHMMSS`, UTC, whole seconds (SPEC 1)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from vsync_rotation.errors import BundleCorruptError

TIMESTAMP_SIZE: Final = 15  # characters, and bytes too, as all of them are ASCII

_FORM: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})-([0-9]{2})([0-9]{2})([0-9]{2})")
_REMEDY: Final = "read the pointer and the bundle with your own eyes, then push the vault again"


@dataclass(frozen=True, slots=True, order=True)
class Timestamp:
    """A bundle's timestamp. Text order is time order, because every part has a fixed width (SPEC 1.2).

    Raises:
        BundleCorruptError: the text is not 15 characters of the form, or names no real instant.
    """

    text: str

    def __post_init__(self) -> None:
        """Let no malformed timestamp exist, however it was made."""
        if _instant(self.text) is None:
            raise BundleCorruptError(
                f"a timestamp must be {TIMESTAMP_SIZE} characters YYYYMMDD-HHMMSS that name a real instant; "
                f"the text found has {len(self.text)} characters and is not of that form",
                remedy=_REMEDY,
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the exact form; nothing is trimmed.

        Raises:
            BundleCorruptError: any other text.
        """
        return cls(text)

    @classmethod
    def at(cls, moment: datetime) -> Self:
        """The second that holds the moment, in UTC.

        Raises:
            ValueError: the datetime has no time zone.
        """
        if moment.utcoffset() is None:
            raise ValueError("a timestamp is made from an aware datetime")
        utc = moment.astimezone(UTC)
        # strftime does not pad years below 1000 on every platform.
        day = f"{utc.year:04}{utc.month:02}{utc.day:02}"
        return cls(f"{day}-{utc.hour:02}{utc.minute:02}{utc.second:02}")

    @property
    def instant(self) -> datetime:
        """The moment named, aware, in UTC."""
        year, month, day, hour, minute, second = _parts(self.text)
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)

    def plus_one_second(self) -> "Timestamp":
        """The next timestamp.

        Raises:
            BundleCorruptError: this is the last second of the year 9999.
        """
        if self.text == "99991231-235959":
            raise BundleCorruptError("no timestamp can follow the last second of the year 9999", remedy=_REMEDY)
        return Timestamp.at(self.instant + timedelta(seconds=1))

    def iso_milliseconds(self) -> str:
        """ISO 8601 with milliseconds and `Z`, as the generation cell and the audit log write instants."""
        return self.instant.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"

    def __str__(self) -> str:
        return self.text


def _parts(text: str) -> tuple[int, ...]:
    match = _FORM.fullmatch(text)
    return tuple(int(part) for part in match.groups()) if match else ()


def _instant(text: str) -> datetime | None:
    """The instant, or None; the conversion's own exception quotes its input and is dropped here."""
    parts = _parts(text)
    if not parts:
        return None
    year, month, day, hour, minute, second = parts
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
