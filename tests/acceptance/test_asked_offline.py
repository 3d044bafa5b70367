"""Every question that the embedded AWS can answer is asked there, and asked again where the answer must be another."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cdk import names
from simulator.rotation_service import DEFAULT_ATTEMPTS
from simulator.run import FUNCTION
from tests.acceptance.catalogue import PREPARATIONS, QUESTIONS
from tests.acceptance.conftest import Scene
from tests.acceptance.functions import Statement
from tests.acceptance.hand_made import document
from tests.acceptance.plays.playing import InFrontOf, refused
from tests.acceptance.probes.function import NAME as PROBE
from tests.acceptance.probes.role import NotKnownInTimeError
from tests.acceptance.question import Question, Verdict

GOOD, OTHERWISE, LEARNT = Verdict.AS_RELIED_ON, Verdict.OTHERWISE, Verdict.LEARNT
# What this embedded AWS says, right or wrong: docs/simulator.md has where it only guesses.
SAID = {
    "absent-object-for-readers": (GOOD, "answers 404 to HEAD and 404 to GET, one under another prefix 403"),
    "absent-object-for-functions": (GOOD, "answers 404 to HEAD and 404 to GET, one under another prefix 403"),
    "listing-without-prefix": (OTHERWISE, "may list under the vault's prefix, without a prefix"),
    "deny-holds-for-others": (GOOD, "is answered 400 AccessDeniedException, 400 AccessDeniedException; the admin"),
    "new-key-becomes-known": (GOOD, "STS: accepted from the first use on; S3: accepted from the first use on"),
    "last-use-of-a-deleted-key": (OTHERWISE, "403 AccessDenied to a role narrowed to its user, 404 NoSuchEntity"),
    "last-use-lag": (LEARNT, "a use that was let in was told of after 0 s"),
    "refused-use-counts": (LEARNT, "a use that was refused was not told of within 1800 s"),
    "rotation-enabled-without-rules": (LEARNT, "RotationEnabled is True"),
    "second-order": (GOOD, "400 InvalidRequestException: A previous rotation isn't complete."),
    "read-after-write": (LEARNT, "0 of 10 reads by label right after a write told of the version before"),
    "test-only-event": (GOOD, "only testSecret runs, 1 times, on a version labelled ['AWSPENDING'] whose value is "),
    "retries-after-a-failed-step": (GOOD, "5 attempts, begun [60, 60, 60, 60] s apart, each with one token"),
}


@pytest.mark.parametrize("question", [question for question in QUESTIONS if not question.only_aws], ids=lambda q: q.id)
def test_the_embedded_aws_answers(scene: Scene, question: Question) -> None:
    verdict, said = SAID[question.id]
    began = scene.clock.monotonic()
    answer = question.ask(scene.stage)
    assert (answer.verdict, said in answer.text) == (verdict, True), answer
    assert scene.clock.monotonic() - began <= question.minutes * 60


def test_the_preparations_go_as_they_should(scene: Scene) -> None:
    assert list(scene.preparations) == [question.id for question in PREPARATIONS]
    assert {answer.verdict for answer in scene.preparations.values()} == {GOOD}
    assert "gen 0 -> 1" in scene.preparations["rotates-the-passphrase"].text


def test_every_question_is_asked_here_or_says_what_only_aws_has() -> None:
    assert {question.id for question in QUESTIONS if not question.only_aws} == set(SAID)


@contextmanager
def slowly(scene: Scene) -> Iterator[None]:
    """Every wait takes ten times as long as was asked for: what never comes is looked for less often."""
    scene.clock.pace = 10.0
    try:
        yield
    finally:
        scene.clock.pace = 1.0


def policy_of_the_reader(scene: Scene, *statements: Statement) -> None:
    scene.world.client("iam", FUNCTION).put_user_policy(
        UserName=scene.stage.run.reader, PolicyName="read-vault", PolicyDocument=document(*statements)
    )


def policy_of_the_function(scene: Scene, folder: str, *statements: Statement) -> None:
    scene.world.client("iam", FUNCTION).put_role_policy(
        RoleName=scene.stage.run.function(folder), PolicyName=folder, PolicyDocument=document(*statements)
    )


@pytest.fixture
def reading(scene: Scene) -> Iterator[Statement]:
    """The statement that lets somebody read the vault's objects; policies are put back afterwards."""
    iam, run = scene.world.client("iam", FUNCTION), scene.stage.run
    user = iam.get_user_policy(UserName=run.reader, PolicyName="read-vault")["PolicyDocument"]
    roles = {
        folder: iam.get_role_policy(RoleName=run.function(folder), PolicyName=folder)["PolicyDocument"]
        for folder in (names.ROTATE_PASSPHRASE, names.RETIRE)
    }
    yield {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{run.bucket}/{run.place}*"}
    policy_of_the_reader(scene, *user["Statement"])
    for folder, policy in roles.items():
        policy_of_the_function(scene, folder, *policy["Statement"])


def test_a_reader_who_may_not_list_makes_absent_look_denied(scene: Scene, reading: Statement) -> None:
    policy_of_the_reader(scene, reading)
    answer = scene.ask("absent-object-for-readers")
    assert answer.verdict is OTHERWISE
    assert "answers 403 to HEAD and 403 to GET" in answer.text


def listing(scene: Scene, operator: str, prefix: str) -> Statement:
    bucket = f"arn:aws:s3:::{scene.stage.run.bucket}"
    return {
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": bucket,
        "Condition": {operator: {"s3:prefix": prefix}},
    }


def test_a_function_that_may_list_elsewhere_makes_absent_look_denied(scene: Scene, reading: Statement) -> None:
    elsewhere = listing(scene, "StringLikeIfExists", "somebody-else/*")
    policy_of_the_function(scene, names.ROTATE_PASSPHRASE, reading, elsewhere)
    answer = scene.ask("absent-object-for-functions")
    assert answer.verdict is OTHERWISE
    assert "answers 403 to HEAD and 403 to GET" in answer.text


def test_a_condition_that_demands_the_prefix_lets_nobody_list_the_bucket(scene: Scene, reading: Statement) -> None:
    policy_of_the_function(
        scene, names.ROTATE_PASSPHRASE, reading, listing(scene, "StringLike", f"{scene.stage.run.place}*")
    )
    answer = scene.ask("listing-without-prefix")
    assert answer.verdict is GOOD
    assert answer.text.endswith("may list under the vault's prefix")


def test_a_policy_that_never_lets_the_probe_in_is_no_denial(scene: Scene, reading: Statement) -> None:
    policy_of_the_function(scene, names.ROTATE_PASSPHRASE, {**reading, "Resource": "arn:aws:s3:::elsewhere/*"})
    with pytest.raises(NotKnownInTimeError, match="was not let in within 180 s"), slowly(scene):
        scene.ask("absent-object-for-functions")


class SaysGone:
    """IAM as the software relies on it: whoever may ask of a user hears that a deleted key of it is gone."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def get_access_key_last_used(self, **parameters: Any) -> Any:
        try:
            return self._client.get_access_key_last_used(**parameters)
        except ClientError as error:
            raise self._client.exceptions.NoSuchEntityException(
                {"Error": {"Code": "NoSuchEntity", "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": 404}}, ""
            ) from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


def test_a_role_that_hears_that_a_deleted_key_is_gone_is_as_relied_on(scene: Scene) -> None:
    answer = scene.ask("last-use-of-a-deleted-key", played={"iam": SaysGone})
    assert (answer.verdict, answer.evidence["narrowed_role"]) == (GOOD, "404 NoSuchEntity")


def test_a_secret_without_its_policy_is_open_and_is_not_shown(scene: Scene) -> None:
    manager, secret = scene.world.client("secretsmanager", FUNCTION), scene.stage.run.passphrase_secret
    policy = manager.get_resource_policy(SecretId=secret)["ResourcePolicy"]
    manager.delete_resource_policy(SecretId=secret)
    answer = scene.ask("deny-holds-for-others")
    manager.put_resource_policy(SecretId=secret, ResourcePolicy=policy)
    assert answer.verdict is OTHERWISE
    assert answer.evidence["VSYNC_PASSPHRASE"] == "200 OK"
    assert scene.world.secrets.find("answer", repr(answer)) == []


def test_how_long_a_new_key_is_refused_is_told_for_each_service(scene: Scene) -> None:
    scene.world.propagation.delay("sts", uses=3)
    scene.world.propagation.refuse("s3", uses=[1, 3, 5])
    answer = scene.ask("new-key-becomes-known")
    scene.world.propagation.settle()
    assert answer.text == (
        "STS: first accepted after 3 s, last refused after 2 s; S3: first accepted after 1 s, last refused after 4 s"
    )
    assert answer.evidence["STS: refused with"] == ["InvalidClientTokenId"]


def test_a_key_that_is_never_accepted_is_not_as_relied_on(scene: Scene) -> None:
    scene.world.propagation.delay("sts", uses=10_000)
    with slowly(scene):
        answer = scene.ask("new-key-becomes-known")
    scene.world.propagation.settle()
    assert answer.verdict is OTHERWISE
    assert "STS: refused for 180 s" in answer.text


def give_it_a_value(scene: Scene) -> Callable[[str, int], None]:
    """The service's temporary version, with a value: what the document leaves open."""

    def before(_step: str, _attempt: int) -> None:
        manager = scene.world.client("secretsmanager", FUNCTION)
        newest = manager.list_secrets(Filters=[{"Key": "name", "Values": [scene.stage.run.probe_secret("test")]}])
        for secret in newest["SecretList"]:
            for version, labels in manager.describe_secret(SecretId=secret["ARN"])["VersionIdsToStages"].items():
                if labels == ["AWSPENDING"]:
                    manager.put_secret_value(
                        SecretId=secret["ARN"], ClientRequestToken=version, SecretString="{}", VersionStages=labels
                    )

    return before


def test_a_test_only_version_with_a_value_is_not_as_relied_on(scene: Scene) -> None:
    scene.world.rotation_service.before_step = give_it_a_value(scene)
    answer = scene.ask("test-only-event")
    scene.world.rotation_service.before_step = None
    assert (answer.verdict, answer.evidence["value"]) == (OTHERWISE, "there")


def test_an_order_that_is_refused_for_good_is_told(scene: Scene) -> None:
    refuse = {"secretsmanager": lambda client: InFrontOf(client, {"rotate_secret": refused("InvalidRequestException")})}
    answer = scene.ask("rotation-enabled-without-rules", played=refuse)
    assert answer.text.startswith("a rotation without rules is refused: 403 InvalidRequestException")


def test_a_second_order_that_is_taken_is_not_as_relied_on(scene: Scene) -> None:
    """Taken after all: the first one had ended, as it has on an AWS that is quicker than we are."""
    answers = iter(range(100))

    def rotates(client: Any) -> Any:
        def rotate(**order: Any) -> Any:
            if next(answers) == 1:
                return {"ResponseMetadata": {"HTTPStatusCode": 200}}
            return client.rotate_secret(**order)

        return InFrontOf(client, {"rotate_secret": rotate})

    answer = scene.ask("second-order", played={"secretsmanager": rotates})
    assert (answer.verdict, answer.text) == (OTHERWISE, "a second order with another token is answered 200 OK")


def test_late_reads_are_counted_and_timed(scene: Scene) -> None:
    calls = iter(range(100))

    def late(client: Any) -> Any:
        def get(**request: Any) -> Any:
            return {"VersionId": "before"} if next(calls) < 3 else client.get_secret_value(**request)

        return InFrontOf(client, {"get_secret_value": get})

    answer = scene.ask("read-after-write", played={"secretsmanager": late})
    assert answer.text.startswith("1 of 10 reads by label right after a write told of the version before, for 0.")


@pytest.mark.parametrize("question", ["test-only-event", "retries-after-a-failed-step"])
def test_a_function_that_is_never_invoked_answers_nothing(
    scene: Scene, question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scene.world.rotation_service, "run", list)
    with slowly(scene):
        assert scene.ask(question).verdict is Verdict.UNANSWERED


def test_events_with_a_rotation_token_are_told(scene: Scene) -> None:
    service = scene.world.rotation_service
    service.send_rotation_tokens, service.attempts = True, 2
    with slowly(scene):
        answer = scene.ask("retries-after-a-failed-step")
    service.send_rotation_tokens, service.attempts = False, DEFAULT_ATTEMPTS
    assert answer.evidence["fields"] == ["ClientRequestToken", "RotationToken", "SecretId", "Step"]
    assert answer.evidence["attempts"] == 2


def test_a_service_that_goes_on_from_the_failed_step_is_not_as_relied_on(scene: Scene) -> None:
    """The second attempt is written into the log by hand: this service always begins anew."""
    group = f"/aws/lambda/{scene.stage.run.probe(PROBE)}"
    logs, invocations = scene.world.client("logs", FUNCTION), scene.world.functions.invocations
    told = len(invocations)

    def again() -> None:
        nonlocal told
        new, told = invocations[told:], len(invocations)
        for invocation in (found for found in new if found.step == "testSecret"):
            line = {**json.loads(invocation.output[0]), "at": scene.clock.now().isoformat()}
            at = int(scene.clock.now().timestamp() * 1_000)
            logs.put_log_events(
                logGroupName=group, logStreamName="one", logEvents=[{"timestamp": at, "message": json.dumps(line)}]
            )

    scene.world.rotation_service.attempts = 1
    scene.clock.others.append(again)
    answer = scene.ask("retries-after-a-failed-step")
    scene.clock.others.clear()
    scene.world.rotation_service.attempts = DEFAULT_ATTEMPTS
    assert answer.verdict is OTHERWISE
    assert answer.evidence["steps"] == [["createSecret", "setSecret", "testSecret"], ["testSecret"]]
