"""Who may have the functions run, and what runs them."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Final

import pytest

from cdk.config.model import Deployment
from tests.infrastructure.assemblies import Assembled

Of = Callable[[str], Assembled]
ALL: Final = ("example", "everything", "many")


@pytest.mark.parametrize("name", ALL)
def test_every_invoke_permission_names_the_account_and_the_one_thing_that_invokes(of: Of, name: str) -> None:
    deployment = of(name).deployment
    permissions = list(of(name).rendering.resources("AWS::Lambda::Permission"))
    assert permissions
    for permission in permissions:
        properties = permission.properties
        assert properties["Action"] == "lambda:InvokeFunction"
        assert properties["SourceAccount"] == deployment.account
        assert properties["SourceArn"].startswith(f"arn:aws:{_service(properties['Principal'])}:{deployment.region}:")
        assert "*" not in properties["SourceArn"]


def _service(principal: str) -> str:
    return {"secretsmanager.amazonaws.com": "secretsmanager", "events.amazonaws.com": "events"}[principal]


@pytest.mark.parametrize("name", ALL)
def test_every_rotation_may_invoke_its_function(of: Of, name: str) -> None:
    rendering = of(name).rendering
    allowed = {
        (permission.properties["FunctionName"], permission.properties["SourceArn"])
        for permission in rendering.resources("AWS::Lambda::Permission")
    }
    for rotation in rendering.resources("AWS::SecretsManager::RotationSchedule"):
        assert (rotation.properties["RotationLambdaARN"], rotation.properties["SecretId"]) in allowed


@pytest.mark.parametrize("name", ALL)
def test_every_secret_that_rotates_does_so_once(of: Of, name: str) -> None:
    rotations = Counter(
        rotation.properties["SecretId"]
        for rotation in of(name).rendering.resources("AWS::SecretsManager::RotationSchedule")
    )
    assert set(rotations.values()) == {1}
    assert len(rotations) == _rotating(of(name).deployment)


def _rotating(deployment: Deployment) -> int:
    return sum(1 + (vault.key is not None) for vault in deployment.vaults)


def test_a_schedule_without_a_time_zone_is_secrets_managers_own(of: Of) -> None:
    rules = {
        rotation.logical_id: rotation.properties["RotationRules"]
        for rotation in of("example").rendering.resources("AWS::SecretsManager::RotationSchedule")
    }
    assert rules["KeyAcmeWebStaging955d68Rotation"]["ScheduleExpression"] == "rate(30 days)"
    assert rules["PassphraseAcmeWebStaging955d68Rotation"] == {
        "ScheduleExpression": "cron(0 2 L * ? *)",
        "Duration": "2h",
    }


def test_a_window_with_a_time_zone_is_schedulers_with_a_long_rate_behind_it(of: Of) -> None:
    rendering = of("example").rendering
    native = rendering.properties("vsync-rotation-rotation-1", "KeyAcmeWebProd5c7cadRotation")
    planned = rendering.properties("vsync-rotation-rotation-1", "KeyAcmeWebProd5c7cadSchedule")
    assert native["RotationRules"] == {"ScheduleExpression": "rate(999 days)"}
    assert planned["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert planned["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 45}
    assert planned["Target"]["Arn"] == "arn:aws:scheduler:::aws-sdk:secretsmanager:rotateSecret"
    order = json.loads(planned["Target"]["Input"])
    assert order["SecretId"] == native["SecretId"]
    assert 32 <= len(order["ClientRequestToken"].replace("<aws.scheduler.execution-id>", "x" * 16)) <= 64


@pytest.mark.parametrize("name", ALL)
def test_every_schedule_tries_again_and_keeps_what_fails(of: Of, name: str) -> None:
    schedules = list(of(name).rendering.resources("AWS::Scheduler::Schedule"))
    assert schedules
    for schedule in schedules:
        target = schedule.properties["Target"]
        assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0
        assert ":sqs:" in target["DeadLetterConfig"]["Arn"]


def test_retiring_runs_hourly_and_checking_quarter_hourly(of: Of) -> None:
    runs = {
        schedule.properties["Target"]["Arn"].rpartition(":")[2]: (
            schedule.properties["ScheduleExpression"],
            schedule.properties["Target"]["Input"],
        )
        for schedule in of("example").rendering.resources("AWS::Scheduler::Schedule")
        if ":function:" in schedule.properties["Target"]["Arn"]
    }
    assert runs == {
        "vsync-rotation-1-retire_iam_access_keys": ("rate(1 hour)", "{}"),
        "vsync-rotation-1-check_vaults": ("rate(15 minutes)", "{}"),
    }


@pytest.mark.parametrize("name", ALL)
def test_a_stacks_restarts_hear_of_the_secrets_it_serves_and_of_no_other(of: Of, name: str) -> None:
    rendering = of(name).rendering
    served: dict[str, set[str]] = {}
    heard: dict[str, set[str]] = {}
    for rotation in rendering.resources("AWS::SecretsManager::RotationSchedule"):
        served.setdefault(rotation.stack, set()).add(rotation.properties["SecretId"])
    for rule in rendering.resources("AWS::Events::Rule"):
        if any("restart_consumers" in target["Arn"] for target in rule.properties["Targets"]):
            heard.setdefault(rule.stack, set()).update(rule.properties["EventPattern"]["detail"]["secret_arn"])
    assert served.keys() == heard.keys()
    for stack, secrets in served.items():
        assert secrets <= heard[stack]
        assert not any(secrets & heard[other] for other in heard if other != stack)


def test_functions_run_on_the_runtime_they_are_built_for(of: Of) -> None:
    for name, architecture in (("example", "arm64"), ("everything", "x86_64")):
        functions = list(of(name).rendering.resources("AWS::Lambda::Function"))
        assert {tuple(found.properties["Architectures"]) for found in functions} == {(architecture,)}
        assert {found.properties["Runtime"] for found in functions} == {"python3.13"}


def test_no_function_is_limited_in_concurrency(of: Of) -> None:
    # Safety rests on conditional writes: a limit would only make the service's retries fail.
    for function in of("everything").rendering.resources("AWS::Lambda::Function"):
        assert "ReservedConcurrentExecutions" not in function.properties


def test_a_function_serves_what_its_stack_is_named_in(of: Of) -> None:
    for name in ALL:
        for function in of(name).rendering.resources("AWS::Lambda::Function"):
            assert function.properties["Environment"]["Variables"]["VSYNC_ROTATION_SERVES"] == function.stack


def test_private_health_hosts_are_told_to_the_function_that_asks_them_and_to_no_other(of: Of) -> None:
    told = {
        function.properties["FunctionName"].rpartition("-")[2]: function.properties["Environment"]["Variables"]
        for function in of("everything").rendering.resources("AWS::Lambda::Function")
    }
    with_hosts = {name for name, variables in told.items() if "VSYNC_ROTATION_PRIVATE_HEALTH_HOSTS" in variables}
    assert with_hosts == {"check_vaults"}
    assert told["check_vaults"]["VSYNC_ROTATION_PRIVATE_HEALTH_HOSTS"] == "shop.internal.example"


def test_tracing_per_vault_metrics_and_the_network_are_there_only_when_asked_for(of: Of) -> None:
    for name, asked in (("example", False), ("everything", True)):
        for function in of(name).rendering.resources("AWS::Lambda::Function"):
            properties = function.properties
            assert (properties.get("TracingConfig", {}).get("Mode") == "Active") is asked
            assert ("VSYNC_ROTATION_PER_VAULT_METRICS" in properties["Environment"]["Variables"]) is asked
            assert ("VpcConfig" in properties) is asked


def test_logs_are_kept_as_long_as_the_file_says(of: Of) -> None:
    for name, days in (("example", 365), ("everything", 30)):
        groups = list(of(name).rendering.resources("AWS::Logs::LogGroup"))
        assert {group.properties["RetentionInDays"] for group in groups} == {days}


def test_a_hook_is_called_with_a_value_that_no_template_names(of: Of) -> None:
    [connection] = of("everything").rendering.resources("AWS::Events::Connection")
    key = connection.properties["AuthParameters"]["ApiKeyAuthParameters"]
    assert key["ApiKeyValue"].startswith("{{resolve:secretsmanager:arn:aws:secretsmanager:us-east-1:")
    [destination] = of("everything").rendering.resources("AWS::Events::ApiDestination")
    assert destination.properties["InvocationEndpoint"] == "https://ci.example.com/hooks/shop"
