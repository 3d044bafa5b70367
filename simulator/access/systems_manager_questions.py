"""What a Systems Manager request asks for, in IAM's words: parameters, documents, and the nodes a command runs on.

See: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
"""

from collections.abc import Iterator
from typing import Any, Final

from moto.ec2.models import ec2_backends

from simulator.access.parsing import json_of, operation_of
from simulator.access.policy import ANY_RESOURCE, Question
from simulator.access.tag_keys import tags_as
from simulator.doors import Incoming

_OF_PARAMETERS: Final = {
    "GetParameter",
    "GetParameters",
    "GetParameterHistory",
    "GetParametersByPath",
    "PutParameter",
    "DeleteParameter",
    "DeleteParameters",
}
# These take no resource: only a statement on `*` allows them.
_OF_NOTHING: Final = {"ListCommands", "ListCommandInvocations", "DescribeParameters"}
_TAG: Final = "tag:"


def systems_manager_questions(account_id: str, incoming: Incoming) -> list[Question]:
    """Everything that must be allowed for this request."""
    operation, asked = operation_of(incoming), json_of(incoming)
    action = f"ssm:{operation}"
    if operation in _OF_PARAMETERS:
        names = asked.get("Names") or [asked.get("Name") or asked.get("Path") or ""]
        prefix = f"arn:aws:ssm:{incoming.region}:{account_id}:parameter/"
        return [Question(action, prefix + name.lstrip("/")) for name in names]
    if operation == "SendCommand":
        return [_document(action, account_id, incoming.region, asked), *_nodes(action, account_id, incoming, asked)]
    return [Question(action, "*" if operation in _OF_NOTHING else ANY_RESOURCE)]


def _document(action: str, account_id: str, region: str, asked: dict[str, Any]) -> Question:
    name = asked.get("DocumentName", "")
    # AWS's own documents belong to no account.
    owner = "" if name.startswith(("AWS-", "AWSFleet")) else account_id
    return Question(action, name if name.startswith("arn:") else f"arn:aws:ssm:{region}:{owner}:document/{name}")


def _nodes(action: str, account_id: str, incoming: Incoming, asked: dict[str, Any]) -> Iterator[Question]:
    """Each node by itself, with its tags. On AWS a command leaves out what is denied; here it is refused as a whole."""
    instances = [
        instance
        for reservation in ec2_backends[account_id][incoming.region].reservations.values()
        for instance in reservation.instances
    ]
    for instance in instances:
        tags = instance.get_tags()
        if instance.id in asked.get("InstanceIds", ()) or _is_targeted(instance.id, tags, asked.get("Targets", ())):
            arn = f"arn:aws:ec2:{incoming.region}:{account_id}:instance/{instance.id}"
            listed = [{"Key": tag["key"], "Value": tag["value"]} for tag in tags]
            yield Question(action, arn, tags_as("ssm:resourceTag", listed) | tags_as("aws:ResourceTag", listed))


def _is_targeted(instance_id: str, tags: list[dict[str, str]], targets: Any) -> bool:
    """Whether every target names it.

    Raises:
        NotImplementedError: a target that is neither a tag with its values nor a list of ids.
    """
    return bool(targets) and all(_names(target, instance_id, tags) for target in targets)


def _names(target: dict[str, Any], instance_id: str, tags: list[dict[str, str]]) -> bool:
    if target["Key"].lower() == "instanceids":
        return instance_id in target["Values"]
    if target["Key"].startswith(_TAG):
        key = target["Key"].removeprefix(_TAG)
        return any(tag["key"] == key and tag["value"] in target["Values"] for tag in tags)
    # Refused, not ignored: a node that is taken for untargeted would be asked no permission.
    raise NotImplementedError(f"a command for {target['Key']} is not played here")
