"""Reading again what may be late."""

from dataclasses import dataclass

import pytest

from tests.unit.engine.fakes import FakeClock
from vsync_rotation.engine.deadline import Deadline
from vsync_rotation.engine.settling import read_until


@dataclass(slots=True)
class LateBy:
    """Answers None so often, then the value."""

    reads: int

    def __call__(self) -> str | None:
        self.reads -= 1
        return None if self.reads >= 0 else "there"


def read(late_by: int, seconds: float = 900) -> tuple[str | None, list[float]]:
    """What was read in the end, and the pauses it took."""
    clock = FakeClock()
    found = read_until(LateBy(late_by), lambda value: value is not None, clock, Deadline(clock, seconds))
    return found, clock.slept


def test_what_is_there_is_read_once_and_without_a_pause() -> None:
    assert read(0) == ("there", [])


@pytest.mark.parametrize("late_by", [1, 2, 3, 4, 5])
def test_what_comes_late_is_waited_for(late_by: int) -> None:
    found, pauses = read(late_by)
    assert found == "there"
    assert len(pauses) == late_by


def test_an_absence_that_lasts_is_believed_in_the_end() -> None:
    assert read(6) == (None, [0.25, 0.5, 1.0, 2.0, 4.0])


def test_at_least_half_of_the_time_that_is_left_is_left() -> None:
    found, pauses = read(6, seconds=3)
    assert found is None
    assert sum(pauses) <= 1.75
