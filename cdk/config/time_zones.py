"""Time zones by their IANA names."""

import difflib
import re
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from cdk.config.forms import Form, quoted

# Files beside the zones (posix/, right/, localtime) are not names. Scheduler takes 50 characters.
_NAME: Final = re.compile(r"(?!posix|right)[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")
_LONGEST: Final = 50
_MEANING: Final = "an IANA name, such as Europe/Berlin or UTC"


def instant(wall_clock: datetime, zone: str) -> datetime | None:
    """When the clock on the wall shows that, in UTC: the first time where it does so twice, None where it never does.

    So EventBridge Scheduler has it: what falls into a skipped hour does not run, into a doubled one once.
    """
    local = ZoneInfo(zone)
    found = wall_clock.replace(tzinfo=local).astimezone(UTC)
    return found if found.astimezone(local).replace(tzinfo=None) == wall_clock else None


def _wrong(name: str) -> str | None:
    if len(name) <= _LONGEST and _NAME.fullmatch(name):
        try:
            ZoneInfo(name)
        except (LookupError, OSError, ValueError):
            return _unknown(name)
        return None
    return f"{quoted(name)} is no time zone; write {_MEANING}"


def _unknown(name: str) -> str:
    known = available_timezones()
    if not known:
        return (
            "cannot be checked, since this machine has no time zone data; install the package tzdata, the system's or "
            "Python's in .venv, and try again"
        )
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.9)
    return f"{quoted(name)} is no time zone; {f'did you mean {near[0]}?' if near else f'write {_MEANING}'}"


ZONE: Final = Form(_MEANING, _wrong)
