"""A hook that a function registers on its own client refuses a request before anything is carried out."""

from typing import Any

import boto3
import pytest

from simulator.world import Transport, World


class RefusedError(Exception):
    """The function's own."""


def refuse(**_request: Any) -> None:
    raise RefusedError


def test_a_request_that_the_client_refuses_has_no_effect(world: World) -> None:
    assert world.transport is Transport.IN_PROCESS
    iam = boto3.client("iam")
    iam.meta.events.register("before-send", refuse)
    with pytest.raises(RefusedError):
        iam.create_user(UserName="never-made")
    assert world.client("iam").list_users()["Users"] == []
    assert [request.operation for request in world.requests if request.operation == "CreateUser"] == []
