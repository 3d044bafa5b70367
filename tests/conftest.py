"""One embedded AWS for the whole session; a clean one, in virtual time, for each test that asks for it."""

import gc
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from simulator.service_models import ServiceModels
from simulator.world import Transport, World
from tests.moments import BEGINNING

# A loaded machine is no finding; what may not take long is measured by other means.
settings.register_profile("any machine", deadline=None)
# `make fuzz`: the same properties with more examples than a suite has time for, anew each time.
settings.register_profile(
    "fuzz", deadline=None, max_examples=20_000, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many histories were run, as the tests that enumerate them recorded it."""
    histories: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        told = [value for name, value in report.user_properties if name == "histories"]
        histories[report.nodeid.partition("::")[0]] += sum(told)
    if histories.total():
        terminalreporter.section("histories")
        for where, count in sorted((+histories).items()):
            terminalreporter.write_line(f"{count:6} {where}")
        terminalreporter.write_line(f"{histories.total():6} in all")


@pytest.fixture(scope="session")
def running_world() -> Iterator[World]:
    """The embedded AWS of this process; tests take `world`. What a session of the SDK parses, all sessions have."""
    # The SDK and moto are most of what is alive, and a request makes much that dies at once: looking through all of it
    # as often as Python does by default is a twentieth of the suite.
    gc.set_threshold(100_000, 50, 50)
    with ServiceModels().shared(), World(Transport.IN_PROCESS) as world:
        yield world


@pytest.fixture
def world(running_world: World) -> Iterator[World]:
    """A clean AWS whose clock moves only when somebody sleeps.

    After the test everything that was logged, emitted, raised or tagged is searched for secret material, and any
    request that would have left this machine is an error.
    """
    running_world.reset()
    running_world.clock.stand_still(BEGINNING)
    yield running_world
    leaks, strangers = running_world.leaks(), running_world.refused_hosts
    running_world.clock.run_freely()
    assert leaks == []
    assert strangers == []
