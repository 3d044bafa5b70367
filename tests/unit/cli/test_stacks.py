"""Stacks as CloudFormation tells of them: those that are there, and what they were made from."""

import json

from simulator.stack_protection import protected_stacks
from simulator.world import World
from vsync_rotation_cli.aws.session import Session
from vsync_rotation_cli.aws.stacks import Stacks

TEMPLATE = {"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}


def test_a_stack_is_there_with_its_template_until_it_is_deleted(world: World) -> None:
    client, stacks = world.client("cloudformation"), Stacks(Session())
    client.create_stack(StackName="rota-watch", TemplateBody=json.dumps(TEMPLATE))
    assert stacks.statuses() == {"rota-watch": "CREATE_COMPLETE"}
    assert stacks.template("rota-watch") == TEMPLATE
    stacks.delete("rota-watch")
    assert stacks.statuses() == {}


def test_a_template_that_is_not_json_is_none_of_ours(world: World) -> None:
    body = "Resources:\n  T:\n    Type: AWS::SNS::Topic\n"
    world.client("cloudformation").create_stack(StackName="other", TemplateBody=body)
    assert Stacks(Session()).template("other") is None


def test_a_stack_that_is_protected_loses_that_and_goes(world: World) -> None:
    client, stacks = world.client("cloudformation"), Stacks(Session())
    client.create_stack(StackName="rota-watch", TemplateBody=json.dumps(TEMPLATE), EnableTerminationProtection=True)
    with protected_stacks():
        stacks.delete_protected("rota-watch")
    assert stacks.statuses() == {}
