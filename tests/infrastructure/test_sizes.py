"""What AWS limits in size: sixty vaults fit, and what does not fit is refused before anything is deployed."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from cdk import sizes
from cdk.config.crowds import VAULTS_PER_STACK
from cdk.config.model import Deployment, Vault
from cdk.placement import placed
from cdk.rendering import Rendering
from tests.infrastructure.assemblies import MANY_VAULTS, Assembled, refusal

Of = Callable[[str], Assembled]
STACK: Final = "some-stack"
LONG: Final = ["x" * 100] * 330


def problems(logical_id: str, kind: str, properties: dict[str, Any], *, times: int = 1) -> list[str]:
    resources = {f"{logical_id}{number}": {"Type": kind, "Properties": properties} for number in range(times)}
    return list(sizes.problems(Rendering({STACK: {"Resources": resources}}, "111122223333", "eu-central-1")))


def test_sixty_vaults_fit_into_stacks_within_every_limit(of: Of) -> None:
    many = of("many")
    assert list(sizes.problems(many.rendering)) == []
    assert sum("-vault-" in stack for stack in many.templates) == MANY_VAULTS
    assert sum("-rotation-" in stack.removeprefix("vsync-") for stack in many.templates) == 12


def test_the_fullest_role_leaves_room(of: Of) -> None:
    # Not a limit of AWS: names that are a tenth longer must not make a file that was good a bad one.
    fullest = max(
        sum(len(json.dumps(policy["PolicyDocument"], separators=(",", ":"))) for policy in role.properties["Policies"])
        for role in of("many").rendering.resources("AWS::IAM::Role")
        if "Policies" in role.properties
    )
    assert 5_000 < fullest < 0.9 * sizes.LONGEST_ROLE_POLICIES


@pytest.mark.parametrize(
    ("kind", "properties", "said"),
    [
        ("AWS::IAM::Role", {"Policies": [{"PolicyDocument": LONG}]}, "AWS takes 10240"),
        ("AWS::IAM::User", {"Policies": [{"PolicyDocument": LONG}]}, "AWS takes 2048"),
        ("AWS::SecretsManager::ResourcePolicy", {"ResourcePolicy": LONG}, "AWS takes 20480"),
        ("AWS::Events::Rule", {"EventPattern": LONG}, "EventBridge takes 2048"),
        ("AWS::Events::Rule", {"EventPattern": {}, "Targets": [{}] * 6}, "6 targets, EventBridge takes 5"),
        ("AWS::CloudWatch::Alarm", {"AlarmActions": ["x"] * 6}, "6 actions, CloudWatch takes 5"),
    ],
)
def test_what_is_too_long_is_said_with_its_place(kind: str, properties: dict[str, Any], said: str) -> None:
    [problem] = problems("Thing", kind, properties)
    assert "Thing0" in problem
    assert STACK in problem
    assert said in problem


def test_invoke_permissions_of_a_function_count_together() -> None:
    permission = {
        "FunctionName": "arn:aws:lambda:eu-central-1:111122223333:function:rotate",
        "Action": "lambda:InvokeFunction",
        "Principal": "secretsmanager.amazonaws.com",
        "SourceAccount": "111122223333",
        "SourceArn": "arn:aws:secretsmanager:eu-central-1:111122223333:secret:some/long/name/VSYNC_CONFIG-AbCdEf",
    }
    assert problems("Permission", "AWS::Lambda::Permission", permission, times=30) == []
    [problem] = problems("Permission", "AWS::Lambda::Permission", permission, times=60)
    assert "the 60 invoke permissions" in problem


def test_more_resources_than_a_stack_takes_are_said() -> None:
    assert any("501 resources" in problem for problem in problems("Topic", "AWS::SNS::Topic", {}, times=501))


def test_a_stack_that_has_too_many_is_refused_by_name_and_not_with_a_traceback(assemblies: Path) -> None:
    [line] = refusal(assemblies)
    assert line.startswith("crowded: stack vsync-rotation-rotation-1 has ")
    assert "resources, CloudFormation takes 500: spread the vaults" in line


def test_appending_a_vault_moves_no_other(of: Of) -> None:
    deployment = of("many").deployment
    all_but_last = _with_vaults(deployment, deployment.vaults[:-1])
    before, after = placed(all_but_last), placed(deployment)
    assert {vault: after[vault] for vault in before} == before


def test_no_rotation_stack_is_given_more_than_it_holds(of: Of) -> None:
    numbers = list(placed(of("many").deployment).values())
    assert max(numbers.count(number) for number in set(numbers)) == VAULTS_PER_STACK


def test_a_vault_stays_in_the_stack_that_the_file_names(of: Of) -> None:
    assert placed(of("everything").deployment)["shop/prod"] == 2


def _with_vaults(deployment: Deployment, vaults: Iterable[Vault]) -> Deployment:
    return replace(deployment, vaults=tuple(vaults))
