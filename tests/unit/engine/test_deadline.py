"""How much time is left."""

import pytest

from tests.unit.engine.fakes import FakeClock
from vsync_rotation.engine.deadline import DEFAULT_SECONDS, MARGIN_SECONDS, Deadline
from vsync_rotation.errors import UnreachableError


class Context:
    """A Lambda context with so much time left."""

    def __init__(self, milliseconds: int) -> None:
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


def test_the_lambda_context_sets_it_less_a_margin() -> None:
    assert Deadline.of(Context(10_000), FakeClock()).remaining_seconds() == 10 - MARGIN_SECONDS


def test_without_a_context_a_default_holds() -> None:
    assert Deadline.of(None, FakeClock()).remaining_seconds() == DEFAULT_SECONDS - MARGIN_SECONDS


def test_what_may_not_end_in_time_is_not_begun() -> None:
    clock = FakeClock()
    deadline = Deadline.of(Context(10_000), clock)
    deadline.require(9, "work")
    clock.sleep(1)
    with pytest.raises(UnreachableError, match="work"):
        deadline.require(9, "work")
