"""The kinds' own services on a loopback socket, and the SDK aimed at them."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from simulator import switchboard
from simulator.world import World
from tests.contract.restart.cluster import SIGNER, LocalCluster
from tests.contract.restart.local_services import ENDPOINT_VARIABLES, LocalServices
from tests.contract.restart.scene import RestartScene, restart_scene
from vsync_rotation.aws.clients import Clients
from vsync_rotation.rollouts import Order

SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:acme/prod/VSYNC_CONFIG-AbC123"
VERSION_ID = "11111111-2222-4333-8444-555555555555"


@pytest.fixture(scope="session")
def running_services() -> Iterator[LocalServices]:
    """One server for the session; tests take `services`."""
    services = LocalServices()
    yield services
    services.stop()


@pytest.fixture
def services(running_services: LocalServices) -> Iterator[LocalServices]:
    """The consumers' services. After the test every request has to have been one that the service's model takes."""
    running_services.begin()
    yield running_services
    assert running_services.end() == []


@pytest.fixture
def alone(running_world: World) -> Iterator[None]:
    """The embedded AWS steps aside: requests of this test go to sockets of their own."""
    switchboard.disconnect(running_world.switchboard)
    yield
    switchboard.connect(running_world.switchboard)


@pytest.fixture(scope="session")
def kept_clients(running_world: World, running_services: LocalServices) -> Clients:
    """Made once, since making them costs more than all that is asked with them; tests take `clients`."""
    return aimed_at(running_services)


@pytest.fixture
def clients(
    alone: None, services: LocalServices, kept_clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Clients]:
    """As a function makes them, aimed at `services`. The pauses between the SDK's tries take no time."""
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    yield kept_clients
    kept_clients._deadline = None


def aimed_at(services: LocalServices) -> Clients:
    """Clients, all of them made, so that nothing of the environment counts later."""
    with pytest.MonkeyPatch.context() as environment:
        for variable in ENDPOINT_VARIABLES:
            environment.setenv(variable, services.url)
        environment.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        environment.setenv("AWS_ACCESS_KEY_ID", SIGNER.access_key_id)
        environment.setenv("AWS_SECRET_ACCESS_KEY", SIGNER.secret_access_key)
        clients = Clients()
        for name in ("ecs", "functions", "eks", "app_runner", "systems_manager", "topics", "sts_signing"):
            getattr(clients, name)
        return clients


@pytest.fixture(scope="session")
def running_cluster() -> Iterator[LocalCluster]:
    """One cluster API for the session; tests take `cluster`."""
    cluster = LocalCluster()
    yield cluster
    cluster.stop()


@pytest.fixture
def cluster(running_cluster: LocalCluster) -> Iterator[LocalCluster]:
    """A cluster's own API over HTTPS. After the test every request has to have been a restart as documented."""
    running_cluster.begin()
    yield running_cluster
    assert running_cluster.end() == []


@pytest.fixture
def order() -> Order:
    """A rotation of an access key has finished."""
    at = datetime(2026, 5, 1, 9, 15, tzinfo=UTC)
    return Order(SECRET_ARN, "acme/prod/VSYNC_CONFIG", "iam-access-key", VERSION_ID, at)


@pytest.fixture
def scene(world: World) -> Iterator[RestartScene]:
    """A secret whose rotation has finished. Whatever the test does, no secret's value is ever asked for."""
    scene = restart_scene(world)
    yield scene
    assert scene.asked("GetSecretValue") == []
    assert scene.asked("BatchGetSecretValue") == []
