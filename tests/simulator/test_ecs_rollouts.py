"""Forced deployments of ECS services: as they go on with virtual time, and as moto leaves them."""

from collections.abc import Iterator
from typing import Any

import pytest

from simulator.rollouts import ROLLOUT, rollouts
from simulator.world import World


def served(world: World) -> Any:
    """A cluster `main` with the service `web`, which wants two tasks and, after a while, has them."""
    world.clock.stand_still()
    client = world.client("ecs")
    client.create_cluster(clusterName="main")
    client.register_task_definition(
        family="web", containerDefinitions=[{"name": "web", "image": "web", "memory": 64, "cpu": 10}]
    )
    client.create_service(cluster="main", serviceName="web", taskDefinition="web", desiredCount=2)
    world.clock.advance(ROLLOUT.total_seconds())
    return client


@pytest.fixture
def ecs(world: World) -> Iterator[Any]:
    with rollouts():
        client = served(world)
        assert deployments(client) == [("PRIMARY", "COMPLETED", 2)]
        yield client


def service(ecs: Any) -> Any:
    [found] = ecs.describe_services(cluster="main", services=["web"])["services"]
    return found


def deployments(ecs: Any) -> list[tuple[str, str, int]]:
    return [(d["status"], d["rolloutState"], d["runningCount"]) for d in service(ecs)["deployments"]]


def forced(ecs: Any) -> str:
    """The id of the deployment that a restart begins."""
    answer = ecs.update_service(cluster="main", service="web", forceNewDeployment=True)
    return str(answer["service"]["deployments"][0]["id"])


def test_a_forced_deployment_begins_beside_the_old_one(world: World, ecs: Any) -> None:
    old = service(ecs)["deployments"][0]["id"]
    new = forced(ecs)
    assert deployments(ecs) == [("PRIMARY", "IN_PROGRESS", 0), ("ACTIVE", "COMPLETED", 2)]
    assert [deployment["id"] for deployment in service(ecs)["deployments"]] == [new, old]


def test_it_completes_after_its_time_and_not_a_second_sooner(world: World, ecs: Any) -> None:
    new = forced(ecs)
    world.clock.advance(ROLLOUT.total_seconds() - 1)
    assert deployments(ecs)[0] == ("PRIMARY", "IN_PROGRESS", 0)
    world.clock.advance(1)
    assert deployments(ecs) == [("PRIMARY", "COMPLETED", 2)]
    assert service(ecs)["deployments"][0]["id"] == new
    assert service(ecs)["runningCount"] == 2
    assert service(ecs)["events"][0]["message"] == f"(service web) (deployment {new}) deployment completed."


def test_a_second_restart_takes_the_place_of_the_first(world: World, ecs: Any) -> None:
    forced(ecs)
    world.clock.advance(60)
    second = forced(ecs)
    assert [status for status, _, _ in deployments(ecs)] == ["PRIMARY", "ACTIVE", "ACTIVE"]
    world.clock.advance(ROLLOUT.total_seconds())
    assert deployments(ecs) == [("PRIMARY", "COMPLETED", 2)]
    assert service(ecs)["deployments"][0]["id"] == second


def test_an_update_that_forces_nothing_deploys_nothing(world: World, ecs: Any) -> None:
    before = service(ecs)["deployments"]
    ecs.update_service(cluster="main", service="web", desiredCount=3)
    assert service(ecs)["deployments"] == before


def test_moto_puts_the_new_deployment_in_the_old_one_s_place_and_never_completes_any(world: World) -> None:
    client = served(world)
    new = forced(client)
    world.clock.advance(86_400)
    assert deployments(client) == [("PRIMARY", "IN_PROGRESS", 0)]
    assert service(client)["deployments"][0]["id"] == new


def test_outside_of_the_block_moto_is_as_it_comes(world: World) -> None:
    with rollouts():
        pass
    client = served(world)
    forced(client)
    assert [status for status, _, _ in deployments(client)] == ["PRIMARY"]
