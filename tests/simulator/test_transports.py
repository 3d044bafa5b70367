"""The socket and the in-process call carry the same history, also where the SDK tries again."""

import json
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError

from simulator import faults
from simulator.exchange import Request
from simulator.vaults import make_vault
from simulator.world import Transport, World


def told(request: Request) -> tuple[Any, ...]:
    return (request.service, request.operation, request.method, request.path, request.function, request.status)


def history(world: World, transport: Transport, rotate: Any) -> tuple[Any, ...]:
    """Requests of every protocol, a streamed body, a rotation and an error."""
    world.transport = transport
    world.reset()
    vault = make_vault(world)
    sm = world.client("secretsmanager")
    sm.create_secret(Name="s", SecretString="a value", ClientRequestToken="a" * 32)
    arn = world.deploy("f", rotate)
    sm.rotate_secret(SecretId="s", RotationLambdaARN=arn, ClientRequestToken="b" * 32)
    world.rotation_service.run()
    world.client("events").put_events(Entries=[{"Source": "tests", "DetailType": "d", "Detail": "{}"}])
    s3 = world.client("s3")
    s3.put_object(Bucket=vault.bucket, Key="name with ä/and +", Body=b"x" * 300_000, Metadata={"a_b": "c"})
    stream = s3.get_object(Bucket=vault.bucket, Key="name with ä/and +")["Body"]
    chunks = [len(chunk) for chunk in stream.iter_chunks(100_000)]
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=vault.bucket, Key="absent")
    return [told(request) for request in world.requests], chunks, vault.boot().values, vault.pull().files


def test_the_same_history_gives_the_same_requests_and_results(world: World, rotate: Any) -> None:
    assert history(world, Transport.HTTP, rotate) == history(world, Transport.IN_PROCESS, rotate)


@pytest.mark.over_http
@pytest.mark.parametrize("transport", list(Transport))
def test_every_try_of_the_sdk_is_a_request_of_its_own(world: World, transport: Transport) -> None:
    world.transport = transport
    world.reset()
    world.clock.stand_still()
    patient = Config(retries={"mode": "standard", "total_max_attempts": 3})
    client = world.client("secretsmanager", config=patient)
    with world.watched_by(faults.throttle(faults.numbered(frozenset({1, 2}), faults.any_request))):
        client.create_secret(Name="s", SecretString="a value")
    assert [(request.index, request.status) for request in world.requests] == [(1, 400), (2, 400), (3, 200)]


@pytest.mark.parametrize("transport", list(Transport))
def test_a_head_has_a_length_and_no_body(world: World, transport: Transport) -> None:
    world.transport = transport
    world.reset()
    vault = make_vault(world)
    head = world.client("s3").head_object(Bucket=vault.bucket, Key=f"{vault.prefix}latest")
    assert head["ContentLength"] == 15


@pytest.mark.parametrize(
    "where", ["https://s3.eu-central-1.amazonaws.com", "http://127.0.0.1:1", "https://example.com"]
)
def test_nothing_leaves_the_machine(world: World, where: str) -> None:
    client = world.client("s3", endpoint_url=where)
    with pytest.raises(EndpointConnectionError):
        client.list_buckets()
    assert world.refused_hosts == [where.split("//")[1]]
    assert world.requests == []


def test_the_server_can_be_reached_under_another_name_as_a_store_of_somebody_else(world: World) -> None:
    vault = make_vault(world)
    elsewhere = world.endpoint_url.replace("127.0.0.1", "localhost")
    client = world.client("s3", endpoint_url=elsewhere)
    assert client.head_object(Bucket=vault.bucket, Key=f"{vault.prefix}latest")["ContentLength"] == 15
    assert world.requests[-1].host.startswith("localhost:")


def test_requests_tell_who_signed_and_which_step_made_them(world: World) -> None:
    world.client("secretsmanager").create_secret(Name="s", SecretString="a value")
    world.deploy("f", lambda *_: boto3.client("secretsmanager").describe_secret(SecretId="s") and None)
    world.invoke("f", {"Step": "setSecret"})
    first, second = world.requests
    assert (first.principal, first.function, first.step) == ("OPERATOR000000000000", None, None)
    assert (second.principal, second.function, second.step) == ("FUNCTION000000000000", "f", "setSecret")
    assert second.target == "secretsmanager.DescribeSecret"


def test_a_second_world_at_the_same_time_is_refused(world: World) -> None:
    with pytest.raises(RuntimeError, match="another world"):
        World().start()


def test_what_a_function_prints_is_kept_and_goes_nowhere_else(world: World, capsys: Any) -> None:
    world.deploy("f", lambda *_: print(json.dumps({"level": "INFO", "message": "hello"})))
    world.invoke("f", {})
    print("outside")
    assert world.log_lines == ['{"level": "INFO", "message": "hello"}']
    assert capsys.readouterr().out == "outside\n"


def test_a_logger_made_before_the_invocation_is_kept_too(world: World) -> None:
    import logging
    import sys

    logger, handler = logging.getLogger("made-before"), logging.StreamHandler(sys.stdout)
    logger.addHandler(handler)
    logger.propagate = False
    world.deploy("f", lambda *_: logger.warning("from a logger"))
    world.invoke("f", {})
    assert world.log_lines == ["from a logger"]
