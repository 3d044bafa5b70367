"""Reads that answer late: what they tell, to whom, for how long, and that nothing is late unless asked for."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from simulator import faults
from simulator.staleness import by_label_alone
from simulator.storms import at_service, storm_of_requests, storm_of_seconds
from simulator.world import Transport, World

GET = "secretsmanager:GetSecretValue"
DESCRIBE = "secretsmanager:DescribeSecret"
USER = "reader"
Ask = Callable[[Callable[[], Any]], Any]


@pytest.fixture(params=[pytest.param(Transport.IN_PROCESS), pytest.param(Transport.HTTP, marks=pytest.mark.over_http)])
def either_world(request: pytest.FixtureRequest, world: World) -> World:
    world.transport = request.param
    world.reset()
    return world


@pytest.fixture
def ask(world: World) -> Ask:
    """Run a call inside a function, whose reads may be late; what it answers."""

    def run(call: Callable[[], Any]) -> Any:
        world.deploy("asks", lambda _event, _context: call())
        return world.invoke("asks", {})

    return run


def _value(**which: str) -> str:
    return str(boto3.client("secretsmanager").get_secret_value(SecretId="s", **which)["SecretString"])


def _listed() -> set[str]:
    found = boto3.client("iam").list_access_keys(UserName=USER)["AccessKeyMetadata"]
    return {f"{key['AccessKeyId']} {key['Status']}" for key in found}


def _user(world: World) -> Any:
    iam = world.client("iam")
    iam.create_user(UserName=USER, Path="/vsync/")
    return iam


def test_a_value_put_just_now_is_not_read_the_next_n_times(either_world: World, ask: Ask) -> None:
    sm = either_world.client("secretsmanager")
    sm.create_secret(Name="s", SecretString="old value")
    either_world.staleness.late_by_reads(GET, reads=2)
    sm.put_secret_value(SecretId="s", SecretString="new value")
    assert [ask(_value) for _ in range(4)] == ["old value", "old value", "new value", "new value"]
    assert sm.get_secret_value(SecretId="s")["SecretString"] == "new value"
    assert [answer.differed for answer in either_world.staleness.answers] == [True, True]


def test_the_operator_is_never_answered_late(world: World, sm: Any, ask: Ask) -> None:
    sm.create_secret(Name="s", SecretString="old value")
    world.staleness.late_by_reads(GET, reads=5)
    sm.put_secret_value(SecretId="s", SecretString="new value")
    assert sm.get_secret_value(SecretId="s")["SecretString"] == "new value"
    assert ask(_value) == "old value"


def test_each_write_is_late_by_its_own_count(world: World, sm: Any, ask: Ask) -> None:
    sm.create_secret(Name="s", SecretString="first value")
    world.staleness.late_by_reads(GET, reads=2)
    sm.put_secret_value(SecretId="s", SecretString="second value")
    assert ask(_value) == "first value"
    sm.put_secret_value(SecretId="s", SecretString="third value")
    assert [ask(_value) for _ in range(3)] == ["first value", "second value", "third value"]


def test_lateness_in_seconds_ends_with_virtual_time(world: World, sm: Any, ask: Ask) -> None:
    world.clock.stand_still()
    sm.create_secret(Name="s", SecretString="old value")
    world.staleness.late_by_seconds(GET, seconds=10)
    sm.put_secret_value(SecretId="s", SecretString="new value")
    world.clock.advance(9.9)
    assert ask(_value) == "old value"
    world.clock.advance(0.1)
    assert ask(_value) == "new value"


def test_one_operation_is_late_and_another_is_not(world: World, sm: Any, ask: Ask) -> None:
    sm.create_secret(Name="s", SecretString="a value")
    world.staleness.late_by_reads(DESCRIBE, reads=1)
    sm.tag_resource(SecretId="s", Tags=[{"Key": "k", "Value": "v"}])
    sm.put_secret_value(SecretId="s", SecretString="new value")
    assert ask(_value) == "new value"
    described = [ask(lambda: boto3.client("secretsmanager").describe_secret(SecretId="s")) for _ in range(2)]
    assert [len(found["VersionIdsToStages"]) for found in described] == [1, 2]
    assert [found.get("Tags", []) for found in described] == [[], [{"Key": "k", "Value": "v"}]]


def test_only_reads_by_label_alone_may_be_late(world: World, sm: Any, ask: Ask) -> None:
    sm.create_secret(Name="s", SecretString="old value")
    world.staleness.late_by_reads(GET, reads=1, where=by_label_alone)
    version = sm.put_secret_value(SecretId="s", SecretString="new value")["VersionId"]
    assert ask(lambda: _value(VersionId=version)) == "new value"
    assert ask(lambda: _value(VersionStage="AWSCURRENT")) == "old value"


def test_chosen_reads_are_behind_by_some_writes_or_all(world: World, sm: Any, ask: Ask) -> None:
    sm.create_secret(Name="s", SecretString="value 0")
    world.staleness.behind(GET, [1, 3], writes=1)
    sm.put_secret_value(SecretId="s", SecretString="value 1")
    sm.put_secret_value(SecretId="s", SecretString="value 2")
    assert [ask(_value) for _ in range(4)] == ["value 1", "value 2", "value 1", "value 2"]
    world.staleness.behind(GET, [1])
    sm.put_secret_value(SecretId="s", SecretString="value 3")
    assert [ask(_value) for _ in range(2)] == ["value 2", "value 3"]


def test_a_key_made_is_not_listed_yet_and_one_deleted_is_listed_still(world: World, ask: Ask) -> None:
    iam = _user(world)
    world.staleness.late_by_reads("iam:ListAccessKeys", reads=1)
    key = iam.create_access_key(UserName=USER)["AccessKey"]["AccessKeyId"]
    assert [ask(_listed) for _ in range(2)] == [set(), {f"{key} Active"}]
    iam.update_access_key(UserName=USER, AccessKeyId=key, Status="Inactive")
    assert [ask(_listed) for _ in range(2)] == [{f"{key} Active"}, {f"{key} Inactive"}]
    iam.delete_access_key(UserName=USER, AccessKeyId=key)
    assert [ask(_listed) for _ in range(2)] == [{f"{key} Inactive"}, set()]


def test_tags_of_a_user_are_told_late(world: World, ask: Ask) -> None:
    iam = _user(world)
    world.staleness.late_by_reads("iam:ListUserTags", reads=1)
    iam.tag_user(UserName=USER, Tags=[{"Key": "k", "Value": "v"}])
    found = [ask(lambda: boto3.client("iam").list_user_tags(UserName=USER)["Tags"]) for _ in range(2)]
    assert found == [[], [{"Key": "k", "Value": "v"}]]


def test_the_last_use_of_a_key_is_told_late(world: World, ask: Ask) -> None:
    iam = _user(world)
    key = iam.create_access_key(UserName=USER)["AccessKey"]
    pair = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    world.staleness.late_by_reads("iam:GetAccessKeyLastUsed", reads=1)
    boto3.client("sts", **pair).get_caller_identity()

    def used_at() -> Any:
        answer = boto3.client("iam").get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
        return answer["AccessKeyLastUsed"].get("LastUsedDate")

    first, second = ask(used_at), ask(used_at)
    assert first is None
    assert second is not None


def test_what_is_shown_late_is_put_back_after_the_answer(world: World, sm: Any, ask: Ask) -> None:
    sm.create_secret(Name="s", SecretString="old value")
    sm.create_secret(Name="other", SecretString="another value")
    world.staleness.behind(GET, [1])
    sm.delete_secret(SecretId="other", ForceDeleteWithoutRecovery=True)
    sm.put_secret_value(SecretId="s", SecretString="new value")
    assert ask(_value) == "old value"
    assert [secret["Name"] for secret in sm.list_secrets()["SecretList"]] == ["s"]
    assert sm.get_secret_value(SecretId="s")["SecretString"] == "new value"


@pytest.mark.parametrize("action", ["s3:GetObject", "sts:GetCallerIdentity", "iam:TagUser"])
def test_what_is_consistent_at_once_or_writes_cannot_be_made_late(world: World, action: str) -> None:
    with pytest.raises(ValueError, match="never late here"):
        world.staleness.late_by_reads(action, reads=1)


def test_after_settling_everything_is_seen_again(world: World, sm: Any, ask: Ask) -> None:
    sm.create_secret(Name="s", SecretString="old value")
    world.staleness.behind(GET, range(1, 9))
    sm.put_secret_value(SecretId="s", SecretString="new value")
    assert ask(_value) == "old value"
    world.staleness.settle()
    assert ask(_value) == "new value"


def test_a_storm_of_requests_ends_after_so_many(world: World, sm: Any, code_of: Any, ask: Ask) -> None:
    sm.create_secret(Name="s", SecretString="a value")
    with world.watched_by(storm_of_requests(2, at_service("secretsmanager"))):
        answers = [code_of(sm.list_secrets) for _ in range(3)]
        assert code_of(world.client("iam").list_users) == "none"
    assert answers == ["ThrottlingException", "ThrottlingException", "none"]


def test_a_storm_of_seconds_ends_with_virtual_time(world: World, sm: Any, code_of: Any) -> None:
    world.clock.stand_still()
    with world.watched_by(storm_of_seconds(world.clock, 5, faults.any_request)):
        assert code_of(sm.list_secrets) == "ThrottlingException"
        world.clock.advance(4.9)
        assert code_of(world.client("iam").list_users) == "Throttling"
        world.clock.advance(0.1)
        assert code_of(sm.list_secrets) == "none"
