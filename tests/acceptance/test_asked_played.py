"""Questions that need AWS itself: its part is played, once as the software relies on it and once otherwise.

What these show is that the question is asked rightly and that either answer is told; what AWS says, only AWS can.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cdk import names
from cdk.secret_tags import PAUSED
from check_vaults.handler import lambda_handler as check_vaults
from simulator.rotation_service import DEFAULT_ATTEMPTS
from simulator.run import ACCOUNT_ID, FUNCTION
from tests.acceptance.catalogue import QUESTIONS
from tests.acceptance.conftest import Scene
from tests.acceptance.embedded_aws import ADMIN
from tests.acceptance.hand_made import LONG_TERM_OVER_TLS, ByHand
from tests.acceptance.plays.bus import Bus, alarms, delivers, publishes, told_of_drift
from tests.acceptance.plays.playing import InFrontOf, asked, refused
from tests.acceptance.plays.scheduler import fires, rotates_by
from tests.acceptance.plays.sessions import reading, sessions_of
from tests.acceptance.plays.stacks import deploys_again, updates_of, updates_secrets
from tests.acceptance.plays.trail import fails
from tests.acceptance.question import Verdict
from tests.infrastructure.event_bridge import matches
from vsync_rotation_cli.aws.premises import Trail

GOOD, OTHERWISE, UNANSWERED = Verdict.AS_RELIED_ON, Verdict.OTHERWISE, Verdict.UNANSWERED


def test_a_session_of_the_readers_key_is_let_in_or_not(scene: Scene) -> None:
    long_term_only = sessions_of(scene, reading(scene, **LONG_TERM_OVER_TLS))
    answer = asked(scene, "session-of-the-readers-key", played=long_term_only)
    assert (answer.verdict, answer.evidence["by_session"]) == (GOOD, "403 AccessDenied")
    anybody = sessions_of(scene, reading(scene))
    answer = asked(scene, "session-of-the-readers-key", played=anybody)
    assert (answer.verdict, answer.evidence["by_session"]) == (OTHERWISE, "200 OK")


def test_a_key_that_may_open_no_session_is_as_relied_on_and_one_that_is_not_known_says_nothing(scene: Scene) -> None:
    assert asked(scene, "session-of-the-readers-key").verdict is GOOD
    unknown = {"sts": lambda client: InFrontOf(client, {"get_session_token": refused("InvalidClientTokenId")})}
    assert asked(scene, "session-of-the-readers-key", played=unknown).verdict is UNANSWERED


def test_plain_http_is_refused_or_not(scene: Scene) -> None:
    closed = {"s3 over plain http": lambda client: InFrontOf(client, {"get_object": refused("AccessDenied")})}
    assert asked(scene, "plain-http", played=closed).verdict is GOOD
    answer = asked(scene, "plain-http")
    assert (answer.verdict, answer.evidence["reader_over_plain_http"]) == (OTHERWISE, "200 OK")


@pytest.fixture
def bus(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Bus:
    monkeypatch.setattr("moto.events.models.Rule.send_to_targets", lambda *_, **__: None)
    return Bus(scene)


def test_a_sentence_is_kept_as_it_is_written_or_not(scene: Scene, bus: Bus) -> None:
    answer = asked(scene, "messages-as-transformed", delivers(scene, bus))
    assert (answer.verdict, "prod, gen 3 -> 4; null ; list web, worker; missing ;" in answer.text) == (GOOD, True)
    answer = asked(scene, "messages-as-transformed", delivers(scene, bus, lambda text: text.replace(">", "&gt;")))
    assert (answer.verdict, "gen 3 -&gt; 4" in answer.text) == (OTHERWISE, True)
    assert asked(scene, "messages-as-transformed").verdict is OTHERWISE


def test_a_topic_lets_events_in_or_not(scene: Scene, bus: Bus) -> None:
    answer = asked(scene, "topic-hears-events", publishes(scene, bus))
    assert answer.verdict is GOOD
    assert "acceptance layout: asked by make acceptance" in str(answer.evidence["heard"])
    assert asked(scene, "topic-hears-events").verdict is OTHERWISE


def test_an_alarm_fires_by_itself_or_has_to_be_pushed_or_is_not_let_in(scene: Scene, bus: Bus) -> None:
    assert asked(scene, "topic-hears-alarms").text.startswith("no alarm is named")
    answer = asked(scene, "topic-hears-alarms", alarms(scene, bus, by_itself=True))
    assert (answer.verdict, answer.evidence["by_itself"]) == (GOOD, True)
    answer = asked(scene, "topic-hears-alarms", alarms(scene, bus, by_itself=False))
    assert (answer.verdict, answer.evidence["reaches_the_topic"]) == (OTHERWISE, True)
    answer = asked(scene, "topic-hears-alarms")
    assert (answer.verdict, answer.evidence["reaches_the_topic"]) == (OTHERWISE, False)


@pytest.mark.parametrize("question", ["topic-hears-events", "topic-hears-alarms"])
def test_a_drift_that_is_none_is_told_to_nobody_else(scene: Scene, bus: Bus, question: str) -> None:
    alarms(scene, bus, by_itself=False)  # the alarm that the second one asks about
    asked(scene, question)
    events = bus.new(names.EVENT_SOURCE)
    assert [event["detail-type"] for event in events] == ["Vault Drift Detected"] * len(events) != []
    other = told_of_drift("vsync-rotation-1").pattern
    assert [event for event in events if matches(other, event)] == []


def test_scheduler_rotates_the_secret_by_our_token_or_leaves_a_dead_letter(scene: Scene) -> None:
    def lays_aside(target: dict[str, Any]) -> object:
        sqs = scene.world.client("sqs", FUNCTION)
        [url] = sqs.list_queues(QueueNamePrefix=f"{scene.stage.run.prefix}-rotation-1")["QueueUrls"]
        why = {"ERROR_CODE": {"DataType": "String", "StringValue": "ValidationException"}}
        return sqs.send_message(QueueUrl=url, MessageBody=target["Input"], MessageAttributes=why)

    answer = asked(scene, "scheduler-rotates", fires(scene, lays_aside))
    assert (answer.verdict, answer.evidence["dead_letters"]) == (OTHERWISE, ["ERROR_CODE: ValidationException"])
    answer = asked(scene, "scheduler-rotates", fires(scene, rotates_by(scene)))
    assert answer.verdict is GOOD
    assert answer.evidence["version"] == "rotation-by-schedule-d32c5kddcf5bb8c3"


def test_a_rate_runs_its_function_or_not(scene: Scene) -> None:
    run, function = scene.stage.run, scene.stage.run.function(names.CHECK)
    arn = scene.world.deploy(function, check_vaults)
    role = f"arn:aws:iam::{ACCOUNT_ID}:role/{run.function(names.RETIRE)}"
    scene.world.client("lambda", FUNCTION).create_function(
        FunctionName=function, Runtime="python3.13", Role=role, Handler="h.h", Code={"ZipFile": b"none"}
    )
    scene.world.client("scheduler", FUNCTION).create_schedule(
        Name=f"{run.prefix}-rotation-1-Check",
        GroupName=f"{run.prefix}-rotation-1-Clockwork",
        ScheduleExpression="rate(15 minutes)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": arn, "RoleArn": role, "Input": "{}"},
    )
    assert asked(scene, "rate-fires-when-made").verdict is OTHERWISE
    answer = asked(scene, "rate-fires-when-made", lambda: scene.world.invoke(arn, {}))
    assert answer.verdict is GOOD
    assert "a schedule at rate(15 minutes) ran its function for the first time" in answer.text


@pytest.fixture
def one_attempt(scene: Scene) -> Iterator[None]:
    """The service gives up at once: how often it tries is another question."""
    scene.world.rotation_service.attempts = 1
    yield
    scene.world.rotation_service.attempts = DEFAULT_ATTEMPTS


def test_the_field_that_names_the_secret_is_one_we_look_at_or_not(scene: Scene, one_attempt: None) -> None:
    question = "field-of-rotation-failed"
    known = fails(scene, responseElements={"aRN": "{}"}, userIdentity={"invokedBy": "{}"})
    answer = asked(scene, question, known, trail=Trail.RECORDS)
    assert (answer.verdict, answer.evidence["fields"]) == (GOOD, ["responseElements.aRN", "userIdentity.invokedBy"])
    answer = asked(scene, question, fails(scene, resources=[{"ARN": "{}"}]), trail=Trail.RECORDS)
    assert (answer.verdict, answer.evidence["fields"]) == (OTHERWISE, ["resources[].ARN"])


def test_without_a_trail_it_is_said_that_nothing_was_asked(scene: Scene, one_attempt: None) -> None:
    answer = asked(scene, "field-of-rotation-failed", trail=Trail.MISSING)
    assert answer.text.startswith("no CloudTrail trail records management events here")
    answer = asked(scene, "field-of-rotation-failed", trail=Trail.UNKNOWN)
    assert answer.text.endswith("(a trail: could not be seen)")


def test_an_update_of_the_user_keeps_its_tags_or_not(scene: Scene) -> None:
    answer = asked(scene, "user-tags-survive-an-update", played=updates_of(scene, keeps_tags=True))
    assert answer.verdict is GOOD
    assert "acceptance-by-hand" in str(answer.evidence["tags_after"])
    answer = asked(scene, "user-tags-survive-an-update", played=updates_of(scene, keeps_tags=False))
    assert (answer.verdict, answer.evidence["tags_after"]) == (OTHERWISE, [])


DENIED = (
    "is not authorized to perform: secretsmanager:GetSecretValue because no identity-based policy allows it, "
    "with an explicit deny in a resource-based policy"
)


@pytest.mark.parametrize(
    ("played", "verdict", "said"),
    [
        ({}, GOOD, "CloudFormation can update the tags of a secret that it may not read"),
        ({"refusal": DENIED}, OTHERWISE, "CloudFormation can NOT update"),
        (
            {"refusal": DENIED},
            OTHERWISE,
            ":role/cdk-hnb659fds-cfn-exec-role-123456789012-eu-central-1 in admins, deploy",
        ),
        ({"refusal": "the stack is locked"}, UNANSWERED, "did not reach the secret (it is UPDATE_ROLLBACK_COMPLETE)"),
        ({"role": None}, UNANSWERED, "the caller's own permissions"),
        ({"role": ADMIN}, UNANSWERED, "the caller's own permissions"),
    ],
)
def test_a_secret_that_may_not_be_read_can_be_tagged_or_not(
    scene: Scene, played: dict[str, Any], verdict: Verdict, said: str
) -> None:
    answer = asked(scene, "tags-of-a-denied-secret", played=updates_secrets(scene, **played))
    assert (answer.verdict, said in answer.text) == (verdict, True), answer
    if "refusal" in played:
        assert answer.evidence["reasons"] == [played["refusal"]]
    manager, secret = scene.world.client("secretsmanager", FUNCTION), scene.stage.run.config_secret
    manager.untag_resource(SecretId=secret, TagKeys=["acceptance-by-hand"])


@pytest.mark.parametrize(
    ("again", "verdict", "said"),
    [
        (deploys_again(), GOOD, "the pause set by hand stayed, values and versions are the same"),
        (deploys_again(keeps_pause=False), OTHERWISE, "the pause set by hand is GONE"),
        (deploys_again(rotates=True), OTHERWISE, "values and versions are NOT the same"),
        (lambda _by_hand, _deployment: 0, OTHERWISE, "the edited tag is NOT new"),
        (lambda _by_hand, _deployment: 1, OTHERWISE, "second deployment ended with 1"),
    ],
)
def test_an_edited_file_rotates_nothing_and_keeps_a_pause_or_not(
    scene: Scene, again: Callable[[ByHand, Any], int], verdict: Verdict, said: str
) -> None:
    manager, secret = scene.world.client("secretsmanager", FUNCTION), scene.stage.run.config_secret
    manager.tag_resource(SecretId=secret, Tags=[{"Key": names.OVERLAP, "Value": "24"}])
    scene.operator.again = again
    answer = asked(scene, "editing-rotates-nothing")
    assert (answer.verdict, said in answer.text) == (verdict, True), answer.text
    tags = [tag["Key"] for tag in manager.describe_secret(SecretId=secret)["Tags"]]
    assert PAUSED not in tags, "the question leaves no pause behind"


def test_every_question_of_aws_itself_is_played_here() -> None:
    """By its id in this module's own text: one that is added without a play is missed."""
    text = Path(__file__).read_text(encoding="utf-8")
    assert [question.id for question in QUESTIONS if question.only_aws and f'"{question.id}"' not in text] == []
