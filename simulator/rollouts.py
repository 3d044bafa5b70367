"""A forced deployment of an ECS service begins beside the old one and completes after a while; moto's never ends.

Nothing fails, and no task is run: counts and states move, by the world's clock, when somebody looks. moto gives a
forced deployment the old one's place, and leaves every deployment in progress for ever.

Apart from the corrections that every world has, since moto's ECS takes longer to load than all of them.

See: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

from moto.core.utils import utcnow
from moto.ecs.models import EC2ContainerServiceBackend
from moto.moto_api._internal import mock_random

from simulator.corrections.correction import Correction, Replacement, in_force

# Real ones take minutes: starting tasks, health checks, draining. Long enough that whoever asks at once sees it begun.
ROLLOUT: Final = timedelta(minutes=3)


@contextmanager
def rollouts() -> Iterator[None]:
    """Inside the block forced deployments of ECS services go on and complete."""
    with in_force(_CORRECTION):
        yield


def _forced(before: Any) -> Any:
    def update_service(self: Any, service_properties: dict[str, Any]) -> Any:
        forced = service_properties.get("force_new_deployment", False)
        service = before(self, {**service_properties, "force_new_deployment": False})
        if forced and service.deployments:
            _begin(service)
        return service

    return update_service


def _settled(before: Any) -> Any:
    def describe_services(self: Any, *args: Any, **kwargs: Any) -> Any:
        services, failures = before(self, *args, **kwargs)
        for service in services:
            _complete(service)
        return services, failures

    return describe_services


def _begin(service: Any) -> None:
    _complete(service)
    for deployment in service.deployments:
        deployment["status"] = "ACTIVE"
    number, now = f"ecs-svc/{mock_random.randint(10**18, 10**19 - 1)}", utcnow()
    fresh = {
        **service.deployments[0],
        "id": number,
        "status": "PRIMARY",
        "taskDefinition": service.task_definition,
        "createdAt": now,
        "updatedAt": now,
        "desiredCount": service.desired_count,
        "pendingCount": service.desired_count,
        "runningCount": 0,
        "failedTasks": 0,
        "rolloutState": "IN_PROGRESS",
        "rolloutStateReason": f"ECS deployment {number} in progress.",
    }
    service.deployments.insert(0, fresh)


def _complete(service: Any) -> None:
    """The primary deployment has started its tasks, and those of the others are stopped."""
    if not service.deployments:
        return
    primary, now = service.deployments[0], utcnow()
    if primary["rolloutState"] != "IN_PROGRESS" or now - primary["createdAt"] < ROLLOUT:
        return
    primary |= {"rolloutState": "COMPLETED", "rolloutStateReason": f"ECS deployment {primary['id']} completed."}
    primary |= {"runningCount": service.desired_count, "pendingCount": 0, "updatedAt": now}
    service.deployments[:] = [primary]
    service.running_count, service.pending_count = service.desired_count, 0
    told = f"(service {service.name}) (deployment {primary['id']}) deployment completed."
    service.events.insert(0, {"id": str(mock_random.uuid4()), "createdAt": now, "message": told})


_CORRECTION = Correction(
    "rollouts complete",
    (
        Replacement(EC2ContainerServiceBackend, "update_service", _forced),
        Replacement(EC2ContainerServiceBackend, "describe_services", _settled),
    ),
)
