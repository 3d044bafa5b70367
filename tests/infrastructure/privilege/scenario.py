"""A named piece of work of one function, judged by its effects."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.infrastructure.privilege.account import Account
from tests.infrastructure.privilege.starting_points import Prepare

Play = Callable[[Account], None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`play` raises where the work did not come out as it should. `prepare` is what happened before, under full roles."""

    name: str
    play: Play
    prepare: Prepare | None = None
