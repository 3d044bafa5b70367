"""ECS services: a forced new deployment starts every task anew, as many at a time as the service's configuration lets.

Tasks read their secrets when they start.
See: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
"""

from typing import TYPE_CHECKING, Final

from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.consumer_kinds.refusals import asking
from vsync_rotation.consumers import Consumer
from vsync_rotation.errors import RotationError, SettingsError, UnreachableError
from vsync_rotation.rollouts import Failed, Order, Restarted, UnderWay

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import DeploymentTypeDef, ServiceTypeDef

_SERVICE: Final = "ECS"
_PRIMARY: Final = "PRIMARY"


class EcsServices:
    """Restarts `ecs:<cluster>/<service>`. Needs ecs:DescribeServices and ecs:UpdateService on the service."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def restart(self, consumer: Consumer, order: Order) -> Restarted | UnderWay:  # noqa: ARG002 - the same for every version
        """Force a new deployment. Repeated, it replaces the one under way, which costs time and no task in service.

        A service that wants no tasks is restarted: whatever it starts later reads the new value.

        Raises:
            SettingsError: no such service, it is inactive, or something other than ECS deploys it.
        """
        service = self._described(consumer)
        if service is None:
            raise _refused(f"there is no service {consumer.target}")
        if service.get("status") != "ACTIVE":
            raise _refused(f"service {consumer.target} is not active")
        controller = service.get("deploymentController", {}).get("type", "ECS")
        if controller != "ECS":
            # UpdateService cannot force a deployment there.
            raise _refused(f"service {consumer.target} is deployed by {_word(controller)}, not by ECS")
        if service.get("desiredCount") == 0:
            return Restarted()
        cluster, name = consumer.parts
        with asking(_SERVICE, "UpdateService", _refusals(consumer)):
            answer = self._clients.ecs.update_service(cluster=cluster, service=name, forceNewDeployment=True)
        primary = _primary(answer["service"])
        if primary is None:
            raise UnreachableError(
                f"{_SERVICE} answered UpdateService without a deployment", remedy="let it be tried again"
            )
        return UnderWay(primary["id"])

    def follow(self, consumer: Consumer, handle: str) -> Restarted | UnderWay | Failed:
        """How far our deployment is, or the one that took its place."""
        service = self._described(consumer)
        if service is None or service.get("status") != "ACTIVE":
            return Failed("the service is gone")
        ours = next((found for found in service.get("deployments", []) if found.get("id") == handle), None)
        if ours is not None and (ours.get("status") == _PRIMARY or ours.get("rolloutState") in {"COMPLETED", "FAILED"}):
            return _progress(ours, service, handle)
        return _after_ours(service, handle)

    def _described(self, consumer: Consumer) -> "ServiceTypeDef | None":
        cluster, name = consumer.parts
        with asking(_SERVICE, "DescribeServices", _refusals(consumer)):
            answer = self._clients.ecs.describe_services(cluster=cluster, services=[name])
        found = answer.get("services", [])
        return found[0] if found else None


def _progress(deployment: "DeploymentTypeDef", service: "ServiceTypeDef", handle: str) -> Restarted | UnderWay | Failed:
    match deployment.get("rolloutState"):
        case "COMPLETED":
            return Restarted()
        case "FAILED":
            return Failed("the deployment failed; ECS has stopped starting tasks for it")
        case "IN_PROGRESS":
            return UnderWay(handle)
    # Behind a Classic Load Balancer no state is told; the counts are what is left.
    alone = len(service.get("deployments", [])) == 1
    return Restarted() if alone and deployment["runningCount"] == deployment["desiredCount"] else UnderWay(handle)


def _after_ours(service: "ServiceTypeDef", handle: str) -> Restarted | UnderWay | Failed:
    """Our deployment is not the one in charge any more: replaced by a newer one, or rolled back.

    A newer one starts every task anew as well. A rollback brings back tasks that have been running all along; nothing
    but the service's events tells it apart.
    """
    primary = _primary(service)
    told = [event.get("message", "") for event in service.get("events", [])]
    of_ours = [message for message in told if f"(deployment {handle})" in message]
    if any("deployment completed" in message for message in of_ours):
        return Restarted()
    rolled_back = primary is not None and any(
        "rolling back to deployment" in message and primary["id"] in message for message in told
    )
    if rolled_back or any("deployment failed" in message for message in of_ours):
        return Failed("the deployment failed and was rolled back")
    return UnderWay(handle) if primary is None else _progress(primary, service, handle)


def _primary(service: "ServiceTypeDef") -> "DeploymentTypeDef | None":
    return next((found for found in service.get("deployments", []) if found.get("status") == _PRIMARY), None)


def _refusals(consumer: Consumer) -> dict[str, RotationError]:
    cluster, _ = consumer.parts
    return {
        "ClusterNotFoundException": _refused(f"there is no cluster {cluster}"),
        "ServiceNotFoundException": _refused(f"there is no service {consumer.target}"),
        "ServiceNotActiveException": _refused(f"service {consumer.target} is not active"),
        "InvalidParameterException": _refused(f"service {consumer.target} takes no forced deployment"),
        "UnsupportedFeatureException": _refused(f"service {consumer.target} takes no forced deployment"),
    }


def _refused(what: str) -> SettingsError:
    return SettingsError(what, remedy="correct the consumer's tag, or restart this one by hand")


def _word(name: str) -> str:
    """A name of the service's own list, and never more than that."""
    return name if name in {"CODE_DEPLOY", "EXTERNAL"} else "another controller"
