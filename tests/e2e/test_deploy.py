"""`vsync-rotation deploy`: the order of things, what stops it, and that a run which ended early is gone on with."""

import sys
from typing import Any

import pytest

from simulator import faults
from simulator.vaults import SALT, Layout, make_vault
from simulator.world import World
from tests.e2e.deploy_scenes import BOOTSTRAP, Scene, new_scene
from tests.e2e.operators import NAME, Operator, Person, vault_table
from tests.e2e.test_adopt import arns, untagged
from vsync_rotation_cli.arguments import parse
from vsync_rotation_cli.aws.premises import Account, Trail
from vsync_rotation_cli.aws.session import Session
from vsync_rotation_cli.deploy.command import run

SLUG = "acme-web-prod-"


@pytest.fixture
def scene(operator: Operator, world: World) -> Scene:
    return new_scene(operator, world)


def test_a_new_vault_gets_from_a_file_to_a_rotated_key(scene: Scene) -> None:
    person = Person(seen=("y", "y", "y"), unseen=(scene.location, scene.passphrase))
    ran = scene.deploy(given=person)
    assert (ran.status, ran.err) == (0, "")
    assert person.has_said_everything
    assert scene.vault.boot().values["GREETING"] == "hello"
    assert scene.vault.blob()["salt"] == SALT
    *preparations, surviving, replaceable = scene.checkout.ran
    assert preparations == ["npm ci", "package", f"synthesize {NAME}", "diff"]
    assert surviving.startswith(f"deploy rota-foundation rota-vault-{SLUG}")
    assert replaceable == "deploy rota-rotation-1 rota-watch"
    assert "AWSCURRENT moved: the new value is live" in ran.out


def test_a_second_run_asks_nothing_but_consent_and_rotates_nothing(scene: Scene) -> None:
    assert scene.deploy("--yes", "--from", scene.values()).status == 0
    labels = scene.operator.labels(scene.vault.config_secret)
    ran = scene.deploy(given=Person(seen=("y",)))
    assert (ran.status, ran.err) == (0, "")
    assert "every secret that the stacks made has a value" in ran.out
    assert "every access key has rotated before" in ran.out
    assert "npm ci" not in scene.checkout.ran
    assert scene.operator.labels(scene.vault.config_secret) == labels


def test_nothing_is_deployed_or_written_without_consent(scene: Scene) -> None:
    before = scene.operator.writes()
    ran = scene.deploy(given=Person(seen=("n",)))
    assert (ran.status, scene.deployments) == (1, [])
    assert ran.out.endswith("nothing was deployed\n")
    assert scene.operator.writes() == before


def test_with_nobody_to_agree_nothing_is_looked_at_built_or_read(scene: Scene) -> None:
    before = scene.operator.writes()
    ran = scene.deploy("--from", "-", given=scene.location.encode())
    assert (ran.status, ran.out, scene.checkout.ran) == (2, "", [])
    assert "nothing is deployed without a yes; say --yes" in ran.err
    assert sys.stdin.read() == scene.location
    assert scene.operator.writes() == before


@pytest.mark.parametrize("options", [("--no-rotate",), ()])
def test_a_first_rotation_can_wait(scene: Scene, options: tuple[str, ...]) -> None:
    person = Person(seen=("y", "y", "n"), unseen=(scene.location, scene.passphrase))
    ran = scene.deploy(*options, given=person)
    assert ran.status == 0
    assert scene.vault.config() == scene.location
    assert scene.deploy("--yes").status == 0
    assert scene.vault.boot().values["GREETING"] == "hello"


def test_a_vault_that_was_never_pushed_waits_for_its_first_rotation(scene: Scene) -> None:
    """Its reader may be told 403 where there is nothing, and the new key would be polled for a quarter of an hour."""
    s3 = scene.world.client("s3")
    for found in s3.list_objects_v2(Bucket=scene.vault.bucket)["Contents"]:
        s3.delete_object(Bucket=scene.vault.bucket, Key=found["Key"])
    ran = scene.deploy("--yes", "--from", scene.values())
    assert ran.status == 0
    assert (
        f"acme_web/prod: nothing was pushed to {scene.vault.bucket} yet; push, then rotate: vsync-rotation" in ran.out
    )
    assert scene.vault.config() == scene.location


def test_a_bucket_that_may_not_be_looked_into_hinders_no_first_rotation(scene: Scene) -> None:
    by_the_command = faults.deny(lambda request: request.operation == "HeadObject" and request.function is None)
    with scene.world.watched_by(by_the_command):
        ran = scene.deploy("--yes", "--from", scene.values())
    assert ran.status == 0
    assert scene.vault.config() != scene.location


def test_credentials_of_another_account_are_refused_before_any_program_runs(scene: Scene) -> None:
    path = scene.checkout.deployments / f"{NAME}.toml"
    path.write_text(path.read_text().replace("123456789012", "210987654321"))
    assert "these credentials are of account 123456789012" in scene.refusal()
    assert scene.checkout.ran == []


def test_an_account_without_bootstrap_is_told_the_command(scene: Scene) -> None:
    scene.world.client("ssm").delete_parameter(Name=BOOTSTRAP)
    line = scene.refusal()
    assert "account 123456789012, region eu-central-1 was never bootstrapped for the CDK; once: " in line
    assert (
        "node node_modules/aws-cdk/bin/cdk bootstrap --app build/cdk/production aws://123456789012/eu-central-1\n"
        in line
    )


def test_a_bootstrap_version_that_is_no_number_is_told(scene: Scene) -> None:
    scene.world.client("ssm").put_parameter(Name=BOOTSTRAP, Value="abc", Type="String", Overwrite=True)
    assert f"parameter {BOOTSTRAP} is no number" in scene.refusal()


def test_a_bootstrap_that_is_too_old_is_told(scene: Scene) -> None:
    scene.world.client("ssm").put_parameter(Name=BOOTSTRAP, Value="5", Type="String", Overwrite=True)
    assert "has bootstrap version 5, too old" in scene.refusal()


@pytest.mark.parametrize("program", ["npm ci", "package", f"synthesize {NAME}", "diff"])
def test_a_preparation_that_fails_ends_it(scene: Scene, program: str) -> None:
    scene.checkout.fails.add(program)
    assert "ended with status 1 and says above why" in scene.refusal()
    assert scene.checkout.ran[-1] == program


def test_a_stack_that_fails_ends_it_and_the_next_run_goes_on(scene: Scene) -> None:
    values = scene.values()
    scene.checkout.fails.add("deploy rota-rotation-1 rota-watch")
    ran = scene.deploy("--yes", "--from", values)
    assert ran.status == 1
    assert "running this again goes on from there" in ran.err
    assert scene.vault.config() == scene.location
    scene.checkout.fails.clear()
    assert scene.deploy("--yes").status == 0
    assert scene.vault.boot().values["GREETING"] == "hello"


def test_without_good_values_no_function_is_deployed_and_the_next_run_asks_again(scene: Scene) -> None:
    wrong = "opens-no-vault-at-all"
    scene.world.secrets.add(wrong)
    ran = scene.deploy(given=Person(seen=("y",), unseen=(scene.location, wrong)))
    assert ran.status == 2
    assert "does not open the vault" in ran.err
    assert len(scene.deployments) == 1
    assert scene.operator.labels(scene.vault.config_secret) == {}
    again = scene.deploy(given=Person(seen=("y", "y", "y"), unseen=(scene.location, scene.passphrase)))
    assert again.status == 0


def test_a_no_to_writing_values_deploys_no_function(scene: Scene) -> None:
    ran = scene.deploy(given=Person(seen=("y", "n"), unseen=(scene.location, scene.passphrase)))
    assert (ran.status, len(scene.deployments)) == (1, 1)


def test_adopted_secrets_need_their_tags_first(scene: Scene, world: World) -> None:
    adopted = make_vault(world, Layout.RUNTIME, repo="acme_api")
    untagged(adopted)
    table = vault_table(adopted, adopt=arns(scene.operator, adopted))
    scene.write(table)
    line = scene.refusal()
    assert f"lack tags that the deployment file wants: {adopted.config_secret}, {adopted.passphrase_secret}" in line
    assert "make adopt DEPLOYMENT=production" in line
    scene.operator.run("adopt", "--yes", "--deployment", scene.operator.file(table))
    old = adopted.blob()["accessKeyId"]
    ran = scene.deploy("--yes")
    assert ran.status == 0
    assert adopted.blob()["accessKeyId"] != old
    assert adopted.boot().values["GREETING"] == "hello"


def test_what_cannot_be_adopted_ends_it(scene: Scene, world: World) -> None:
    adopted = make_vault(world, Layout.RUNTIME, repo="acme_api")
    scene.write(vault_table(adopted, adopt=arns(scene.operator, adopted)))
    world.client("secretsmanager").delete_secret(SecretId=adopted.passphrase_secret)
    assert "is scheduled for deletion" in scene.refusal()


def test_a_vault_that_leaves_the_file_is_refused_until_it_is_forgotten(scene: Scene) -> None:
    other = scene.another()
    scene.write(vault_table(scene.vault), vault_table(other))
    assert scene.deploy("--yes", "--from", scene.values()).status == 0
    scene.write(vault_table(scene.vault))
    line = scene.refusal()
    assert "rota-rotation-1: rotation schedule KeyAcmeApiProd" in line
    assert "or say --forget <repo>/<env>" in line
    ran = scene.deploy("--forget", "acme_api/prod", given=Person(seen=("y",)))
    assert ran.status == 0
    assert "acme_api/prod is forgotten: once deployed, nothing rotates, retires or checks its secrets." in ran.out
    assert "stay, in stack rota-vault-acme-api-prod-" in ran.out
    assert "is deployed and not in the file any more; it stays as it is" in ran.out
    assert other.boot().values["GREETING"] == "hello"
    assert not scene.rotates(other.config_secret)


def test_a_vault_that_would_move_to_another_rotation_stack_is_refused(scene: Scene) -> None:
    scene.deployed()
    scene.write(vault_table(scene.vault, more="rotation_stack = 2"))
    line = scene.refusal()
    assert "would move to rota-rotation-2" in line
    assert "set rotation_stack of its vault" in line


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--forget", "acme_web/prod"), "acme_web/prod is in the deployment file; take it out first"),
        (("--forget", "acme_web"), "--forget takes <repo>/<env>, not 'acme_web'"),
        (("--forget", "/prod"), "--forget takes <repo>/<env>"),
    ],
)
def test_a_vault_to_forget_must_be_one_that_is_gone(scene: Scene, options: tuple[str, ...], told: str) -> None:
    assert told in scene.refusal(*options, status=2)


@pytest.mark.parametrize("name", ["cdk/deployments/production", "production.toml", "nothing"])
def test_only_a_file_of_the_checkout_is_deployed(scene: Scene, name: str) -> None:
    arguments = parse(["deploy", "--deployment", name])
    ran = scene.operator.run_command(lambda: run(arguments, tools=scene.checkout.tools))
    assert (ran.status, ran.err.count("\n"), scene.checkout.ran) == (2, 1, [])


SILENT = "the rules for RotationFailed, RotationAbandoned"


def test_what_another_file_claims_is_refused_before_any_program_runs(scene: Scene) -> None:
    mine = (scene.checkout.deployments / f"{NAME}.toml").read_text()
    (scene.checkout.deployments / "another.toml").write_text(mine)
    ran = scene.deploy()
    assert (ran.status, scene.checkout.ran) == (2, [])
    assert f"{NAME}.toml: stack_prefix: is " in ran.err
    assert "another.toml" in ran.err


def test_a_region_without_a_trail_is_told_what_stays_silent(scene: Scene) -> None:
    ran = scene.deploy(given=Person(seen=("n",)))
    assert f"note: no CloudTrail trail records management events here, so that {SILENT}" in ran.out


EVERYTHING = {"ReadWriteType": "All", "IncludeManagementEvents": True}
BY_FIELD = {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
READS = {"FieldSelectors": [*BY_FIELD["FieldSelectors"], {"Field": "readOnly", "Equals": ["true"]}]}


def trail_in(world: World) -> Any:
    """A trail of everything that is not switched on yet, as CloudTrail's client."""
    trail = world.client("cloudtrail")
    place = {"LocationConstraint": world.region}
    world.client("s3").create_bucket(Bucket="trails", CreateBucketConfiguration=place)
    trail.create_trail(Name="all", S3BucketName="trails")
    trail.put_event_selectors(TrailName="all", EventSelectors=[EVERYTHING])
    return trail


def test_a_trail_says_nothing_where_the_file_knows_of_it(scene: Scene) -> None:
    trail_in(scene.world).start_logging(Name="all")
    told = scene.deploy(given=Person(seen=("n",))).out
    assert SILENT not in told
    assert "the deployment file may say trail = true" in told
    scene.write(vault_table(scene.vault), head="[notifications]\ntrail = true\n")
    assert "CloudTrail" not in scene.deploy(given=Person(seen=("n",))).out


def test_only_a_trail_that_is_switched_on_and_records_what_writes_is_one(world: World) -> None:
    account, trail = Account(Session()), trail_in(world)
    assert account.trail() is Trail.MISSING
    trail.start_logging(Name="all")
    assert account.trail() is Trail.RECORDS
    trail.put_event_selectors(TrailName="all", EventSelectors=[{**EVERYTHING, "ReadWriteType": "ReadOnly"}])
    assert account.trail() is Trail.MISSING
    trail.put_event_selectors(TrailName="all", AdvancedEventSelectors=[{"Name": "m", **BY_FIELD}])
    assert account.trail() is Trail.RECORDS
    trail.put_event_selectors(TrailName="all", AdvancedEventSelectors=[{"Name": "m", **READS}])
    assert account.trail() is Trail.MISSING


def test_a_trail_that_cannot_be_seen_is_no_finding(scene: Scene) -> None:
    with scene.world.watched_by(faults.deny(faults.operation("cloudtrail:DescribeTrails"))):
        ran = scene.deploy(given=Person(seen=("n",)))
    assert "could not be seen; if none does" in ran.out


def test_a_first_rotation_that_fails_is_told_and_the_deployment_stands(scene: Scene) -> None:
    with scene.world.watched_by(faults.deny(faults.operation("iam:CreateAccessKey"))):
        ran = scene.deploy("--yes", "--from", scene.values(), slowness=30.0)
    assert ran.status == 1
    assert "production is deployed" in ran.out
    assert "has not ended within 900 s" in ran.out
    assert scene.deploy("--yes").status == 0
    assert scene.vault.boot().values["GREETING"] == "hello"


def test_a_paused_secret_is_not_rotated(scene: Scene) -> None:
    scene.deploy("--yes", "--no-rotate", "--from", scene.values())
    scene.world.client("secretsmanager").tag_resource(
        SecretId=scene.vault.config_secret, Tags=[{"Key": "vsync-rotation:paused", "Value": "on"}]
    )
    assert scene.deploy("--yes").status == 0
    assert scene.vault.config() == scene.location


def test_a_dry_run_shows_the_changes_and_makes_nothing(scene: Scene) -> None:
    before = scene.operator.writes()
    ran = scene.deploy("--dry-run")
    assert (ran.status, ran.err, scene.deployments) == (0, "", [])
    assert scene.checkout.ran[-1] == "diff"
    assert ran.out.endswith("nothing was deployed\n")
    assert scene.operator.writes() == before


def test_a_secret_that_is_there_already_wants_adopting(scene: Scene) -> None:
    secret = scene.world.client("secretsmanager").create_secret(
        Name=scene.vault.config_secret, SecretString=scene.location
    )
    line = scene.refusal()
    assert f"secret {scene.vault.config_secret} is there, and no stack of ours holds it; adopt it: " in line
    assert f'config_secret = "{secret["ARN"]}" in vaults.adopt' in line
    assert "delete-secret" not in line


def test_what_a_first_deployment_that_failed_left_behind_can_be_removed(scene: Scene) -> None:
    scene.world.client("secretsmanager").create_secret(Name=scene.vault.passphrase_secret)
    line = scene.refusal()
    assert f"delete-secret --force-delete-without-recovery --secret-id {scene.vault.passphrase_secret}" in line


def test_a_secret_on_its_way_out_is_not_taken_for_a_free_name(scene: Scene) -> None:
    manager = scene.world.client("secretsmanager")
    manager.create_secret(Name=scene.vault.config_secret, SecretString=scene.location)
    manager.delete_secret(SecretId=scene.vault.config_secret)
    assert "it is scheduled for deletion" in scene.refusal()


def test_a_user_that_is_there_already_wants_adopting(scene: Scene) -> None:
    name = f"vsync-{scene.vault.repo}-{scene.vault.env}-reader"
    iam = scene.world.client("iam")
    arn = iam.create_user(UserName=name, Path="/people/")["User"]["Arn"]
    assert f'reader_user = "{arn}" in vaults.adopt; or remove it, it has no access key' in scene.refusal()
    iam.create_access_key(UserName=name)
    line = scene.refusal()
    assert f'reader_user = "{arn}" in vaults.adopt' in line
    assert "remove it" not in line


def test_what_a_stack_has_made_is_not_taken_for_somebody_elses(scene: Scene) -> None:
    scene.deployed()
    assert scene.deploy("--dry-run").status == 0


def test_a_bucket_that_is_there_already_is_told_before_anything_is_made(scene: Scene) -> None:
    scene.write(vault_table(scene.vault, more="create_bucket = true"))
    assert f"bucket {scene.vault.bucket} is there, and no stack of ours holds it" in scene.refusal()


def test_a_rotation_stack_that_serves_nobody_any_more_is_deleted_once_that_is_meant(scene: Scene) -> None:
    other = scene.another()
    scene.write(vault_table(scene.vault), vault_table(other, more="rotation_stack = 2"))
    scene.deployed()
    scene.write(vault_table(scene.vault))
    assert "rotation schedule KeyAcmeApiProd" in scene.refusal()
    ran = scene.deploy("--yes", "--forget", "acme_api/prod")
    assert (ran.status, ran.err) == (0, "")
    assert "stack rota-rotation-2 is deployed and not in the file any more; it serves nobody any more" in ran.out
    left = {found["StackName"] for found in scene.world.client("cloudformation").describe_stacks()["Stacks"]}
    assert "rota-rotation-2" not in left
    assert any(name.startswith("rota-vault-acme-api-prod-") for name in left)
    assert scene.vault.boot().values["GREETING"] == "hello"
