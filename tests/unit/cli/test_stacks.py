"""Stacks whose first creation failed: cleared away, protection or not, and no other stack with them."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.stub import Stubber

from vsync_rotation_cli.aws.session import Session
from vsync_rotation_cli.aws.stacks import Stacks


def summary(name: str, status: str) -> Mapping[str, Any]:
    return {"StackName": name, "StackStatus": status, "CreationTime": "2026-03-01T12:00:00Z"}


def gone(name: str) -> Mapping[str, Any]:
    return {"Stacks": [{**summary(name, "DELETE_COMPLETE")}]}


@pytest.mark.usefixtures("world")
def test_a_stack_whose_first_creation_failed_loses_its_protection_and_goes() -> None:
    session = Session()
    with Stubber(session.cloudformation) as stubber:
        stacks = [
            summary("rota-foundation", "ROLLBACK_COMPLETE"),
            summary("rota-watch", "UPDATE_ROLLBACK_COMPLETE"),
            summary("rota-vault-a", "CREATE_COMPLETE"),
            summary("somebody-else", "ROLLBACK_COMPLETE"),
        ]
        stubber.add_response("list_stacks", {"StackSummaries": stacks}, {})
        unprotected = {"StackName": "rota-foundation", "EnableTerminationProtection": False}
        stubber.add_response("update_termination_protection", {"StackId": "x"}, unprotected)
        stubber.add_response("delete_stack", {}, {"StackName": "rota-foundation"})
        stubber.add_response("describe_stacks", gone("rota-foundation"), {"StackName": "rota-foundation"})
        cleared = Stacks(session).clear_failed(lambda name: name.startswith("rota-"))
        stubber.assert_no_pending_responses()
    assert cleared == ["rota-foundation"]
