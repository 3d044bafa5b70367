"""Pauses between tries, different for every rotation: functions that were refused together must not come back together.

See: https://docs.aws.amazon.com/general/latest/gr/api-retries.html
"""

from collections.abc import Iterator
from random import Random


def back_off(version_id: str, *, first_seconds: float, longest_seconds: float) -> Iterator[float]:
    """Endless pauses of half to all of a bound that doubles from `first_seconds` up to `longest_seconds`.

    The spread is drawn from the version id: another one for each rotation of a fleet, the same one in a repetition.
    """
    spread = Random(version_id)  # noqa: S311 - nothing secret depends on it
    bound = first_seconds
    while True:
        yield spread.uniform(bound / 2, bound)
        bound = min(2 * bound, longest_seconds)
