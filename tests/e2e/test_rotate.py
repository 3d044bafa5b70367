"""`vsync-rotation rotate`: a rotation is started, followed while it happens, and told when it does not end well."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from simulator import faults
from simulator.exchange import Request
from simulator.vaults import Layout, Vault, make_vault
from simulator.world import World
from tests.e2e.operators import Operator, Ran
from tests.e2e.rotation_scenes import FUNCTION, LOG_GROUP, Waiting, deployed, works
from vsync_rotation_cli.arguments import parse
from vsync_rotation_cli.aws.secret_facts import SecretFacts
from vsync_rotation_cli.aws.secrets import Secrets
from vsync_rotation_cli.main import INTERRUPTED
from vsync_rotation_cli.rotate.command import run

FOLLOWS = ("--follow", "--timeout", "60")


@pytest.fixture
def vault(world: World) -> Vault:
    return make_vault(world, Layout.RUNTIME)


def arn_of(world: World, name: str) -> str:
    return str(world.client("secretsmanager").describe_secret(SecretId=name)["ARN"])


def pending(operator: Operator, vault: Vault) -> str:
    """The version that waits."""
    return next(version for version, labels in operator.labels(vault.config_secret).items() if "AWSPENDING" in labels)


def rotate(operator: Operator, secret: str, *options: str, between: Callable[[], object] | None = None) -> Ran:
    arguments = parse(["rotate", "--secret-id", secret, *options])

    def rotates() -> int:
        try:
            return run(arguments, Waiting(between or works(operator.world)))
        except KeyboardInterrupt:
            return INTERRUPTED  # as main has it

    return operator.run_command(rotates)


def test_a_rotation_is_followed_step_by_step_to_its_end(operator: Operator, world: World, vault: Vault) -> None:
    deployed(world, vault.config_secret)
    before = vault.blob()["accessKeyId"]
    ran = rotate(operator, vault.config_secret, *FOLLOWS)
    assert (ran.status, ran.err) == (0, "")
    assert vault.blob()["accessKeyId"] != before
    told = [line.split("s  ")[-1] for line in ran.out.splitlines()]
    version = next(
        version for version, labels in operator.labels(vault.config_secret).items() if "AWSCURRENT" in labels
    )
    assert told == [
        f"acme_web/prod/VSYNC_CONFIG: account 123456789012, {arn_of(world, vault.config_secret)}",
        f"acme_web/prod/VSYNC_CONFIG: rotation started, version {version}",
        "the pending version is there",
        "createSecret done",
        "setSecret done",
        "testSecret done",
        "finishSecret done",
        "AWSCURRENT moved: the new value is live",
        "acme_web/prod/VSYNC_CONFIG: rotated in 2 s; the value before is AWSPREVIOUS",
    ]


def test_without_follow_it_is_started_and_left_to_the_service(operator: Operator, world: World, vault: Vault) -> None:
    deployed(world, vault.config_secret)
    ran = rotate(operator, vault.config_secret)
    assert ran.status == 0
    assert "it goes on by itself; --follow shows how" in ran.out
    (record,) = world.rotation_service.run()
    assert record.version_id in ran.out


def test_a_step_that_no_retry_mends_is_told_with_its_reason_and_where_to_look(
    operator: Operator, world: World, vault: Vault
) -> None:
    deployed(world, vault.config_secret)
    world.client("secretsmanager").untag_resource(SecretId=vault.config_secret, TagKeys=["vsync-rotation:iam-user"])
    ran = rotate(operator, vault.config_secret, *FOLLOWS)
    assert ran.status == 1
    assert (
        "createSecret failed with SettingsError: tag vsync-rotation:iam-user is missing or empty. Still safe" in ran.out
    )
    assert ran.out.count("createSecret failed again, as before") == world.rotation_service.attempts - 1
    assert "failed in a way that trying again does not mend. AWSCURRENT did not move" in ran.out
    assert f"log group {LOG_GROUP}, version_id " in ran.out


def test_a_rotation_that_fails_at_first_is_followed_on(operator: Operator, world: World, vault: Vault) -> None:
    deployed(world, vault.config_secret)
    denied = faults.deny(faults.nth(1, faults.operation("iam:CreateAccessKey")))
    with world.watched_by(denied):
        ran = rotate(operator, vault.config_secret, *FOLLOWS)
    assert ran.status == 0
    assert "createSecret failed with PermissionDeniedError" in ran.out
    assert ran.out.index("PermissionDeniedError") < ran.out.index("AWSCURRENT moved")


def test_an_unfinished_rotation_is_taken_up_again_and_followed(operator: Operator, world: World, vault: Vault) -> None:
    deployed(world, vault.config_secret)
    world.rotation_service.attempts = 1
    with world.watched_by(faults.deny(faults.operation("iam:CreateAccessKey"))):
        first = rotate(operator, vault.config_secret, "--follow", "--timeout", "6")
    assert first.status == 1
    assert "has not ended within 6 s; the service may go on trying" in first.out
    again = rotate(operator, vault.config_secret, *FOLLOWS)
    assert again.status == 0
    assert "a previous rotation is not complete" in again.out
    pending = first.out.split("version ")[1].split("\n")[0]
    assert f"(version {pending})" in again.out


def test_a_rotation_that_somebody_gives_up_ends_the_following(operator: Operator, world: World, vault: Vault) -> None:
    deployed(world, vault.config_secret)
    stored = "stored-by-hand-meanwhile"

    def by_hand() -> None:
        world.client("secretsmanager").put_secret_value(SecretId=vault.config_secret, SecretString=stored)

    ran = rotate(operator, vault.config_secret, *FOLLOWS, between=by_hand)
    assert ran.status == 1
    assert "was given up: AWSPENDING was taken off its version. AWSCURRENT is on another version" in ran.out


def test_a_log_that_may_not_be_read_takes_the_steps_away_and_not_the_end(
    operator: Operator, world: World, vault: Vault
) -> None:
    deployed(world, vault.config_secret)
    with world.watched_by(faults.deny(faults.operation("logs:FilterLogEvents"))):
        ran = rotate(operator, vault.config_secret, *FOLLOWS)
    assert ran.status == 0
    assert ran.out.count("the function's log cannot be read") == 1
    assert "createSecret done" not in ran.out


def refusal(operator: Operator, secret: str) -> str:
    """The one line, once it is sure that nothing was ordered."""
    before = operator.writes()
    ran = rotate(operator, secret, *FOLLOWS)
    assert (ran.status, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert operator.writes() == before
    assert operator.world.rotation_service.run() == []
    return ran.err


def test_a_secret_without_a_rotation_function_is_refused(operator: Operator, vault: Vault) -> None:
    assert "has no rotation function; deploy the rotation stack" in refusal(operator, vault.config_secret)


def test_a_secret_that_is_not_there_is_refused(operator: Operator) -> None:
    assert "there is no secret no/such/SECRET here" in refusal(operator, "no/such/SECRET")


def test_a_paused_secret_is_refused_with_the_way_to_go_on(operator: Operator, world: World, vault: Vault) -> None:
    deployed(world, vault.config_secret)
    world.client("secretsmanager").tag_resource(
        SecretId=vault.config_secret, Tags=[{"Key": "vsync-rotation:paused", "Value": "on"}]
    )
    line = refusal(operator, vault.config_secret)
    assert "is paused by its tag vsync-rotation:paused" in line
    assert "untag-resource" in line


def test_rotation_that_was_switched_off_is_not_switched_on_by_accident(
    operator: Operator, world: World, vault: Vault
) -> None:
    deployed(world, vault.config_secret)
    world.client("secretsmanager").cancel_rotate_secret(SecretId=vault.config_secret)
    assert "was switched off (cancel-rotate-secret)" in refusal(operator, vault.config_secret)


def test_a_secret_that_is_to_be_deleted_is_refused(operator: Operator, world: World, vault: Vault) -> None:
    deployed(world, vault.config_secret)
    world.client("secretsmanager").delete_secret(SecretId=vault.config_secret)
    assert "is scheduled for deletion" in refusal(operator, vault.config_secret)


def test_a_secret_without_a_value_is_refused(operator: Operator, world: World) -> None:
    world.client("secretsmanager").create_secret(Name="empty")
    arn = world.deploy(FUNCTION, lambda _event, _context: None)
    world.client("secretsmanager").rotate_secret(SecretId="empty", RotationLambdaARN=arn, RotateImmediately=False)
    world.rotation_service.records.clear()
    world.rotation_service.run()
    assert "has no value to rotate" in refusal(operator, "empty")


@pytest.mark.parametrize("timeout", ["0", "-1", "nan", "inf", "soon"])
def test_a_time_out_that_is_none_is_wrong_usage(operator: Operator, timeout: str) -> None:
    ran = operator.run("rotate", "--secret-id", "any", f"--timeout={timeout}")
    assert ran.status == 2
    assert "argument --timeout" in ran.err


def test_the_profile_that_is_named_signs_every_request_and_is_in_what_is_suggested(
    operator: Operator, world: World, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever says staging must not rotate production, whatever the environment names."""
    deployed(world, vault.config_secret)
    key = world.client("iam").create_access_key(UserName=vault.iam_user)["AccessKey"]
    credentials = tmp_path / "credentials"
    staging = f"aws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {key['SecretAccessKey']}\n"
    credentials.write_text(
        f"[staging]\n{staging}[production]\naws_access_key_id = NOBODYS\naws_secret_access_key = no\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    monkeypatch.setenv("AWS_DEFAULT_PROFILE", "production")
    before = len(world.requests)
    ran = rotate(operator, vault.config_secret, "--profile", "staging", "--follow", "--timeout", "1", between=interrupt)
    assert {request.principal for request in world.requests[before:]} == {key["AccessKeyId"]}
    assert ran.status == INTERRUPTED
    assert f"--secret-id {vault.config_secret} --region {world.region} --profile staging\n" in ran.err


def test_an_arn_of_another_account_is_refused(operator: Operator, world: World, vault: Vault) -> None:
    deployed(world, vault.config_secret)
    theirs = arn_of(world, vault.config_secret).replace(world.account_id, "210987654321")
    assert "these credentials are of account 123456789012, the secret is of account 210987654321" in refusal(
        operator, theirs
    )


@pytest.mark.parametrize("secret_id", ["", " "])
def test_an_empty_name_is_wrong_usage(operator: Operator, secret_id: str) -> None:
    ran = operator.run("rotate", "--secret-id", secret_id)
    assert (ran.status, "argument --secret-id: is empty" in ran.err) == (2, True)


def test_a_name_that_none_can_be_is_bad_input(operator: Operator, vault: Vault) -> None:
    with operator.world.watched_by(
        faults.answer_with(faults.operation("secretsmanager:DescribeSecret"), 400, "ValidationException")
    ):
        ran = operator.run("rotate", "--secret-id", "no name!")
    assert ran.status == 2
    assert "no name! can be no secret's name or ARN" in ran.err


def interrupt() -> None:
    raise KeyboardInterrupt


def test_an_interruption_while_following_says_that_the_rotation_goes_on_and_how_to_look(
    operator: Operator, world: World, vault: Vault
) -> None:
    deployed(world, vault.config_secret)
    ran = rotate(operator, vault.config_secret, *FOLLOWS, between=interrupt)
    assert ran.status == INTERRUPTED
    assert ran.err == (
        f"vsync-rotation rotate: the rotation of {vault.config_secret} goes on by itself, and is done once version "
        f"{pending(operator, vault)} is AWSCURRENT; look again with: aws secretsmanager describe-secret "
        f"--secret-id {vault.config_secret} --region {world.region}\n"
    )


@pytest.mark.parametrize("end", [interrupt, None])
def test_an_order_whose_answer_never_came_may_have_begun_one(
    operator: Operator, world: World, vault: Vault, end: Callable[[], None] | None
) -> None:
    deployed(world, vault.config_secret)
    ordered = faults.operation("secretsmanager:RotateSecret")
    with world.watched_by(faults.lose_answer(ordered) if end is None else faults.afterwards(ordered, end)):
        ran = rotate(operator, vault.config_secret, *FOLLOWS)
    assert ran.status == (INTERRUPTED if end else 1)
    assert f"a rotation of {vault.config_secret} may have begun, and then goes on by itself; see whether" in ran.err
    assert f"version {pending(operator, vault)}, with: aws secretsmanager describe-secret " in ran.err


class Switched:
    """A choice of requests that holds while it is on."""

    def __init__(self, *operations: str) -> None:
        self.is_on, self._operations = False, operations

    def __call__(self, request: Request) -> bool:
        return self.is_on and request.action in self._operations

    def turn(self, work: Callable[[], None], waits: int) -> Callable[[], None]:
        """On from the first wait until so many waits later."""
        gone = 0

        def between() -> None:
            nonlocal gone
            work()
            gone += 1
            self.is_on = gone <= waits

        return between


LOOKING = ("secretsmanager:DescribeSecret", "logs:FilterLogEvents")


@pytest.mark.parametrize("fault", [faults.throttle, faults.lose_request, faults.fail_inside])
def test_looks_that_fail_by_chance_are_repeated_until_the_rotation_has_ended(
    operator: Operator, world: World, vault: Vault, fault: Callable[[faults.Choice], faults.Fault]
) -> None:
    deployed(world, vault.config_secret)
    unlucky = Switched(*LOOKING)
    with world.watched_by(fault(unlucky)):
        ran = rotate(operator, vault.config_secret, *FOLLOWS, between=unlucky.turn(works(world), waits=2))
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.count("the rotation goes on, and is looked at again") == 1
    assert ran.out.count("finishSecret done") == 1
    assert "the function's log cannot be read" not in ran.out


def test_a_log_that_was_out_of_reach_for_a_moment_is_read_later(operator: Operator, world: World, vault: Vault) -> None:
    deployed(world, vault.config_secret)
    at_first = Switched("logs:FilterLogEvents")
    at_first.is_on = True
    with world.watched_by(faults.throttle(at_first)):
        ran = rotate(operator, vault.config_secret, *FOLLOWS, between=at_first.turn(works(world), waits=0))
    assert ran.status == 0
    assert "createSecret done" in ran.out


def test_a_service_that_never_answers_again_ends_in_the_time_there_was(
    operator: Operator, world: World, vault: Vault
) -> None:
    deployed(world, vault.config_secret)
    unlucky = Switched(*LOOKING)
    with world.watched_by(faults.throttle(unlucky)):
        ran = rotate(operator, vault.config_secret, *FOLLOWS, between=unlucky.turn(lambda: None, waits=99))
    assert ran.status == 1
    assert "has not ended within 60 s; the service may go on trying. AWSCURRENT did not move" in ran.out
    assert f"log group {LOG_GROUP}, version_id {pending(operator, vault)}" in ran.out
    assert (
        f"go on with: vsync-rotation rotate --follow --secret-id {vault.config_secret} --region {world.region}\n"
        in (ran.out)
    )


@pytest.mark.parametrize("code", ["AccessDeniedException", "ExpiredTokenException", "ResourceNotFoundException"])
def test_a_look_that_can_never_succeed_ends_the_following_and_says_where_to_look_without_asking(
    operator: Operator, world: World, vault: Vault, code: str
) -> None:
    deployed(world, vault.config_secret)
    denied = Switched("secretsmanager:DescribeSecret")
    with world.watched_by(faults.answer_with(denied, 400, code)):
        ran = rotate(operator, vault.config_secret, *FOLLOWS, between=denied.turn(lambda: None, waits=99))
    assert world.requests[-1].action == "secretsmanager:DescribeSecret"
    version = pending(operator, vault)
    assert ran.status == 1
    assert f"the rotation of {vault.config_secret} goes on by itself, and is done once version {version} is " in ran.err
    assert ran.err.endswith(f"what the function says: log group {LOG_GROUP}, version_id {version}\n")


def test_steps_are_shown_although_this_machines_clock_is_ahead(
    operator: Operator, world: World, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The embedded AWS has this machine's clock and says no time in its answers, as the service does."""
    deployed(world, vault.config_secret)
    ahead, finds = timedelta(hours=1), Secrets.find

    def dated(secrets: Secrets, secret_id: str) -> SecretFacts | None:
        found = finds(secrets, secret_id)
        return None if found is None else replace(found, answered_at=datetime.now(UTC) - ahead)

    monkeypatch.setattr(Secrets, "find", dated)
    ran = rotate(operator, vault.config_secret, *FOLLOWS, between=works(world, ahead))
    assert ran.status == 0
    assert "createSecret done" in ran.out
