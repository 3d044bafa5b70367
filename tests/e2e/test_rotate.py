"""`vsync-rotation rotate`: a rotation is started, followed while it happens, and told when it does not end well."""

from collections.abc import Callable

import pytest

from simulator import faults
from simulator.vaults import Layout, Vault, make_vault
from simulator.world import World
from tests.e2e.operators import Operator, Ran
from tests.e2e.rotation_scenes import FUNCTION, LOG_GROUP, Waiting, deployed, works
from vsync_rotation_cli.arguments import parse
from vsync_rotation_cli.rotate.command import run

FOLLOWS = ("--follow", "--timeout", "60")


@pytest.fixture
def vault(world: World) -> Vault:
    return make_vault(world, Layout.RUNTIME)


def rotate(operator: Operator, secret: str, *options: str, between: Callable[[], object] | None = None) -> Ran:
    arguments = parse(["rotate", "--secret-id", secret, *options])
    return operator.run_command(lambda: run(arguments, Waiting(between or works(operator.world))))


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
