"""Managed nodes: one document, the nodes of one tag, and what becomes of the command."""

from typing import Any, Final

import pytest

from tests.contract.restart.conftest import SECRET_ARN, VERSION_ID
from tests.contract.restart.declared import declared
from tests.contract.restart.local_services import LocalServices, refusal
from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.consumer_kinds.systems_manager import ManagedNodes
from vsync_rotation.errors import SettingsError
from vsync_rotation.rollouts import Failed, Order, Restarted, UnderWay

UNITS: Final = declared("ssm:Shop-RestartUnit", name="legacy")
COMMAND: Final = "77777777-1111-4222-8333-444444444444"


def command(status: str, nodes: int = 3, **counts: int) -> dict[str, Any]:
    return {"Commands": [{"CommandId": COMMAND, "Status": status, "TargetCount": nodes, **counts}]}


def test_the_document_runs_on_the_tagged_nodes_one_by_one_with_the_version_and_no_command(
    services: LocalServices, clients: Clients, order: Order
) -> None:
    services.prepare("SendCommand", {"Command": {"CommandId": COMMAND, "Status": "Pending"}})
    assert ManagedNodes(clients).restart(UNITS, order) == UnderWay(COMMAND)
    (sent,) = services.asked
    assert sent.parameters == {
        "DocumentName": "Shop-RestartUnit",
        "Targets": [{"Key": "tag:vsync-rotation:consumer", "Values": ["legacy"]}],
        "Parameters": {"SecretId": [SECRET_ARN], "VersionId": [VERSION_ID]},
        "TimeoutSeconds": 600,
        "MaxConcurrency": "1",
        "MaxErrors": "0",
    }


@pytest.mark.parametrize("code", ["InvalidDocument", "InvalidParameters", "UnsupportedPlatformType"])
def test_a_document_that_cannot_be_run_so_is_refused(
    services: LocalServices, clients: Clients, order: Order, code: str
) -> None:
    services.prepare("SendCommand", refusal(code))
    with pytest.raises(SettingsError, match="document Shop-RestartUnit") as caught:
        ManagedNodes(clients).restart(UNITS, order)
    assert "stranger" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "progress"),
    [
        pytest.param(command("Success"), Restarted(), id="all nodes"),
        pytest.param(
            command("Success", nodes=0),
            Failed("no managed node carries the tag vsync-rotation:consumer with this consumer's name"),
            id="no node at all",
        ),
        pytest.param(command("Pending", nodes=0), UnderWay(COMMAND), id="not counted yet"),
        pytest.param(command("InProgress", CompletedCount=1), UnderWay(COMMAND), id="one of three"),
        pytest.param(command("Cancelling"), UnderWay(COMMAND), id="being cancelled"),
        pytest.param(
            command("Failed", CompletedCount=2, ErrorCount=1),
            Failed("the command ended as Failed: of 3 nodes 2 done, 1 failed, 0 not reached"),
            id="partly",
        ),
        pytest.param(
            command("TimedOut", CompletedCount=1, DeliveryTimedOutCount=2),
            Failed("the command ended as TimedOut: of 3 nodes 1 done, 0 failed, 2 not reached"),
            id="nodes out of reach",
        ),
        pytest.param(
            command("Cancelled"),
            Failed("the command ended as Cancelled: of 3 nodes 0 done, 0 failed, 0 not reached"),
            id="cancelled",
        ),
    ],
)
def test_a_command_is_followed_to_its_end(
    services: LocalServices, clients: Clients, answer: dict[str, Any], progress: object
) -> None:
    services.prepare("ListCommands", answer)
    assert ManagedNodes(clients).follow(UNITS, COMMAND) == progress
    assert services.asked[0].parameters == {"CommandId": COMMAND}


@pytest.mark.parametrize("answer", [{"Commands": []}, refusal("InvalidCommandId")], ids=["not listed", "not known"])
def test_a_command_that_is_forgotten_is_not_followed_for_ever(
    services: LocalServices, clients: Clients, answer: Any
) -> None:
    services.prepare("ListCommands", answer)
    with pytest.raises(SettingsError, match="does not know the command"):
        ManagedNodes(clients).follow(UNITS, COMMAND)
