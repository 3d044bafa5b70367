"""The deployed functions as seen from outside: what their roles allow, and what they write."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from tests.acceptance.aws import Aws
from tests.acceptance.stage import Stage

Statement = Mapping[str, Any]


def statements(stage: Stage, folder: str, service: str) -> list[Statement]:
    """Those of the function's role whose actions are of this service."""
    iam, role = stage.client("iam"), stage.run.function(folder)
    found: list[Statement] = []
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        read = json.loads(unquote(document)) if isinstance(document, str) else document
        found += [each for each in read["Statement"] if all(a.startswith(f"{service}:") for a in actions(each))]
    return found


def actions(statement: Statement) -> Sequence[str]:
    """A statement's actions, also where it has but one."""
    named = statement["Action"]
    return [named] if isinstance(named, str) else named


def log_group(aws: Aws, function: str) -> str:
    """Where the function writes: the stacks name no group after a function."""
    configuration = aws.client("lambda").get_function_configuration(FunctionName=function)
    return str((configuration.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{function}")


def log_lines(aws: Aws, group: str, pattern: str) -> Iterator[Mapping[str, Any]]:
    """What the functions of a group wrote as JSON and what matches the pattern, in order, with the event's own facts.

    A group that is not there yet has no lines.
    """
    logs = aws.client("logs")
    try:
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group, filterPattern=pattern):
            for event in page["events"]:
                fields = _json(event["message"])
                if fields is not None:
                    yield fields
    except logs.exceptions.ResourceNotFoundException:
        return


def _json(message: str) -> Mapping[str, Any] | None:
    try:
        fields = json.loads(message)
    except ValueError:
        return None  # Lambda's own lines
    return fields if isinstance(fields, dict) else None
