"""RotateSecret itself, before the service does any work: corrected and as moto has it."""

from functools import partial
from typing import Any

from simulator.corrections.rotation_requests import CORRECTION
from simulator.world import World

A, B, C = "a" * 32, "b" * 32, "c" * 32


def begun(world: World, sm: Any, rotate: Any) -> str:
    sm.create_secret(Name="s", SecretString="a value", ClientRequestToken=A)
    return world.deploy("f", rotate)


def test_the_answer_comes_before_any_step_ran(world: World, sm: Any, rotate: Any, code_of: Any) -> None:
    answer = sm.rotate_secret(SecretId="s" if begun(world, sm, rotate) else "", RotationLambdaARN="f")
    version = answer["VersionId"]
    assert sm.describe_secret(SecretId="s")["VersionIdsToStages"] == {A: ["AWSCURRENT"], version: ["AWSPENDING"]}
    assert code_of(lambda: sm.get_secret_value(SecretId="s", VersionId=version)) == "ResourceNotFoundException"
    assert world.functions.invocations == []


def test_the_token_is_the_version_id(world: World, sm: Any, rotate: Any) -> None:
    arn = begun(world, sm, rotate)
    assert sm.rotate_secret(SecretId="s", RotationLambdaARN=arn, ClientRequestToken=B)["VersionId"] == B


def test_the_same_token_again_orders_nothing_more(world: World, sm: Any, rotate: Any) -> None:
    arn = begun(world, sm, rotate)
    for _ in range(2):
        sm.rotate_secret(SecretId="s", RotationLambdaARN=arn, ClientRequestToken=B)
    assert [record.version_id for record in world.rotation_service.run()] == [B]


def test_a_secret_without_a_function_refuses(sm: Any, code_of: Any) -> None:
    sm.create_secret(Name="s", SecretString="a value")
    assert code_of(lambda: sm.rotate_secret(SecretId="s")) == "InvalidRequestException"


def test_moto_makes_an_empty_version_current_when_no_function_is_named(sm: Any, without: Any, code_of: Any) -> None:
    sm.create_secret(Name="s", SecretString="a value")
    with without(CORRECTION):
        sm.rotate_secret(SecretId="s")
    assert code_of(lambda: sm.get_secret_value(SecretId="s")) == "ResourceNotFoundException"


def test_a_function_that_is_not_deployed_is_refused_and_nothing_is_made(sm: Any, code_of: Any) -> None:
    sm.create_secret(Name="s", SecretString="a value", ClientRequestToken=A)
    arn = "arn:aws:lambda:eu-central-1:123456789012:function:nowhere"
    assert code_of(lambda: sm.rotate_secret(SecretId="s", RotationLambdaARN=arn)) == "ResourceNotFoundException"
    assert sm.describe_secret(SecretId="s")["VersionIdsToStages"] == {A: ["AWSCURRENT"]}


def test_the_function_is_remembered(world: World, sm: Any, rotate: Any) -> None:
    arn = begun(world, sm, rotate)
    sm.rotate_secret(SecretId="s", RotationLambdaARN=arn)
    world.rotation_service.run()
    sm.rotate_secret(SecretId="s")
    assert [record.outcome for record in world.rotation_service.run()] == ["succeeded"]


def test_a_pending_version_of_somebody_else_refuses_a_new_rotation(
    world: World, sm: Any, rotate: Any, code_of: Any
) -> None:
    arn = begun(world, sm, rotate)
    sm.put_secret_value(SecretId="s", SecretString="pending", ClientRequestToken=B, VersionStages=["AWSPENDING"])
    order = partial(sm.rotate_secret, SecretId="s", RotationLambdaARN=arn, ClientRequestToken=C)
    assert code_of(order) == "InvalidRequestException"
    assert sm.describe_secret(SecretId="s")["VersionIdsToStages"] == {A: ["AWSCURRENT"], B: ["AWSPENDING"]}


def test_moto_takes_the_pending_label_away(sm: Any, without: Any, code_of: Any) -> None:
    sm.create_secret(Name="s", SecretString="a value", ClientRequestToken=A)
    sm.put_secret_value(SecretId="s", SecretString="pending", ClientRequestToken=B, VersionStages=["AWSPENDING"])
    with without(CORRECTION):
        code_of(lambda: sm.rotate_secret(SecretId="s", RotationLambdaARN="arn:x", ClientRequestToken=C))
    assert "AWSPENDING" in sm.describe_secret(SecretId="s")["VersionIdsToStages"][C]


def test_an_unfinished_rotation_is_taken_up_again(world: World, sm: Any, rotate: Any, code_of: Any) -> None:
    arn = begun(world, sm, rotate)
    world.begin_rotation("s", B)
    order = partial(sm.rotate_secret, SecretId="s", RotationLambdaARN=arn, ClientRequestToken=C)
    assert code_of(order) == "InvalidRequestException"
    assert [(record.version_id, record.outcome) for record in world.rotation_service.run()] == [(B, "succeeded")]


def test_both_kinds_of_rule_at_once_are_refused(world: World, sm: Any, rotate: Any, code_of: Any) -> None:
    arn = begun(world, sm, rotate)
    rules = {"AutomaticallyAfterDays": 30, "ScheduleExpression": "rate(30 days)"}
    order = partial(sm.rotate_secret, SecretId="s", RotationLambdaARN=arn, RotationRules=rules)
    assert code_of(order) == "InvalidParameterException"
