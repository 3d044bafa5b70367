"""How far apart rotations are at least, and how far apart an access key's must be.

A user has two key slots. After a rotation the superseded key holds the second one, for its overlap and its inactive
hours; a rotation that comes earlier finds no slot and is refused (`KeySlotsFullError`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise
from typing import Final

from cdk.config.cron import parse
from cdk.config.model import Consumer, KeyRotation
from cdk.config.time_zones import instant

# The functions' own, held equal by a test.
OVERLAP_HOURS: Final = 24.0
OVERLAP_WITHOUT_CONSUMERS_HOURS: Final = 168.0
GRACE_HOURS: Final = 168.0
INACTIVE_HOURS: Final = 24.0
MAX_HOURS: Final = 87_600.0

# Retiring runs hourly: a key is deactivated, and later deleted, up to an hour after its time.
_RETIRING_HOURS: Final = 1.0
# Five years of days, and so every change of the clocks. What fires up to six times a month is looked at for as long as
# the calendar takes to repeat. More would only cost time: each is looked up in its zone.
_ENOUGH_OCCURRENCES: Final = 2_000
_SECONDS_PER_HOUR: Final = 3_600


@dataclass(frozen=True, slots=True)
class Durations:
    """What holds for a key, the functions' defaults filled in. Hours."""

    overlap_hours: float
    max_overlap_hours: float
    inactive_hours: float

    @property
    def shortest_interval_hours(self) -> float:
        """Below, a rotation finds both slots taken even if everything goes well."""
        return self.overlap_hours + self.inactive_hours + _RETIRING_HOURS

    @property
    def safe_interval_hours(self) -> float:
        """Below, a rotation finds both slots taken where something still uses the superseded key."""
        return self.max_overlap_hours + self.inactive_hours


def durations(key: KeyRotation, consumers: Sequence[Consumer]) -> Durations:
    """The durations of a vault's key, as the functions will read them from the tags."""
    default = OVERLAP_HOURS if consumers else OVERLAP_WITHOUT_CONSUMERS_HOURS
    overlap = default if key.overlap_hours is None else key.overlap_hours
    longest = overlap + GRACE_HOURS if key.max_overlap_hours is None else key.max_overlap_hours
    return Durations(overlap, longest, INACTIVE_HOURS if key.inactive_hours is None else key.inactive_hours)


@lru_cache
def shortest_cron_hours(expression: str, zone: str) -> float | None:
    """The shortest time between two occurrences of a cron; infinite where there is one only, None where there is none.

    Raises:
        CronError: the expression is none.
    """
    times = (instant(wall_clock, zone) for wall_clock in islice(parse(expression).occurrences(), _ENOUGH_OCCURRENCES))
    seconds = [time.timestamp() for time in times if time is not None]
    if not seconds:
        return None
    return min((later - earlier for earlier, later in pairwise(seconds)), default=math.inf) / _SECONDS_PER_HOUR
