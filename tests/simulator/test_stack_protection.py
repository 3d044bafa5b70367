"""Stacks that are protected from deletion: as CloudFormation has it, and as moto has it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from simulator.stack_protection import protected_stacks
from simulator.world import World

TEMPLATE = json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}})


@pytest.fixture
def stacks(world: World) -> Iterator[Any]:
    client = world.client("cloudformation")
    client.create_stack(StackName="stack", TemplateBody=TEMPLATE, EnableTerminationProtection=True)
    with protected_stacks():
        yield client


def are_there(stacks: Any) -> list[str]:
    return [stack["StackName"] for stack in stacks.describe_stacks()["Stacks"]]


def test_a_protected_stack_is_not_deleted(stacks: Any) -> None:
    with pytest.raises(ClientError, match="cannot be deleted while TerminationProtection is enabled"):
        stacks.delete_stack(StackName="stack")
    assert are_there(stacks) == ["stack"]


def test_it_is_once_the_protection_is_lifted(stacks: Any) -> None:
    (found,) = stacks.describe_stacks()["Stacks"]
    answer = stacks.update_termination_protection(StackName="stack", EnableTerminationProtection=False)
    assert answer["StackId"] == found["StackId"]
    stacks.delete_stack(StackName="stack")
    assert are_there(stacks) == []


def test_protection_can_be_put_on_later(stacks: Any) -> None:
    stacks.create_stack(StackName="other", TemplateBody=TEMPLATE)
    stacks.update_termination_protection(StackName="other", EnableTerminationProtection=True)
    with pytest.raises(ClientError, match="TerminationProtection"):
        stacks.delete_stack(StackName="other")


def test_a_stack_that_is_not_there_has_no_protection(stacks: Any) -> None:
    with pytest.raises(ClientError) as refused:
        stacks.update_termination_protection(StackName="none", EnableTerminationProtection=False)
    assert refused.value.response["Error"]["Code"] == "ValidationError"


def test_outside_of_the_block_moto_deletes_it_all_the_same(world: World) -> None:
    client = world.client("cloudformation")
    with protected_stacks():
        client.create_stack(StackName="stack", TemplateBody=TEMPLATE, EnableTerminationProtection=True)
    client.delete_stack(StackName="stack")
    assert are_there(client) == []
