"""Pauses between tries."""

from itertools import islice

import pytest

from vsync_rotation.engine.backoff import back_off


def first(count: int, version_id: str = "a-version") -> list[float]:
    return list(islice(back_off(version_id, first_seconds=0.5, longest_seconds=4.0), count))


@pytest.mark.parametrize("version_id", ["a-version", "another", ""])
def test_each_pause_is_half_to_all_of_a_bound_that_doubles_up_to_the_longest(version_id: str) -> None:
    bounds = [0.5, 1.0, 2.0, 4.0, 4.0, 4.0]
    assert all(bound / 2 <= pause <= bound for bound, pause in zip(bounds, first(len(bounds), version_id), strict=True))


def test_rotations_that_were_refused_together_come_back_apart() -> None:
    pauses = {first(1, f"version {number}")[0] for number in range(1000)}
    assert len(pauses) > 990
    assert max(pauses) - min(pauses) > 0.24


def test_a_repetition_waits_as_the_first_time() -> None:
    assert first(20) == first(20)
