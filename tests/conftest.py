"""One embedded AWS for the whole session; a clean one, in virtual time, for each test that asks for it."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from simulator.world import Transport, World

# A loaded machine is no finding; what may not take long is measured by other means.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def running_world() -> Iterator[World]:
    """The embedded AWS of this process; tests take `world`."""
    with World(Transport.IN_PROCESS) as world:
        yield world


@pytest.fixture
def world(running_world: World) -> Iterator[World]:
    """A clean AWS whose clock moves only when somebody sleeps.

    After the test everything that was logged, emitted, raised or tagged is searched for secret material, and any
    request that would have left this machine is an error.
    """
    running_world.reset()
    running_world.clock.stand_still()
    yield running_world
    leaks, strangers = running_world.leaks(), running_world.refused_hosts
    running_world.clock.run_freely()
    assert leaks == []
    assert strangers == []
