"""What AWS limits in size and CloudFormation only finds out halfway through a deployment: measured before it begins."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cdk.rendering import Rendering

# IAM counts what a role's inline policies have together, without white space; a user's likewise.
# See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LONGEST_ROLE_POLICIES: Final = 10_240
LONGEST_USER_POLICIES: Final = 2_048
# See: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LONGEST_FUNCTION_POLICY: Final = 20_480
# See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
LONGEST_SECRET_POLICY: Final = 20_480
# See: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
LONGEST_EVENT_PATTERN: Final = 2_048
MOST_TARGETS: Final = 5
# See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
MOST_ALARM_ACTIONS: Final = 5
# See: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
MOST_RESOURCES: Final = 500
LARGEST_TEMPLATE_BYTES: Final = 1_000_000


def problems(rendering: Rendering) -> Iterator[str]:
    """One line for everything that is larger than AWS takes, with what to do."""
    yield from _policies(rendering)
    yield from _invocations(rendering)
    yield from _rules(rendering)
    yield from _alarms(rendering)
    for stack, template in rendering.templates.items():
        count, size = len(template["Resources"]), len(json.dumps(template).encode())
        if count > MOST_RESOURCES:
            yield f"stack {stack} has {count} resources, CloudFormation takes {MOST_RESOURCES}: {_SPREAD}"
        if size > LARGEST_TEMPLATE_BYTES:
            yield f"stack {stack} has {size} bytes, CloudFormation takes {LARGEST_TEMPLATE_BYTES}: {_SPREAD}"


_FEWER_READERS: Final = "name fewer readers or admins, for example one role that several applications take on"
_FEWER_TOPICS: Final = "name fewer topics, and let one of them forward to the others"
_SPREAD: Final = "spread the vaults over more rotation stacks (rotation_stack), or over more files"


def _policies(rendering: Rendering) -> Iterator[str]:
    for kind, limit in (("AWS::IAM::Role", LONGEST_ROLE_POLICIES), ("AWS::IAM::User", LONGEST_USER_POLICIES)):
        for found in rendering.resources(kind):
            documents = [policy["PolicyDocument"] for policy in found.properties.get("Policies", [])]
            yield from _too_long(f"{kind} {found.logical_id} in {found.stack}", documents, limit, _SPREAD)
    for found in rendering.resources("AWS::SecretsManager::ResourcePolicy"):
        what = f"the policy {found.logical_id} in {found.stack}"
        yield from _too_long(what, [found.properties["ResourcePolicy"]], LONGEST_SECRET_POLICY, _FEWER_READERS)


def _invocations(rendering: Rendering) -> Iterator[str]:
    """A function's policy holds a statement for each permission."""
    statements: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for found in rendering.resources("AWS::Lambda::Permission"):
        length = _length(_statement(found.logical_id, found.stack, found.properties))
        statements[found.stack, str(found.properties["FunctionName"])].append(length)
    for (stack, function), lengths in statements.items():
        if sum(lengths) > LONGEST_FUNCTION_POLICY:
            yield (
                f"the {len(lengths)} invoke permissions of {function} in {stack} have {sum(lengths)} characters, "
                f"Lambda takes {LONGEST_FUNCTION_POLICY}: {_SPREAD}"
            )


def _statement(logical_id: str, stack: str, permission: Mapping[str, Any]) -> dict[str, Any]:
    """What Lambda makes of a permission; CloudFormation names the statement after stack, id and twelve characters."""
    return {
        "Sid": f"{stack}-{logical_id}-{'x' * 12}",
        "Effect": "Allow",
        "Principal": {"Service": permission["Principal"]},
        "Action": permission["Action"],
        "Resource": permission["FunctionName"],
        "Condition": {
            "StringEquals": {"AWS:SourceAccount": permission["SourceAccount"]},
            "ArnLike": {"AWS:SourceArn": permission["SourceArn"]},
        },
    }


def _rules(rendering: Rendering) -> Iterator[str]:
    for found in rendering.resources("AWS::Events::Rule"):
        targets = len(found.properties.get("Targets", []))
        if targets > MOST_TARGETS:
            yield (
                f"the rule {found.logical_id} in {found.stack} has {targets} targets, "
                f"EventBridge takes {MOST_TARGETS}: {_FEWER_TOPICS}"
            )
        length = _length(found.properties["EventPattern"])
        if length > LONGEST_EVENT_PATTERN:
            yield (
                f"the event pattern {found.logical_id} in {found.stack} has {length} characters, "
                f"EventBridge takes {LONGEST_EVENT_PATTERN}: use shorter names of secrets, or {_SPREAD}"
            )


def _alarms(rendering: Rendering) -> Iterator[str]:
    for found in rendering.resources("AWS::CloudWatch::Alarm"):
        actions = len(found.properties.get("AlarmActions", []))
        if actions > MOST_ALARM_ACTIONS:
            yield (
                f"the alarm {found.logical_id} in {found.stack} has {actions} actions, CloudWatch takes "
                f"{MOST_ALARM_ACTIONS}: {_FEWER_TOPICS}"
            )


def _too_long(what: str, documents: list[Any], limit: int, remedy: str) -> Iterator[str]:
    length = sum(_length(document) for document in documents)
    if length > limit:
        yield f"{what} has {length} characters of policy, AWS takes {limit}: {remedy}"


def _length(document: Any) -> int:
    return len(json.dumps(document, separators=(",", ":")))
