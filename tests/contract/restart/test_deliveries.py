"""One event, delivered once, twice, too early, too late, or by nobody that has a right to."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import pytest

from simulator.exchange import Answer, Request
from simulator.faults import (
    FunctionCrashed,
    afterwards,
    answer_with,
    both,
    crash_after,
    crash_before,
    deny,
    from_function,
    lose_answer,
    nth,
    operation,
    reject_events,
    throttle,
)
from simulator.vaults import Layout
from simulator.world import World
from tests.contract.key_scene import key_scene
from tests.contract.operator_clients import operator
from tests.contract.restart.cluster import LocalCluster, PatchReply
from tests.contract.restart.scene import FUNCTION, RestartScene

FOLLOW_UP: Final = "Consumers Restarting"
LISTS: Final = ("restarted", "failed", "under_way", "already")


def ours(action: str) -> Any:
    return both(from_function(FUNCTION), operation(action))


def served(scene: RestartScene, **lists: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"restarted": [], "failed": {}, "under_way": [], "already": []}
    return {"secret": "acme/prod/VSYNC_CONFIG", "version_id": scene.version_id, **empty, **lists}


def test_every_consumer_is_restarted_and_followed_until_it_is_done(scene: RestartScene) -> None:
    scene.add_service("web")
    scene.add_topic()
    scene.declare(web="ecs:main/web", others="sns:rotated")
    assert scene.deliver() == served(scene, restarted=["others"], under_way=["web"])
    assert scene.deliver(FOLLOW_UP) == served(scene, under_way=["web"], already=["others"])
    scene.end_deployment("web", "COMPLETED")
    assert scene.deliver(FOLLOW_UP) == served(scene, restarted=["web"], already=["others"])
    assert scene.deliver(FOLLOW_UP) == served(scene, already=["others", "web"])
    assert scene.outcomes() == [(["others"], []), (["web"], [])]
    assert scene.metrics("ConsumerRestarted") == 2
    assert len(scene.asked("UpdateService")) == len(scene.asked("Publish")) == 1


def test_the_event_says_which_secret_and_version(scene: RestartScene) -> None:
    scene.add_topic()
    scene.declare(others="sns:rotated")
    scene.deliver()
    (detail,) = scene.events()
    assert detail.pop("at").endswith("Z")
    assert detail == {
        "secret_arn": scene.arn,
        "secret_name": "acme/prod/VSYNC_CONFIG",
        "kind": "iam-access-key",
        "repo": None,
        "env": None,
        "version_id": scene.version_id,
        "restarted": ["others"],
        "failed": [],
    }


def test_the_event_names_the_vault_that_the_rotation_s_event_named(scene: RestartScene) -> None:
    scene.add_topic()
    scene.declare(others="sns:rotated")
    scene.deliver(repo="acme", env="prod")
    (detail,) = scene.events()
    assert (detail["repo"], detail["env"]) == ("acme", "prod")


def test_the_event_of_a_real_rotation_restarts_what_is_declared(world: World, key_function: str) -> None:
    vault = key_scene(world, key_function, Layout.RUNTIME)
    scene = RestartScene(world, vault.secret.arn, "")
    world.deploy(FUNCTION, _handler())
    operator(world, "sns").create_topic(Name="rotated")
    vault.secret.tag("consumer:others", "sns:rotated")
    record = vault.rotated()
    (detail,) = vault.events("Rotation Finished")
    event = {"source": "vsync.rotation", "detail-type": "Rotation Finished", "detail": detail}
    answer = world.invoke(FUNCTION, event)
    assert (answer["restarted"], answer["version_id"]) == (["others"], record.version_id)
    assert scene.asked("GetSecretValue") == []


def test_a_secret_without_consumers_is_served_without_a_word(scene: RestartScene) -> None:
    assert scene.deliver() == served(scene)
    assert scene.events() == []
    assert scene.asked("PutParameter") == []


def test_a_redelivery_repeats_only_what_failed(scene: RestartScene) -> None:
    scene.add_service("web")
    scene.add_topic()
    scene.declare(web="ecs:main/web", others="sns:rotated", more="sns:rotated")
    with scene.world.watched_by(throttle(ours("Publish"))):
        error = scene.failure()
    assert type(error).__name__ == "UnreachableError"
    assert "more, others" in str(error)
    assert scene.states() == {"web": "begun", "others": "failed", "more": "failed"}
    before = len(scene.asked("Publish"))
    assert scene.deliver() == served(scene, restarted=["more", "others"], under_way=["web"])
    assert len(scene.asked("Publish")) == before + 2
    assert len(scene.asked("UpdateService")) == 1
    assert scene.outcomes() == [([], ["more", "others"]), (["more", "others"], [])]
    assert scene.metrics("ConsumerFailed") == 2


def test_a_consumer_that_is_refused_stops_no_other_and_is_not_tried_again_by_itself(scene: RestartScene) -> None:
    scene.add_topic()
    scene.declare(absent="sns:nowhere", gone="lambda:gone", others="sns:rotated")
    answer = scene.deliver()
    assert answer["restarted"] == ["others"]
    assert answer["failed"] == {
        "absent": "there is no topic nowhere in the secret's account and region",
        "gone": "there is no function gone",
    }
    assert scene.outcomes() == [(["others"], ["absent", "gone"])]
    scene.add_topic("nowhere")
    assert scene.deliver(FOLLOW_UP)["restarted"] == ["absent"]


def test_a_denied_consumer_is_told_by_a_short_reason_and_the_log_has_the_whole(scene: RestartScene) -> None:
    scene.declare(web="ecs:main/web")
    with scene.world.watched_by(deny(ours("DescribeServices"))):
        scene.failure()
    reason = scene.remembered()["consumers"]["web"]["reason"]
    assert reason == "ECS refused DescribeServices (AccessDeniedException)"
    assert any("not authorized to perform ecs:DescribeServices" in line for line in scene.world.log_lines)


def test_a_bug_in_one_kind_stops_no_other_and_its_words_go_nowhere(
    scene: RestartScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vsync_rotation.aws.consumer_kinds.lambda_functions import LambdaFunctions

    def broken(*_: object) -> None:
        raise ValueError("the words of a stranger")

    monkeypatch.setattr(LambdaFunctions, "restart", broken)
    scene.add_topic()
    scene.declare(broken="lambda:shop", others="sns:rotated")
    answer = scene.deliver()
    assert answer["restarted"] == ["others"]
    assert answer["failed"] == {"broken": "unexpected ValueError"}
    assert not any("stranger" in line for line in scene.world.log_lines)
    (line,) = scene.logged("unexpected exception")
    assert line["frames"]


def test_a_malformed_tag_is_reported_by_name_and_stops_no_other(scene: RestartScene) -> None:
    scene.add_topic()
    scene.declare(others="sns:rotated", typo="esc:main/web")
    scene.tag({"consumer:two words": "sns:rotated"})
    answer = scene.deliver()
    assert answer["restarted"] == ["others"]
    assert answer["failed"].keys() == {"typo?", "two?words?"}
    assert "names no kind of consumer" in answer["failed"]["typo?"]
    assert scene.outcomes() == [(["others"], ["two?words?", "typo?"])]
    scene.declare(typo="sns:rotated")
    assert scene.deliver(FOLLOW_UP)["restarted"] == ["typo"]
    assert "typo?" not in scene.states()


def test_another_target_under_the_same_name_is_another_consumer(scene: RestartScene) -> None:
    scene.add_topic("first")
    scene.add_topic("second")
    scene.declare(others="sns:first")
    scene.deliver()
    scene.declare(others="sns:second")
    assert scene.deliver() == served(scene, restarted=["others"])


def test_a_later_version_is_another_restart(scene: RestartScene) -> None:
    scene.add_topic()
    scene.declare(others="sns:rotated")
    scene.deliver()
    later = scene.rotate_by_hand()
    assert scene.deliver(version_id=later)["restarted"] == ["others"]
    assert scene.remembered()["version_id"] == later


def test_a_version_id_is_any_token_that_a_rotation_can_have(scene: RestartScene) -> None:
    scene.add_topic()
    scene.declare(others="sns:rotated")
    token = "chosen by hand: 2026.05.01/rotation_1"
    manager = operator(scene.world, "secretsmanager")
    manager.put_secret_value(SecretId=scene.arn, SecretString="a later value", ClientRequestToken=token)
    assert scene.deliver(version_id=token)["restarted"] == ["others"]


def test_the_event_of_an_earlier_version_restarts_nothing(scene: RestartScene) -> None:
    scene.declare(others="sns:rotated")
    scene.rotate_by_hand()
    assert scene.deliver() == served(scene, nothing_to_do="a later version is AWSCURRENT")
    assert scene.asked("GetParameter") == scene.asked("Publish") == []


def test_a_description_that_is_late_is_waited_for_by_another_delivery(scene: RestartScene) -> None:
    scene.declare(others="sns:rotated")
    pending = scene.world.begin_rotation("acme/prod/VSYNC_CONFIG")
    error = scene.failure(scene.event(version_id=pending))
    assert type(error).__name__ == "ConcurrentChangeError"
    assert "not AWSCURRENT yet" in str(error)
    assert scene.asked("GetParameter") == scene.asked("Publish") == []


@pytest.mark.parametrize("value", ["on", "", "release freeze"])
def test_a_paused_secret_is_left_alone(scene: RestartScene, value: str) -> None:
    scene.declare(others="sns:rotated")
    scene.tag({"paused": value})
    assert scene.deliver() == served(scene, nothing_to_do="paused by tag vsync-rotation:paused")
    assert scene.asked("Publish") == []


def test_a_secret_that_is_to_be_deleted_restarts_nobody_who_could_not_read_it_again(scene: RestartScene) -> None:
    scene.declare(others="sns:rotated")
    operator(scene.world, "secretsmanager").delete_secret(SecretId=scene.arn)
    assert scene.deliver() == served(scene, nothing_to_do="the secret is scheduled for deletion")
    assert scene.asked("Publish") == []


def test_the_secret_has_to_be_of_the_kind_that_the_event_names(scene: RestartScene) -> None:
    scene.declare(others="sns:rotated")
    error = scene.failure(scene.event(kind="vault-passphrase"))
    assert type(error).__name__ == "ContractError"
    assert "vsync-rotation:kind" in str(error)
    assert scene.asked("Publish") == []


def test_a_secret_that_cannot_be_described_is_tried_again(scene: RestartScene) -> None:
    with scene.world.watched_by(throttle(ours("DescribeSecret"))):
        error = scene.failure()
    assert type(error).__name__ == "UnreachableError"
    assert str(error).startswith(f"restart of secret {scene.arn}, version {scene.version_id}: ")


# The memory.


@pytest.mark.parametrize("fault", [deny, throttle], ids=["denied", "throttled"])
def test_a_memory_that_cannot_be_read_does_not_stop_the_restarts_of_a_rotation(
    scene: RestartScene, fault: Callable[[Any], Any]
) -> None:
    scene.add_topic()
    scene.declare(others="sns:rotated")
    with scene.world.watched_by(fault(ours("GetParameter"))):
        assert scene.deliver() == served(scene, restarted=["others"])
        assert scene.deliver() == served(scene, restarted=["others"])
    assert scene.logged("what was restarted is not known, so all is restarted")
    assert scene.deliver() == served(scene, already=["others"])


def test_a_memory_that_cannot_be_read_stops_a_follow_up_which_comes_again(scene: RestartScene) -> None:
    scene.add_topic()
    scene.declare(others="sns:rotated")
    with scene.world.watched_by(deny(ours("GetParameter"))):
        error = scene.failure(scene.event(FOLLOW_UP))
    assert type(error).__name__ == "PermissionDeniedError"
    assert scene.asked("Publish") == []


def test_a_memory_that_cannot_be_written_is_said_once_and_costs_a_repetition(scene: RestartScene) -> None:
    scene.add_topic()
    scene.declare(a="sns:rotated", b="sns:rotated")
    with scene.world.watched_by(deny(ours("PutParameter"))):
        assert scene.deliver()["restarted"] == ["a", "b"]
    assert len(scene.logged("restarts are not remembered and may be repeated")) == 1
    assert scene.deliver()["restarted"] == ["a", "b"]
    assert scene.deliver()["already"] == ["a", "b"]


@pytest.mark.parametrize("text", ["", "null", "[]", "{", '{"version_id": 1}', '{"version_id":"x","consumers":{"a":1}}'])
def test_a_damaged_memory_counts_as_none(scene: RestartScene, text: str) -> None:
    scene.add_topic()
    scene.declare(others="sns:rotated")
    name = "/vsync-rotation/restarted/acme/prod/VSYNC_CONFIG"
    operator(scene.world, "ssm").put_parameter(Name=name, Value=text or " ", Type="String")
    assert scene.deliver()["restarted"] == ["others"]
    assert scene.states() == {"others": "restarted"}


def test_a_consumer_that_is_not_declared_any_more_is_forgotten(scene: RestartScene) -> None:
    scene.add_topic()
    scene.declare(a="sns:rotated", b="sns:nowhere")
    scene.deliver()
    operator(scene.world, "secretsmanager").untag_resource(SecretId=scene.arn, TagKeys=["vsync-rotation:consumer:b"])
    scene.declare(c="sns:rotated")
    assert scene.deliver(FOLLOW_UP) == served(scene, restarted=["c"], already=["a"])
    assert scene.states() == {"a": "restarted", "c": "restarted"}


# Crashes.


@pytest.mark.parametrize("number", range(1, 4))
def test_a_crash_between_a_restart_and_its_record_repeats_that_one_alone(scene: RestartScene, number: int) -> None:
    scene.add_topic()
    scene.declare(a="sns:rotated", b="sns:rotated", c="sns:rotated")
    with scene.world.watched_by(crash_after(nth(number, ours("Publish")))), pytest.raises(FunctionCrashed):
        scene.world.invoke(FUNCTION, scene.event())
    answer = scene.deliver()
    assert len(answer["already"]) == number - 1
    assert len(answer["restarted"]) == 4 - number
    assert len(scene.asked("Publish")) == 4


def test_a_crash_at_any_request_leaves_what_the_next_delivery_completes(scene: RestartScene) -> None:
    scene.add_service("web")
    scene.add_topic()
    scene.declare(others="sns:rotated", web="ecs:main/web")
    for number in range(1, 20):
        later = scene.rotate_by_hand()
        event = scene.event(version_id=later)
        crash = crash_before(nth(number, from_function(FUNCTION)))
        with scene.world.watched_by(crash), suppress(FunctionCrashed):
            scene.world.invoke(FUNCTION, event)
        if not crash.hits:
            assert number > 6
            return
        scene.world.invoke(FUNCTION, event)
        assert scene.states() == {"others": "restarted", "web": "begun"}
        assert scene.remembered()["version_id"] == later
    raise AssertionError("the invocation never came to its end")


def test_a_lost_answer_of_a_restart_repeats_the_request_and_nothing_else(scene: RestartScene) -> None:
    scene.add_topic()
    scene.declare(others="sns:rotated")
    with scene.world.watched_by(lose_answer(nth(1, ours("Publish")))):
        assert scene.deliver()["restarted"] == ["others"]
    assert len(scene.asked("Publish")) == 2


# Rollouts.


def test_a_rollout_that_failed_is_told_and_begun_anew_by_the_next_event(scene: RestartScene) -> None:
    scene.add_service("web")
    scene.declare(web="ecs:main/web")
    scene.deliver()
    scene.end_deployment("web", "FAILED")
    answer = scene.deliver(FOLLOW_UP)
    assert answer["failed"] == {"web": "the deployment failed; ECS has stopped starting tasks for it"}
    assert scene.outcomes() == [([], ["web"])]
    assert scene.deliver(FOLLOW_UP)["under_way"] == ["web"]
    assert len(scene.asked("UpdateService")) == 2


def test_a_rollout_that_cannot_be_asked_for_is_not_begun_again(scene: RestartScene) -> None:
    scene.add_service("web")
    scene.declare(web="ecs:main/web")
    scene.deliver()
    with scene.world.watched_by(throttle(ours("DescribeServices"))):
        assert type(scene.failure(scene.event(FOLLOW_UP))).__name__ == "UnreachableError"
    assert scene.states() == {"web": "begun"}
    assert scene.deliver(FOLLOW_UP)["under_way"] == ["web"]
    assert len(scene.asked("UpdateService")) == 1


def test_a_rollout_without_an_end_counts_as_failed_after_three_hours_and_is_begun_anew(scene: RestartScene) -> None:
    scene.add_service("web")
    scene.declare(web="ecs:main/web")
    scene.deliver()
    scene.stall_deployment("web")
    scene.world.clock.advance(3 * 3600 - 1)
    assert scene.deliver(FOLLOW_UP)["under_way"] == ["web"]
    scene.world.clock.advance(2)
    assert scene.deliver(FOLLOW_UP)["failed"] == {"web": "still under way after 3 hours"}
    assert scene.deliver(FOLLOW_UP)["under_way"] == ["web"]
    assert len(scene.asked("UpdateService")) == 2


def test_a_service_that_cannot_be_asked_for_hours_counts_as_failed(scene: RestartScene) -> None:
    scene.add_service("web")
    scene.declare(web="ecs:main/web")
    scene.deliver()
    scene.world.clock.advance(4 * 3600)
    with scene.world.watched_by(deny(ours("DescribeServices"))):
        scene.failure(scene.event(FOLLOW_UP))
    assert scene.states() == {"web": "failed"}


def test_an_unchanged_rollout_costs_no_write(scene: RestartScene) -> None:
    scene.add_service("web")
    scene.declare(web="ecs:main/web")
    scene.deliver()
    writes = len(scene.asked("PutParameter"))
    scene.deliver(FOLLOW_UP)
    assert len(scene.asked("PutParameter")) == writes


# Time and telling.


def test_what_there_is_no_time_for_is_left_for_the_next_delivery(scene: RestartScene) -> None:
    scene.add_topic()
    scene.declare(a="sns:rotated", b="sns:rotated", c="sns:rotated")
    slow = afterwards(ours("Publish"), lambda: scene.world.clock.advance(13))
    with scene.world.watched_by(slow):
        error = scene.failure(remaining_ms=35_000)
    assert "consumers to be tried again: c." in str(error)
    assert scene.states() == {"a": "restarted", "b": "restarted"}
    assert scene.deliver() == served(scene, restarted=["c"], already=["a", "b"])


def test_an_event_that_the_bus_refuses_fails_nothing(scene: RestartScene) -> None:
    scene.add_topic()
    scene.declare(others="sns:rotated")
    with scene.world.watched_by(reject_events(ours("PutEvents"))):
        assert scene.deliver()["restarted"] == ["others"]
    assert scene.logged("event refused")


def test_what_was_done_is_told_before_the_failure_is_raised(scene: RestartScene) -> None:
    scene.add_topic()
    scene.declare(a="sns:rotated", b="lambda:shop")
    with scene.world.watched_by(answer_with(ours("GetFunctionConfiguration"), 500, "ServiceException")):
        scene.failure()
    assert scene.outcomes() == [(["a"], ["b"])]
    assert scene.states() == {"a": "restarted", "b": "failed"}


@dataclass
class Instead:
    """Answers an operation in the service's place, where moto has less than the service."""

    operation: str
    about: Callable[[], dict[str, Any]]

    def before(self, request: Request) -> Answer | None:
        if request.operation != self.operation:
            return None
        return Answer(200, {"Content-Type": "application/json"}, json.dumps(self.about()).encode())

    def after(self, request: Request) -> None: ...


def test_a_deployment_in_a_cluster_is_restarted_with_the_functions_role(
    scene: RestartScene, cluster: LocalCluster
) -> None:
    scene.declare(web="eks:main/shop/web")
    with scene.world.watched_by(Instead("DescribeCluster", cluster.described)):
        assert scene.deliver() == served(scene, restarted=["web"])
        assert scene.deliver() == served(scene, already=["web"])
        cluster.reply = PatchReply(403, b"the words of a stranger")
        error = scene.failure(scene.event(version_id=scene.rotate_by_hand()))
    assert "consumers to be tried again: web" in str(error)
    reason = scene.remembered()["consumers"]["web"]["reason"]
    assert reason == "a Role in shop must allow patch of deployment web (403)"
    (first, _) = cluster.patches
    annotations = first["spec"]["template"]["metadata"]["annotations"]
    assert annotations == {
        "kubectl.kubernetes.io/restartedAt": "2026-05-01T09:15:00Z",
        "vsync-rotation/version-id": scene.version_id,
    }
    told = " ".join(scene.world.log_lines)
    assert "stranger" not in told
    assert "k8s-aws-v1" not in told


def test_no_variable_of_a_function_is_told_to_anyone(scene: RestartScene) -> None:
    """The `world` fixture searches all that was told for every secret that was registered."""
    scene.world.secrets.add("the-password-of-a-database")
    functions = operator(scene.world, "lambda")
    role = operator(scene.world, "iam").create_role(RoleName="shop", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    functions.create_function(
        FunctionName="shop",
        Role=role,
        Runtime="python3.13",
        Handler="shop.handler",
        Code={"ZipFile": b"code"},
        Environment={"Variables": {"PASSWORD": "the-password-of-a-database"}},
    )
    scene.declare(shop="lambda:shop")

    def about() -> dict[str, Any]:
        found = functions.get_function_configuration(FunctionName="shop")
        return {"RevisionId": "1", "LastUpdateStatus": "Successful", "Environment": found["Environment"]}

    with_revision = Instead("GetFunctionConfiguration", about)
    with scene.world.watched_by(with_revision):
        assert scene.deliver()["restarted"] == ["shop"]
    variables = functions.get_function_configuration(FunctionName="shop")["Environment"]["Variables"]
    assert variables == {"PASSWORD": "the-password-of-a-database", "VSYNC_ROTATION_VERSION": scene.version_id}
    busy = answer_with(ours("UpdateFunctionConfiguration"), 409, "ResourceConflictException")
    with scene.world.watched_by(busy, with_revision):
        scene.failure(scene.event(version_id=scene.rotate_by_hand()))


# The event's shape.

GOOD: Final[dict[str, Any]] = {
    "secret_arn": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:acme/prod/X-AbC123",
    "version_id": "1" * 36,
    "kind": "iam-access-key",
    "at": "2026-05-01T09:15:00Z",
}


def told(**changes: Any) -> dict[str, Any]:
    return {"source": "vsync.rotation", "detail-type": "Rotation Finished", "detail": {**GOOD, **changes}}


@pytest.mark.parametrize(
    ("event", "finding"),
    [
        ("text", "is not an object"),
        ([], "is not an object"),
        ({}, "source"),
        ({**told(), "source": "aws.secretsmanager"}, "source"),
        ({**told(), "detail-type": "Rotation Step Failed"}, "detail-type"),
        ({**told(), "detail-type": ["Rotation Finished"]}, "detail-type"),
        ({**told(), "detail": None}, "no detail"),
        (told(secret_arn="acme/prod/X"), "secret_arn"),
        (told(secret_arn=GOOD["secret_arn"] + "\n"), "secret_arn"),
        (told(secret_arn=GOOD["secret_arn"][:-7]), "secret_arn"),
        (told(secret_arn=None), "secret_arn"),
        (told(version_id="short"), "version_id"),
        (told(version_id="1" * 65), "version_id"),
        (told(version_id="1" * 35 + "\n"), "version_id"),
        (told(version_id=1), "version_id"),
        (told(kind="password"), "kind"),
        (told(kind=None), "kind"),
        (told(kind=["iam-access-key"]), "kind"),
        (told(at="yesterday"), "time"),
        (told(at=None), "time"),
        (told(at="2026-05-01T09:15:00+00:00"), "time"),
    ],
)
def test_what_is_no_such_event_is_refused_by_name_and_nothing_is_asked(
    scene: RestartScene, event: Any, finding: str
) -> None:
    before = len(scene.world.requests)
    error = scene.failure(event)
    assert type(error).__name__ == "ContractError"
    assert finding in str(error)
    assert len(scene.world.requests) == before


def _handler() -> Any:
    from restart_consumers.handler import lambda_handler

    return lambda_handler
