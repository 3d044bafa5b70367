"""The account that the proofs play in, furnished once a process."""

from collections.abc import Callable, Iterator, Mapping

import pytest

from cdk.rendered_identities import Identity
from simulator.world import World
from tests.contract.restart.cluster import LocalCluster
from tests.infrastructure.assemblies import Assembled
from tests.infrastructure.privilege.bearers import bearers
from tests.infrastructure.privilege.furnishing import furnish
from tests.infrastructure.privilege.proof import Proof
from tests.infrastructure.privilege.starting_points import StartingPoints
from vsync_rotation.gates import Health, NoAnswer
from vsync_rotation.web.health import HealthEndpoints


@pytest.fixture(scope="session")
def proven(of: Callable[[str], Assembled]) -> Assembled:
    """The deployment whose roles are proven: every statement that any deployment can have stands in some role of it."""
    return of("every_permission")


@pytest.fixture(scope="session")
def proven_bearers(proven: Assembled) -> Mapping[str, Identity]:
    """Its roles and users as the templates have them, without any account."""
    return bearers(proven.rendering)


@pytest.fixture(scope="session")
def cluster() -> Iterator[LocalCluster]:
    """The API of the EKS cluster among the consumers."""
    cluster = LocalCluster()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def starting_points(running_world: World, proven: Assembled, cluster: LocalCluster) -> StartingPoints:
    return StartingPoints(lambda: furnish(running_world, proven.deployment, proven.templates, cluster))


@pytest.fixture(scope="session")
def kept_proof(starting_points: StartingPoints) -> Proof:
    """What scenarios were seen to ask is kept for the session; tests take `proof`."""
    return Proof(starting_points)


@pytest.fixture
def proof(world: World, kept_proof: Proof, monkeypatch: pytest.MonkeyPatch) -> Proof:
    """Plays scenarios. Consumers' health URLs are no business of any role: nobody answers there."""

    def nobody(_self: HealthEndpoints, _url: object) -> Health:
        return NoAnswer.UNREACHABLE

    monkeypatch.setattr(HealthEndpoints, "ask", nobody)
    return kept_proof
