"""ECS services: forced deployments, and every way in which one ends."""

from typing import Any, Final

import pytest

from tests.contract.restart.declared import declared
from tests.contract.restart.local_services import LocalServices, refusal
from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.consumer_kinds.ecs import EcsServices
from vsync_rotation.errors import PermissionDeniedError, SettingsError, UnreachableError
from vsync_rotation.rollouts import Failed, Order, Restarted, UnderWay

WEB: Final = declared("ecs:main/web")
OURS: Final = "ecs-svc/2222222222222222222"
NEWER: Final = "ecs-svc/3333333333333333333"
OLD: Final = "ecs-svc/1111111111111111111"


def deployment(number: str, state: str | None, status: str = "PRIMARY", running: int = 2) -> dict[str, Any]:
    told = {"id": number, "status": status, "desiredCount": 2, "runningCount": running}
    return told if state is None else {**told, "rolloutState": state}


def service(*deployments: dict[str, Any], events: tuple[str, ...] = (), **changes: Any) -> dict[str, Any]:
    told = [{"id": str(number), "message": message} for number, message in enumerate(events)]
    about = {"status": "ACTIVE", "desiredCount": 2, "deployments": list(deployments), "events": told}
    return {**about, **changes}


def described(*deployments: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"services": [service(*deployments, **changes)], "failures": []}


MISSING: Final = {"services": [], "failures": [{"arn": "arn:aws:ecs:::service/main/web", "reason": "MISSING"}]}


def test_a_restart_forces_a_deployment_and_names_it(services: LocalServices, clients: Clients, order: Order) -> None:
    services.prepare("DescribeServices", described(deployment(OLD, "COMPLETED")))
    answer = service(deployment(OURS, "IN_PROGRESS"), deployment(OLD, "COMPLETED", "ACTIVE"))
    services.prepare("UpdateService", {"service": answer})
    assert EcsServices(clients).restart(WEB, order) == UnderWay(OURS)
    look, update = services.asked
    assert look.parameters == {"cluster": "main", "services": ["web"]}
    assert update.parameters == {"cluster": "main", "service": "web", "forceNewDeployment": True}


def test_a_service_that_wants_no_tasks_is_restarted_without_a_deployment(
    services: LocalServices, clients: Clients, order: Order
) -> None:
    services.prepare("DescribeServices", described(deployment(OLD, "COMPLETED"), desiredCount=0))
    assert EcsServices(clients).restart(WEB, order) == Restarted()


@pytest.mark.parametrize(
    ("answer", "finding"),
    [
        pytest.param(MISSING, "there is no service main/web", id="missing"),
        pytest.param(described(status="INACTIVE"), "not active", id="inactive"),
        pytest.param(described(status="DRAINING"), "not active", id="draining"),
        pytest.param(
            described(deploymentController={"type": "CODE_DEPLOY"}), "deployed by CODE_DEPLOY", id="blue and green"
        ),
        pytest.param(described(deploymentController={"type": "EXTERNAL"}), "deployed by EXTERNAL", id="external"),
        pytest.param(refusal("ClusterNotFoundException"), "there is no cluster main", id="no cluster"),
    ],
)
def test_what_cannot_be_restarted_is_refused_before_anything_changes(
    services: LocalServices, clients: Clients, order: Order, answer: Any, finding: str
) -> None:
    services.prepare("DescribeServices", answer)
    with pytest.raises(SettingsError, match=finding):
        EcsServices(clients).restart(WEB, order)
    assert services.operations() == ["DescribeServices"]


@pytest.mark.parametrize("code", ["ServiceNotActiveException", "ServiceNotFoundException", "InvalidParameterException"])
def test_a_refused_update_is_not_tried_again(
    services: LocalServices, clients: Clients, order: Order, code: str
) -> None:
    services.prepare("DescribeServices", described(deployment(OLD, "COMPLETED")))
    services.prepare("UpdateService", refusal(code))
    with pytest.raises(SettingsError) as caught:
        EcsServices(clients).restart(WEB, order)
    assert "stranger" not in str(caught.value)


def test_a_denied_update_says_so(services: LocalServices, clients: Clients, order: Order) -> None:
    services.prepare("DescribeServices", described(deployment(OLD, "COMPLETED")))
    services.prepare("UpdateService", refusal("AccessDeniedException"))
    with pytest.raises(PermissionDeniedError, match="UpdateService"):
        EcsServices(clients).restart(WEB, order)


def test_an_answer_without_a_deployment_is_no_restart(services: LocalServices, clients: Clients, order: Order) -> None:
    services.prepare("DescribeServices", described(deployment(OLD, "COMPLETED")))
    services.prepare("UpdateService", {"service": service()})
    with pytest.raises(UnreachableError, match="without a deployment"):
        EcsServices(clients).restart(WEB, order)


FAILED: Final = Failed("the deployment failed; ECS has stopped starting tasks for it")
ROLLED_BACK: Final = Failed("the deployment failed and was rolled back")
GONE: Final = Failed("the service is gone")


@pytest.mark.parametrize(
    ("answer", "progress"),
    [
        pytest.param(described(deployment(OURS, "COMPLETED")), Restarted(), id="completed"),
        pytest.param(described(deployment(OURS, "IN_PROGRESS", running=1)), UnderWay(OURS), id="in progress"),
        pytest.param(described(deployment(OURS, "FAILED", running=0)), FAILED, id="stopped by the circuit breaker"),
        pytest.param(
            described(deployment(OLD, "IN_PROGRESS"), deployment(OURS, "FAILED", "ACTIVE")), FAILED, id="rolling back"
        ),
        pytest.param(
            described(
                deployment(NEWER, "COMPLETED"),
                events=(f"(service web) (deployment {OURS}) deployment failed: tasks failed to start.",),
            ),
            ROLLED_BACK,
            id="rolled back by the circuit breaker, ours gone from the list",
        ),
        pytest.param(
            described(deployment(NEWER, "COMPLETED"), events=(f"(service web) rolling back to deployment {NEWER}.",)),
            ROLLED_BACK,
            id="the one in charge is a rollback",
        ),
        pytest.param(described(deployment(NEWER, "COMPLETED")), Restarted(), id="replaced by a newer one, completed"),
        pytest.param(described(deployment(NEWER, "IN_PROGRESS")), UnderWay(OURS), id="replaced by a newer one, at it"),
        pytest.param(
            described(deployment(NEWER, "IN_PROGRESS"), deployment(OURS, "IN_PROGRESS", "ACTIVE")),
            UnderWay(OURS),
            id="overtaken by a newer one while under way",
        ),
        pytest.param(
            described(
                deployment(NEWER, "IN_PROGRESS"), events=(f"(service web) (deployment {OURS}) deployment completed.",)
            ),
            Restarted(),
            id="completed before a newer one began",
        ),
        pytest.param(described(), UnderWay(OURS), id="no deployment told just now"),
        pytest.param(described(deployment(OURS, None)), Restarted(), id="no state told, all run"),
        pytest.param(described(deployment(OURS, None, running=1)), UnderWay(OURS), id="no state told, one is missing"),
        pytest.param(
            described(deployment(OURS, None), deployment(OLD, None, "ACTIVE")), UnderWay(OURS), id="old tasks remain"
        ),
        pytest.param(MISSING, GONE, id="service deleted"),
        pytest.param(described(status="INACTIVE"), GONE, id="service inactive"),
    ],
)
def test_a_deployment_is_followed_to_its_end(
    services: LocalServices, clients: Clients, answer: Any, progress: object
) -> None:
    services.prepare("DescribeServices", answer)
    assert EcsServices(clients).follow(WEB, OURS) == progress
    assert services.operations() == ["DescribeServices"]
