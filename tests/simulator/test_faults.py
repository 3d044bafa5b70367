"""Each fault at each protocol, as botocore reports it, and how requests are chosen."""

from collections.abc import Callable
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from simulator import faults
from simulator.functions import FunctionCrashed
from simulator.world import World

BUCKET = "some-bucket"


@pytest.fixture
def calls(world: World) -> dict[str, Callable[[], object]]:
    """One call per protocol: JSON, query, S3, CBOR."""
    sm, iam, s3, events, alarms = (
        world.client(name) for name in ("secretsmanager", "iam", "s3", "events", "cloudwatch")
    )
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": world.region})
    return {
        "secretsmanager": sm.list_secrets,
        "iam": iam.list_users,
        "s3": lambda: s3.list_objects_v2(Bucket=BUCKET),
        "events": events.list_rules,
        "cloudwatch": alarms.describe_alarms,
    }


def failure(call: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(ClientError) as caught:
        call()
    answer = caught.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("secretsmanager", (400, "ThrottlingException")),
        ("iam", (400, "Throttling")),
        ("s3", (503, "SlowDown")),
        ("events", (400, "ThrottlingException")),
        ("cloudwatch", (400, "ThrottlingException")),
    ],
)
def test_a_throttle_is_spelled_as_the_service_does(world: World, calls: Any, service: str, expected: Any) -> None:
    with world.watched_by(faults.throttle(faults.any_request)):
        assert failure(calls[service]) == expected


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("secretsmanager", (400, "AccessDeniedException")),
        ("iam", (403, "AccessDenied")),
        ("s3", (403, "AccessDenied")),
        ("events", (400, "AccessDeniedException")),
        ("cloudwatch", (400, "AccessDeniedException")),
    ],
)
def test_a_denial_is_spelled_as_the_service_does(world: World, calls: Any, service: str, expected: Any) -> None:
    with world.watched_by(faults.deny(faults.any_request)):
        assert failure(calls[service]) == expected


@pytest.mark.parametrize(
    ("service", "code"),
    [
        ("secretsmanager", "InternalServiceError"),
        ("iam", "ServiceFailure"),
        ("s3", "InternalError"),
        ("events", "InternalFailure"),
        ("cloudwatch", "InternalFailure"),
    ],
)
def test_an_internal_error_is_a_500(world: World, calls: Any, service: str, code: str) -> None:
    with world.watched_by(faults.fail_inside(faults.any_request)):
        assert failure(calls[service]) == (500, code)


def test_a_denied_head_is_a_bare_403(world: World, calls: Any) -> None:
    with world.watched_by(faults.deny(faults.any_request)):
        assert failure(lambda: world.client("s3").head_object(Bucket=BUCKET, Key="k")) == (403, "403")


def test_racing_conditional_writes_answer_409_and_write_nothing(world: World, calls: Any) -> None:
    s3 = world.client("s3")
    with world.watched_by(faults.conflict(faults.operation("PutObject"))):
        write = partial(s3.put_object, Bucket=BUCKET, Key="k", Body=b"", IfNoneMatch="*")
        assert failure(write) == (409, "ConditionalRequestConflict")
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0


def secrets_after(
    world: World, fault: faults.Fault, expected: type[BaseException], config: Config | None = None
) -> int:
    """How many secrets there are after a function's CreateSecret met the fault."""
    before = len(world.client("secretsmanager").list_secrets()["SecretList"])

    def handler(_event: object, _context: object) -> None:
        try:
            client = boto3.client("secretsmanager", config=config or Config(retries={"total_max_attempts": 1}))
            client.create_secret(Name="s", SecretString="a value", ClientRequestToken="a" * 32)
        except Exception as error:
            raise error from None

    world.deploy("f", handler)
    with world.watched_by(fault), pytest.raises(expected):
        world.invoke("f", {})
    assert len(fault.hits) >= 1
    return len(world.client("secretsmanager").list_secrets()["SecretList"]) - before


def test_a_crash_before_a_request_leaves_nothing_behind(world: World) -> None:
    assert secrets_after(world, faults.crash_before(faults.nth(1)), FunctionCrashed) == 0


def test_a_crash_after_a_request_leaves_its_effect(world: World) -> None:
    assert secrets_after(world, faults.crash_after(faults.nth(1)), FunctionCrashed) == 1


def test_a_lost_request_has_no_effect(world: World) -> None:
    assert secrets_after(world, faults.lose_request(faults.nth(1)), ConnectionClosedError) == 0


@pytest.mark.parametrize(
    ("fault", "error"), [(faults.lose_answer, ConnectionClosedError), (faults.time_out, ReadTimeoutError)]
)
def test_a_lost_answer_leaves_the_effect(world: World, fault: Any, error: type[BaseException]) -> None:
    assert secrets_after(world, fault(faults.nth(1)), error) == 1


def test_the_sdk_repeats_a_request_whose_answer_was_lost(world: World) -> None:
    world.clock.stand_still()
    client = world.client("secretsmanager", config=Config(retries={"mode": "standard", "total_max_attempts": 2}))
    lost = faults.lose_answer(faults.nth(1, faults.any_request))
    with world.watched_by(lost):
        client.create_secret(Name="s", SecretString="a value")
    assert [request.operation for request in world.requests] == ["CreateSecret", "CreateSecret"]
    assert lost.hits == [world.requests[0]]


def test_no_except_exception_outlives_a_crash(world: World) -> None:
    def stubborn(_event: object, _context: object) -> str:
        try:
            boto3.client("secretsmanager").list_secrets()
        except Exception:  # noqa: BLE001 - the point: even this does not catch a crash
            return "survived"
        return "nothing happened"

    world.deploy("f", stubborn)
    with world.watched_by(faults.crash_before(faults.any_request)), pytest.raises(FunctionCrashed):
        world.invoke("f", {})


def test_somebody_else_acts_between_two_requests_and_is_not_mistaken_for_the_function(world: World) -> None:
    sm = world.client("secretsmanager")
    sm.create_secret(Name="s", SecretString="a value")
    seen: list[str] = []

    def handler(_event: object, _context: object) -> None:
        client = boto3.client("secretsmanager")
        seen.extend(client.get_secret_value(SecretId="s")["SecretString"] for _ in range(2))

    world.deploy("f", handler)
    hand = faults.meanwhile(faults.nth(2), lambda: sm.update_secret(SecretId="s", SecretString="by hand"))
    with world.watched_by(hand):
        world.invoke("f", {})
    assert seen == ["a value", "by hand"]
    assert [(r.operation, r.function) for r in world.requests[1:]] == [
        ("GetSecretValue", "f"),
        ("GetSecretValue", "f"),
        ("UpdateSecret", None),
    ]


def test_afterwards_comes_before_the_caller_goes_on(world: World) -> None:
    sm = world.client("secretsmanager")
    with world.watched_by(
        faults.afterwards(faults.operation("secretsmanager:CreateSecret"), lambda: sm.delete_secret(SecretId="s"))
    ):
        sm.create_secret(Name="s", SecretString="a value")
        assert "DeletedDate" in sm.describe_secret(SecretId="s")


def test_requests_are_chosen_by_step_and_function_together(world: World) -> None:
    world.deploy("f", lambda *_: boto3.client("secretsmanager").list_secrets() and None)
    fault = faults.throttle(faults.both(faults.from_function("f"), faults.in_step("testSecret")))
    with world.watched_by(fault):
        world.invoke("f", {"Step": "setSecret"})
        world.client("secretsmanager").list_secrets()
        assert fault.hits == []
        with pytest.raises(ClientError, match="Throttling"):
            world.invoke("f", {"Step": "testSecret"})


def test_any_other_error_can_be_answered(world: World) -> None:
    with world.watched_by(faults.answer_with(faults.any_request, 400, "DecryptionFailure")):
        assert failure(world.client("secretsmanager").list_secrets) == (400, "DecryptionFailure")


def test_an_event_can_be_refused_inside_a_success(world: World) -> None:
    entry = {"Source": "tests", "DetailType": "d", "Detail": "{}"}
    with world.watched_by(faults.reject_events(faults.operation("events:PutEvents"))):
        assert world.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 1
    assert world.events == []
