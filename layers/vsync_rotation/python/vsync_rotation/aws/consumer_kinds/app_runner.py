"""App Runner services: a deployment replaces every instance and reads the secrets that the service refers to.

See: https://docs.aws.amazon.com/apprunner/latest/api/API_StartDeployment.html
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.consumer_kinds.refusals import asking
from vsync_rotation.consumers import Consumer
from vsync_rotation.errors import ConcurrentChangeError, RotationError, SettingsError
from vsync_rotation.rollouts import Failed, Order, Restarted, UnderWay

if TYPE_CHECKING:
    from mypy_boto3_apprunner.type_defs import OperationSummaryTypeDef, ServiceSummaryTypeDef

_SERVICE: Final = "App Runner"
# Both lists give at most this many in one answer.
_PAGE: Final = 20
_ENDED_BADLY: Final = frozenset({"FAILED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_FAILED", "ROLLBACK_SUCCEEDED"})


class AppRunnerServices:
    """Restarts `apprunner:<service>`.

    Needs apprunner:ListServices (on `*`), apprunner:StartDeployment and apprunner:ListOperations on the service.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def restart(self, consumer: Consumer, order: Order) -> Restarted | UnderWay:  # noqa: ARG002 - the same for every version
        """Start a deployment. Repeated while one is under way, it is refused; later, it costs another deployment.

        Raises:
            SettingsError: no such service.
            ConcurrentChangeError: it is not running, or at another operation.
        """
        service = self._found(consumer)
        if service is None:
            raise _no_service(consumer)
        if service.get("Status") != "RUNNING":
            raise _busy(consumer)
        with asking(_SERVICE, "StartDeployment", _refusals(consumer)):
            answer = self._clients.app_runner.start_deployment(ServiceArn=service["ServiceArn"])
        return UnderWay(answer["OperationId"])

    def follow(self, consumer: Consumer, handle: str) -> Restarted | UnderWay | Failed:
        """How far the operation is."""
        service = self._found(consumer)
        if service is None:
            return Failed("the service is gone")
        operations = self._operations(consumer, service["ServiceArn"])
        ours = next((found for found in operations if found.get("Id") == handle), None)
        if ours is None:
            return Failed("App Runner does not list the deployment any more")
        status = ours.get("Status")
        if status in _ENDED_BADLY:
            return Failed(f"the deployment ended as {status}")
        # A status that this release does not know is asked for again rather than guessed at.
        return Restarted() if status == "SUCCEEDED" else UnderWay(handle)

    def _found(self, consumer: Consumer) -> "ServiceSummaryTypeDef | None":
        """By name, which is unique among the services of an account and region but for deleted ones."""
        return next(
            (
                service
                for service in self._services()
                if service.get("ServiceName") == consumer.target and service.get("Status") != "DELETED"
            ),
            None,
        )

    def _services(self) -> Iterator["ServiceSummaryTypeDef"]:
        page: dict[str, Any] = {}
        while True:
            with asking(_SERVICE, "ListServices", {}):
                answer = self._clients.app_runner.list_services(MaxResults=_PAGE, **page)
            yield from answer.get("ServiceSummaryList", [])
            if not answer.get("NextToken"):
                return
            page = {"NextToken": answer["NextToken"]}

    def _operations(self, consumer: Consumer, arn: str) -> Iterator["OperationSummaryTypeDef"]:
        page: dict[str, Any] = {}
        while True:
            with asking(_SERVICE, "ListOperations", _refusals(consumer)):
                answer = self._clients.app_runner.list_operations(ServiceArn=arn, MaxResults=_PAGE, **page)
            yield from answer.get("OperationSummaryList", [])
            if not answer.get("NextToken"):
                return
            page = {"NextToken": answer["NextToken"]}


def _refusals(consumer: Consumer) -> dict[str, RotationError]:
    # The reference lists InvalidRequestException for a service in the wrong state, the service also has a word for it.
    return {
        "ResourceNotFoundException": _no_service(consumer),
        "InvalidStateException": _busy(consumer),
        "InvalidRequestException": _busy(consumer),
    }


def _no_service(consumer: Consumer) -> SettingsError:
    return SettingsError(
        f"there is no service {consumer.target}", remedy="correct the consumer's tag, or restart this one by hand"
    )


def _busy(consumer: Consumer) -> ConcurrentChangeError:
    return ConcurrentChangeError(
        f"service {consumer.target} is not running, or at another operation", remedy="let it be tried again"
    )
