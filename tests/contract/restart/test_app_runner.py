"""App Runner services: found by name over all pages, deployed, followed."""

from typing import Any, Final

import pytest

from tests.contract.restart.declared import declared
from tests.contract.restart.local_services import LocalServices, refusal
from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.consumer_kinds.app_runner import AppRunnerServices
from vsync_rotation.errors import ConcurrentChangeError, SettingsError
from vsync_rotation.rollouts import Failed, Order, Restarted, UnderWay

SHOP: Final = declared("apprunner:shop")
ARN: Final = "arn:aws:apprunner:eu-central-1:123456789012:service/shop/0123456789abcdef"
OPERATION: Final = "99999999-1111-4222-8333-444444444444"


def listed(name: str, status: str = "RUNNING", arn: str = ARN) -> dict[str, Any]:
    return {"ServiceName": name, "ServiceArn": arn, "Status": status}


def page(*found: dict[str, Any], more: str | None = None) -> dict[str, Any]:
    return {"ServiceSummaryList": list(found)} | ({"NextToken": more} if more else {})


def operations(*found: tuple[str, str], more: str | None = None) -> dict[str, Any]:
    told = [{"Id": number, "Type": "START_DEPLOYMENT", "Status": status} for number, status in found]
    return {"OperationSummaryList": told} | ({"NextToken": more} if more else {})


def test_the_service_is_found_on_a_later_page_and_deployed(
    services: LocalServices, clients: Clients, order: Order
) -> None:
    services.prepare(
        "ListServices", page(listed("other"), more="p2"), page(listed("shop", "DELETED", "old"), more="p3")
    )
    services.prepare("ListServices", page(listed("shop")))
    services.prepare("StartDeployment", {"OperationId": OPERATION})
    assert AppRunnerServices(clients).restart(SHOP, order) == UnderWay(OPERATION)
    first, second, third, start = services.asked
    assert [asked.parameters.get("NextToken") for asked in (first, second, third)] == [None, "p2", "p3"]
    assert start.parameters == {"ServiceArn": ARN}


def test_a_service_that_is_not_listed_is_refused(services: LocalServices, clients: Clients, order: Order) -> None:
    services.prepare("ListServices", page(listed("shop-2"), listed("shop", "DELETED")))
    with pytest.raises(SettingsError, match="there is no service shop"):
        AppRunnerServices(clients).restart(SHOP, order)


@pytest.mark.parametrize("status", ["OPERATION_IN_PROGRESS", "PAUSED", "CREATE_FAILED"])
def test_a_service_that_is_not_running_is_tried_again_later(
    services: LocalServices, clients: Clients, order: Order, status: str
) -> None:
    services.prepare("ListServices", page(listed("shop", status)))
    with pytest.raises(ConcurrentChangeError, match="not running"):
        AppRunnerServices(clients).restart(SHOP, order)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("InvalidStateException", ConcurrentChangeError),
        ("InvalidRequestException", ConcurrentChangeError),
        ("ResourceNotFoundException", SettingsError),
    ],
)
def test_a_refused_deployment_tells_whether_it_may_pass(
    services: LocalServices, clients: Clients, order: Order, code: str, kind: type[Exception]
) -> None:
    services.prepare("ListServices", page(listed("shop")))
    services.prepare("StartDeployment", refusal(code))
    with pytest.raises(kind) as caught:
        AppRunnerServices(clients).restart(SHOP, order)
    assert "stranger" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "progress"),
    [
        ("SUCCEEDED", Restarted()),
        ("PENDING", UnderWay(OPERATION)),
        ("IN_PROGRESS", UnderWay(OPERATION)),
        ("OF_A_LATER_RELEASE", UnderWay(OPERATION)),
        ("FAILED", Failed("the deployment ended as FAILED")),
        ("ROLLBACK_IN_PROGRESS", Failed("the deployment ended as ROLLBACK_IN_PROGRESS")),
        ("ROLLBACK_FAILED", Failed("the deployment ended as ROLLBACK_FAILED")),
        ("ROLLBACK_SUCCEEDED", Failed("the deployment ended as ROLLBACK_SUCCEEDED")),
    ],
)
def test_a_deployment_is_followed_to_its_end(
    services: LocalServices, clients: Clients, status: str, progress: object
) -> None:
    services.prepare("ListServices", page(listed("shop", "OPERATION_IN_PROGRESS")))
    services.prepare("ListOperations", operations(("another", "FAILED"), more="p2"), operations((OPERATION, status)))
    assert AppRunnerServices(clients).follow(SHOP, OPERATION) == progress
    assert services.asked[-1].parameters == {"ServiceArn": ARN, "NextToken": "p2", "MaxResults": 20}


def test_a_deployment_that_is_not_listed_any_more_counts_as_failed(services: LocalServices, clients: Clients) -> None:
    services.prepare("ListServices", page(listed("shop")), page())
    services.prepare("ListOperations", operations(("another", "SUCCEEDED")))
    kind = AppRunnerServices(clients)
    assert kind.follow(SHOP, OPERATION) == Failed("App Runner does not list the deployment any more")
    assert kind.follow(SHOP, OPERATION) == Failed("the service is gone")
