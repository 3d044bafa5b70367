"""How many histories a test played, for the report."""

from collections.abc import Callable, Sequence

import pytest

from simulator.interleaving import Actor, Play
from simulator.world import World
from tests.contract.interleaving.histories import judged
from tests.contract.interleaving.scenes import Scene

Search = Callable[..., None]


@pytest.fixture
def search(world: World, record_property: Callable[[str, object], None]) -> Search:
    """Plays and judges every schedule within a bound, as `judged` does, and records their number as `histories`."""

    def found(
        start: Callable[[], Scene],
        cast: Callable[[Scene], Sequence[Actor]],
        judge: Callable[[Scene, Play], None],
        *,
        preemptions: int | None,
    ) -> None:
        count = judged(world, start, cast, judge, preemptions=preemptions)
        assert count > 1
        record_property("histories", count)

    return found
