"""A clean world in real time, a way to take one correction away, and a rotation function for the service's own tests."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from simulator import corrections
from simulator.corrections import Correction
from simulator.world import Transport, World

Bare = Callable[[Correction], AbstractContextManager[None]]


@pytest.fixture
def world(running_world: World) -> Iterator[World]:
    running_world.transport = Transport.IN_PROCESS
    running_world.reset()
    yield running_world
    running_world.transport = Transport.IN_PROCESS
    running_world.reset()


@pytest.fixture
def sm(world: World) -> Any:
    return world.client("secretsmanager")


@pytest.fixture
def without(world: World) -> Bare:
    """Inside the block moto is as it comes where this correction would act."""

    @contextmanager
    def without_one(correction: Correction) -> Iterator[None]:
        world._applied.undo()
        for other in corrections.ALL:
            if other is not correction:
                world._applied.apply(other)
        try:
            yield
        finally:
            world._applied.undo()
            for other in corrections.ALL:
                world._applied.apply(other)

    return without_one


@pytest.fixture
def code_of() -> Callable[[Callable[[], object]], str]:
    """The error code a call is answered with, `none` where it succeeds."""

    def code(call: Callable[[], object]) -> str:
        try:
            call()
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "none"

    return code


@pytest.fixture
def rotate() -> Callable[[dict[str, Any], object], None]:
    """A rotation function that puts a new value and moves the label, and does nothing in between."""

    def handler(event: dict[str, Any], _context: object) -> None:
        client = boto3.client("secretsmanager")
        name, token = event["SecretId"], event["ClientRequestToken"]
        if event["Step"] == "createSecret":
            given = {"RotationToken": event["RotationToken"]} if "RotationToken" in event else {}
            value = f"new value of {token}"
            client.put_secret_value(
                SecretId=name, ClientRequestToken=token, SecretString=value, VersionStages=["AWSPENDING"], **given
            )
        if event["Step"] == "finishSecret":
            stages = client.describe_secret(SecretId=name)["VersionIdsToStages"]
            holder = next(version for version, labels in stages.items() if "AWSCURRENT" in labels)
            client.update_secret_version_stage(
                SecretId=name, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=holder
            )

    return handler
