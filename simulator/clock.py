"""The time of a world: the machine's, or a virtual one that moves only when it is told to or somebody sleeps.

Virtual time is the process's: `datetime.now`, `time.time` and their kin through time-machine, which leaves the
monotonic clock and sleeping alone; these two are replaced in the `time` module here. Code that imported the function
itself (`from time import sleep`) keeps the real one. Two threads that sleep at once add up: each sleep moves the clock.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, SupportsIndex

import time_machine


@dataclass(slots=True)
class _Voyage:
    """Virtual time under way: what moves it, and what stood in the `time` module before."""

    travel: time_machine.travel
    traveller: Any
    began: float
    elapsed: float
    monotonic: Callable[[], float]
    sleep: Callable[[Any], None]


class Clock:
    """Real time at first."""

    def __init__(self) -> None:
        self._voyage: _Voyage | None = None
        self._lock = threading.Lock()

    @property
    def is_virtual(self) -> bool:
        return self._voyage is not None

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def advance(self, seconds: float) -> None:
        """Move virtual time on by `seconds` (0 or more). In real time pauses of the service are left out."""
        if seconds < 0:
            raise ValueError("time does not run backwards here")
        with self._lock:
            if self._voyage is not None:
                self._voyage.elapsed += seconds
                self._voyage.traveller.shift(float(seconds))

    def _sleep(self, seconds: float | SupportsIndex, /) -> None:
        self.advance(float(seconds))

    def stand_still(self, start: datetime | None = None) -> None:
        """Virtual time from now on, beginning at `start` (aware; default: the present)."""
        self.run_freely()
        travel = time_machine.travel((start or self.now()).timestamp(), tick=False)
        voyage = _Voyage(travel, travel.start(), time.monotonic(), 0.0, time.monotonic, time.sleep)
        self._voyage = voyage
        time.monotonic = lambda: voyage.began + voyage.elapsed
        time.sleep = self._sleep

    def run_freely(self) -> None:
        """Back to the machine's time."""
        if self._voyage is not None:
            time.monotonic, time.sleep = self._voyage.monotonic, self._voyage.sleep
            self._voyage.travel.stop()
            self._voyage = None
