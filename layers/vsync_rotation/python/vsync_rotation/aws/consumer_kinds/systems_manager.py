"""Programs on managed nodes: a document of the operator's runs on every node that is tagged for the consumer.

The tag of the secret names the document and nothing else: what it runs is deployed, reviewed and versioned, and a
person who may tag a secret can make no node run anything but that. The document gets the secret's ARN and the version's
id and reads the value with the node's own role.

See: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html
"""

from typing import TYPE_CHECKING, Final

from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.consumer_kinds.refusals import asking
from vsync_rotation.consumers import Consumer
from vsync_rotation.errors import RotationError, SettingsError
from vsync_rotation.rollouts import Failed, Order, Restarted, UnderWay

if TYPE_CHECKING:
    from mypy_boto3_ssm.type_defs import CommandTypeDef

_SERVICE: Final = "Systems Manager"
NODE_TAG: Final = "vsync-rotation:consumer"
# How long a node may take to pick the command up (30 to 2,592,000 s). One that is off gets nothing: it reads the new
# value when it starts. How long the command may then run is the document's own to say.
_DELIVERY_SECONDS: Final = 600
# Node by node, and no further after the first that fails: a document that breaks its program breaks one.
_AT_ONCE: Final = "1"
_FAILURES_ACCEPTED: Final = "0"


class ManagedNodes:
    """Restarts `ssm:<document name>`.

    Needs ssm:SendCommand on the document and on the nodes with the tag, and ssm:ListCommands (on `*`).
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def restart(self, consumer: Consumer, order: Order) -> Restarted | UnderWay:
        """Send the command. Repeated, the document runs once more, and finds the value in place.

        Raises:
            SettingsError: no such document, or one with other parameters.
        """
        with asking(_SERVICE, "SendCommand", _refusals(consumer)):
            answer = self._clients.systems_manager.send_command(
                DocumentName=consumer.target,
                Targets=[{"Key": f"tag:{NODE_TAG}", "Values": [consumer.name]}],
                Parameters={"SecretId": [order.secret_arn], "VersionId": [order.version_id]},
                TimeoutSeconds=_DELIVERY_SECONDS,
                MaxConcurrency=_AT_ONCE,
                MaxErrors=_FAILURES_ACCEPTED,
            )
        return UnderWay(answer["Command"]["CommandId"])

    def follow(self, consumer: Consumer, handle: str) -> Restarted | UnderWay | Failed:
        """How far the command is, over all nodes."""
        with asking(_SERVICE, "ListCommands", _refusals(consumer) | {"InvalidCommandId": _forgotten()}):
            answer = self._clients.systems_manager.list_commands(CommandId=handle)
        commands = answer.get("Commands", [])
        if not commands:
            raise _forgotten()
        return _progress(commands[0], handle)


def _progress(command: "CommandTypeDef", handle: str) -> Restarted | UnderWay | Failed:
    nodes = command.get("TargetCount", 0)
    match command.get("Status"):
        case "Success" if nodes == 0:
            return Failed(f"no managed node carries the tag {NODE_TAG} with this consumer's name")
        case "Success":
            return Restarted()
        case "Failed" | "TimedOut" | "Cancelled" as status:
            done = command.get("CompletedCount", 0)
            counts = f"{command.get('ErrorCount', 0)} failed, {command.get('DeliveryTimedOutCount', 0)} not reached"
            return Failed(f"the command ended as {status}: of {nodes} nodes {done} done, {counts}")
    # Pending, InProgress, Cancelling; the nodes are counted only while it runs.
    return UnderWay(handle)


def _forgotten() -> SettingsError:
    # Commands are listed for 30 days.
    return SettingsError("Systems Manager does not know the command any more", remedy="let it be sent again")


def _refusals(consumer: Consumer) -> dict[str, RotationError]:
    document = consumer.target
    return {
        "InvalidDocument": _refused(f"there is no document {document} that can be run"),
        "InvalidDocumentVersion": _refused(f"there is no document {document} that can be run"),
        "InvalidParameters": _refused(f"document {document} does not take SecretId and VersionId"),
        "UnsupportedPlatformType": _refused(f"document {document} does not fit the nodes' platform"),
    }


def _refused(what: str) -> SettingsError:
    return SettingsError(what, remedy="correct the document or the consumer's tag, or restart this one by hand")
