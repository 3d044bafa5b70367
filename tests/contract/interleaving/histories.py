"""Playing every schedule of a cast from the same start, and judging each history by itself."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from simulator.interleaving import Actor, Play, Schedule, interleave
from simulator.schedules import explore
from simulator.world import World

S = TypeVar("S")


def judged(
    world: World,
    start: Callable[[], S],
    cast: Callable[[S], Sequence[Actor]],
    judge: Callable[[S, Play], None],
    *,
    preemptions: int | None,
) -> int:
    """Play every schedule within the bound, each from a new start, and judge what became of it.

    A schedule left out differs from a played one only in the order of requests that do not touch the same thing.

    Returns:
        How many histories were played.
    """
    names = tuple(actor.name for actor in cast(start()))

    def play(schedule: Schedule) -> Play:
        scene = start()
        played = interleave(world, cast(scene), schedule)
        try:
            judge(scene, played)
        except Exception as error:
            error.add_note(f"{schedule}\n{played.told()}")
            raise
        return played

    return sum(1 for _ in explore(play, names, preemptions=preemptions))
