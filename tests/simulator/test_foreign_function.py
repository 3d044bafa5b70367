"""Somebody else's rotation function runs here as it is, in this process and in one of its own."""

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from simulator import faults
from simulator.functions import FunctionCrashed, Handler
from simulator.world import World

HERE = Path(__file__).parent


@pytest.fixture
def foreign() -> Handler:
    spec = importlib.util.spec_from_file_location("foreign_function", HERE / "foreign_function.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    handler: Handler = module.lambda_handler
    return handler


@pytest.fixture
def secret(sm: Any) -> str:
    return str(sm.create_secret(Name="database/password", SecretString="the first password")["ARN"])


def test_it_rotates(world: World, sm: Any, secret: str, foreign: Handler) -> None:
    sm.rotate_secret(SecretId="database/password", RotationLambdaARN=world.deploy("foreign", foreign))
    [record] = world.rotation_service.run()
    assert (record.outcome, [step.calls for step in record.steps]) == ("succeeded", [4, 1, 1, 2])
    assert len(sm.get_secret_value(SecretId=secret)["SecretString"]) == 24
    assert world.log_lines == [f"moved AWSCURRENT to {record.version_id}"]
    assert world.leaks() == []


@pytest.mark.parametrize("number", range(1, 9))
def test_it_survives_a_crash_after_any_request(
    world: World, sm: Any, secret: str, foreign: Handler, number: int
) -> None:
    sm.rotate_secret(SecretId="database/password", RotationLambdaARN=world.deploy("foreign", foreign))
    with world.watched_by(faults.crash_after(faults.nth(number))):
        [record] = world.rotation_service.run()
    assert (record.outcome, record.attempts) == ("succeeded", 2)


def path() -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join([str(HERE), *(entry for entry in sys.path if entry)])}


def test_it_rotates_in_a_process_of_its_own_which_tells_its_peak_memory(world: World, sm: Any, secret: str) -> None:
    arn = world.deploy_in_process("foreign", "foreign_function:lambda_handler", environment=path())
    sm.rotate_secret(SecretId="database/password", RotationLambdaARN=arn)
    [record] = world.rotation_service.run()
    assert (record.outcome, record.message) == ("succeeded", None)
    assert [step.peak_rss_kib is None or step.peak_rss_kib > 1000 for step in record.steps] == [True] * 4
    assert world.log_lines == [f"moved AWSCURRENT to {record.version_id}"]


def test_an_error_over_there_keeps_its_name_and_message(world: World, secret: str) -> None:
    world.deploy_in_process("foreign", "foreign_function:lambda_handler", environment=path())
    with pytest.raises(Exception, match="is not staged for rotation") as caught:
        world.invoke("foreign", {"Step": "createSecret", "SecretId": secret, "ClientRequestToken": "x" * 32})
    assert type(caught.value).__name__ == "ValueError"
    assert any("Traceback" in line for line in world.log_lines)


def test_a_process_that_just_ends_is_a_crash(world: World) -> None:
    world.deploy_in_process("gone", "foreign_function:dies", environment=path())
    with pytest.raises(FunctionCrashed, match="ended without a result"):
        world.invoke("gone", {})
