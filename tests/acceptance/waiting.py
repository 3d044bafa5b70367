"""Time, and waiting for what AWS does by itself."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

T = TypeVar("T")


class Clock(Protocol):
    """The machine's, or one of a test."""

    def now(self) -> datetime:
        """The instant, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


def until(clock: Clock, look: Callable[[], T | None], *, timeout_seconds: float, every_seconds: float) -> T | None:
    """Look again and again until there is something; None if there is nothing in that time."""
    end = clock.monotonic() + timeout_seconds
    while (found := look()) is None and clock.monotonic() < end:
        clock.sleep(every_seconds)
    return found
