"""The label's move: what is believed when its answer is lost."""

from collections.abc import Callable

import pytest

from tests.unit.engine.fakes import (
    FakeSecrets,
    finds_a_third_version,
    is_throttled,
    job_of,
    moves,
    moves_but_loses_the_answer,
    secret,
)
from vsync_rotation.engine.promotion import promote
from vsync_rotation.errors import UnreachableError

Move = Callable[[FakeSecrets, str, str], None]


def secrets_that(*script: Move, describe_fails: int = 0) -> FakeSecrets:
    return FakeSecrets(
        secret({"old": {"AWSCURRENT"}, "new": {"AWSPENDING"}}), moves=list(script), describe_fails=describe_fails
    )


@pytest.mark.parametrize(
    ("script", "holder"),
    [
        pytest.param([moves], "new", id="it works"),
        pytest.param([moves_but_loses_the_answer], "new", id="the answer is lost"),
        pytest.param([is_throttled, moves], "new", id="a throttle, then it works"),
        pytest.param([is_throttled, is_throttled, is_throttled, moves], "new", id="the last try works"),
        pytest.param([finds_a_third_version], "third", id="somebody else was first"),
        pytest.param([is_throttled, finds_a_third_version], "third", id="somebody else was first after a throttle"),
    ],
)
def test_the_holder_afterwards_is_known(script: list[Move], holder: str) -> None:
    secrets = secrets_that(*script)
    assert promote(job_of(secrets), away_from="old") == holder
    assert secrets.moves == []


def test_a_move_that_never_works_raises_and_leaves_the_label() -> None:
    secrets = secrets_that(*[is_throttled] * 6)
    with pytest.raises(UnreachableError, match="throttled"):
        promote(job_of(secrets), away_from="old")
    assert secrets.description.holder("AWSCURRENT") == "old"


def test_labels_that_cannot_be_read_are_not_taken_for_anything() -> None:
    secrets = secrets_that(is_throttled, moves, describe_fails=1)
    assert promote(job_of(secrets), away_from="old") == "new"


def test_it_is_not_tried_again_past_the_deadline() -> None:
    secrets = secrets_that(is_throttled)
    with pytest.raises(UnreachableError):
        promote(job_of(secrets, seconds=0.1), away_from="old")
