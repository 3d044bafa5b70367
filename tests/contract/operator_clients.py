"""The operator's clients, made once: making one costs more than the question a test asks with it."""

from functools import cache
from typing import Any

from simulator.world import World


@cache
def operator(world: World, service: str) -> Any:
    """A client that may do everything; endpoint and credentials are the same for a world's whole life."""
    return world.client(service)
