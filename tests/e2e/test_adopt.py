"""`vsync-rotation adopt`: tags for what was there before, and nothing else; refused as a whole or done as a whole."""

from dataclasses import dataclass

import pytest

from simulator import faults
from simulator.vaults import Layout, Vault, make_vault
from simulator.world import World
from tests.e2e.operators import Operator, Person, Ran, vault_table

CONSUMERS = 'consumers = { web = "ecs:main/web" }\nkey_rotation = { overlap_hours = 12.5, inactive_hours = 24 }'


@dataclass(frozen=True)
class Scene:
    """A vault whose secrets and user were there before, and its deployment file."""

    operator: Operator
    vault: Vault
    file: str

    def adopt(self, *options: str, given: bytes | Person | None = None) -> Ran:
        return self.operator.run("adopt", "--deployment", self.file, *options, given=given)

    def refusal(self) -> str:
        """What stands in the way, once it is sure that nothing was changed."""
        before = self.operator.writes()
        ran = self.adopt("--yes")
        assert ran.status == 1
        assert ran.err.endswith("vsync-rotation adopt: nothing was changed\n")
        assert self.operator.writes() == before
        return ran.err


def arns(operator: Operator, vault: Vault) -> dict[str, str]:
    manager, iam = operator.world.client("secretsmanager"), operator.world.client("iam")
    return {
        "config_secret": manager.describe_secret(SecretId=vault.config_secret)["ARN"],
        "passphrase_secret": manager.describe_secret(SecretId=vault.passphrase_secret)["ARN"],
        "reader_user": iam.get_user(UserName=vault.iam_user)["User"]["Arn"],
    }


def untagged(vault: Vault) -> None:
    manager = vault.world.client("secretsmanager")
    for secret in (vault.config_secret, vault.passphrase_secret):
        tags = manager.describe_secret(SecretId=secret)["Tags"]
        manager.untag_resource(SecretId=secret, TagKeys=[tag["Key"] for tag in tags])


@pytest.fixture
def scene(operator: Operator, world: World) -> Scene:
    vault = make_vault(world, Layout.RUNTIME)
    untagged(vault)
    file = operator.file(vault_table(vault, adopt=arns(operator, vault), more=CONSUMERS))
    return Scene(operator, vault, file)


def test_every_tag_is_shown_and_set_and_no_value_is_touched(scene: Scene) -> None:
    operator, vault = scene.operator, scene.vault
    labels = operator.labels(vault.config_secret)
    ran = scene.adopt(given=Person(seen=("y",)))
    assert (ran.status, ran.err) == (0, "")
    ours = "vsync-rotation:"
    both = {"repo": "acme_web", "served-by": "rota-rotation-1", "consumer:web": "ecs:main/web"}
    key = {"kind": "iam-access-key", "iam-user": vault.iam_user, "overlap-hours": "12.5", "inactive-hours": "24"}
    assert operator.tags(vault.config_secret) == {ours + tag: value for tag, value in {**both, **key}.items()}
    config = arns(operator, vault)["config_secret"]
    passphrase = {"kind": "vault-passphrase", "config-secret": config}
    assert operator.tags(vault.passphrase_secret) == {
        ours + tag: value for tag, value in {**both, **passphrase}.items()
    }
    assert all(f"+ {tag} = {value}\n" in ran.out for tag, value in operator.tags(vault.config_secret).items())
    assert operator.labels(vault.config_secret) == labels


def test_a_second_run_changes_nothing(scene: Scene) -> None:
    scene.adopt("--yes")
    before = scene.operator.writes()
    ran = scene.adopt()
    assert ran.status == 0
    assert ran.out.endswith("nothing to change\n")
    assert scene.operator.writes() == before


def test_a_dry_run_shows_and_changes_nothing(scene: Scene) -> None:
    before = scene.operator.writes()
    ran = scene.adopt("--dry-run")
    assert ran.status == 0
    assert "+ vsync-rotation:kind = iam-access-key" in ran.out
    assert scene.operator.writes() == before


def test_a_no_changes_nothing(scene: Scene) -> None:
    before = scene.operator.writes()
    ran = scene.adopt(given=Person(seen=("n",)))
    assert (ran.status, ran.out.endswith("nothing was changed\n")) == (1, True)
    assert scene.operator.writes() == before


def test_a_change_is_shown_with_both_values_and_old_consumers_go_but_a_pause_and_other_tags_stay(scene: Scene) -> None:
    scene.adopt("--yes")
    manager = scene.operator.world.client("secretsmanager")
    others = {"vsync-rotation:paused": "on", "team": "platform", "vsync-rotation:from-a-newer-release": "1"}
    tags = {"vsync-rotation:overlap-hours": "48", "vsync-rotation:consumer:old": "ecs:main/old", **others}
    manager.tag_resource(
        SecretId=scene.vault.config_secret, Tags=[{"Key": tag, "Value": value} for tag, value in tags.items()]
    )
    ran = scene.adopt(given=Person(seen=("yes",)))
    assert ran.status == 0
    assert "~ vsync-rotation:overlap-hours = 48 -> 12.5\n" in ran.out
    assert "- vsync-rotation:consumer:old (was ecs:main/old)\n" in ran.out
    assert "paused" not in ran.out
    now = scene.operator.tags(scene.vault.config_secret)
    assert now["vsync-rotation:overlap-hours"] == "12.5"
    assert "vsync-rotation:consumer:old" not in now
    assert {tag: now[tag] for tag in others} == others


def test_a_run_that_is_cut_off_between_two_calls_is_gone_on_with(scene: Scene) -> None:
    scene.adopt("--yes")
    manager = scene.operator.world.client("secretsmanager")
    old = [{"Key": "vsync-rotation:health:old", "Value": "https://old.example.com/health"}]
    manager.tag_resource(SecretId=scene.vault.config_secret, Tags=old)
    with scene.operator.world.watched_by(faults.deny(faults.operation("secretsmanager:UntagResource"))):
        ran = scene.adopt("--yes")
    assert (ran.status, "access denied: Secrets Manager refused UntagResource" in ran.err) == (1, True)
    assert scene.adopt("--yes").status == 0
    assert "vsync-rotation:health:old" not in scene.operator.tags(scene.vault.config_secret)


def test_a_secret_that_is_not_there_is_refused(scene: Scene) -> None:
    scene.operator.world.client("secretsmanager").delete_secret(
        SecretId=scene.vault.passphrase_secret, ForceDeleteWithoutRecovery=True
    )
    assert "there is no secret arn:aws:secretsmanager:" in scene.refusal()


def test_a_secret_that_is_to_be_deleted_is_refused(scene: Scene) -> None:
    scene.operator.world.client("secretsmanager").delete_secret(SecretId=scene.vault.config_secret)
    assert "acme_web/prod/VSYNC_CONFIG is scheduled for deletion" in scene.refusal()


def test_a_secret_without_a_value_is_refused(scene: Scene) -> None:
    manager = scene.operator.world.client("secretsmanager")
    manager.delete_secret(SecretId=scene.vault.passphrase_secret, ForceDeleteWithoutRecovery=True)
    manager.create_secret(Name=scene.vault.passphrase_secret)
    adopted = arns(scene.operator, scene.vault)
    scene.operator.file(vault_table(scene.vault, adopt=adopted))
    assert "acme_web/prod/VSYNC_PASSPHRASE has no value" in scene.refusal()


def test_a_replica_is_refused_with_the_region_of_its_primary(operator: Operator, world: World) -> None:
    vault = make_vault(world, Layout.RUNTIME)
    elsewhere = world.client("secretsmanager", region_name="eu-west-1")
    elsewhere.create_secret(
        Name="replicated", SecretString="replicated-passphrase", AddReplicaRegions=[{"Region": world.region}]
    )
    replica = world.client("secretsmanager").describe_secret(SecretId="replicated")["ARN"]
    file = operator.file(vault_table(vault, adopt={"passphrase_secret": replica}))
    assert "is a replica; adopt the primary, in eu-west-1" in Scene(operator, vault, file).refusal()


def test_another_rotation_function_is_refused_until_it_is_switched_off(scene: Scene) -> None:
    manager, world = scene.operator.world.client("secretsmanager"), scene.operator.world
    theirs = world.deploy("rotate_something_else", lambda _event, _context: None)
    manager.rotate_secret(SecretId=scene.vault.config_secret, RotationLambdaARN=theirs, RotateImmediately=False)
    line = scene.refusal()
    assert f"is rotated by another function, {theirs}" in line
    assert f"cancel-rotate-secret --secret-id {arns(scene.operator, scene.vault)['config_secret']} --region eu-" in line
    manager.cancel_rotate_secret(SecretId=scene.vault.config_secret)
    assert scene.adopt("--yes").status == 0


@pytest.mark.parametrize(
    ("function", "status"),
    [
        ("rota-1-rotate_iam_access_key", 0),
        ("rota-12-rotate_iam_access_key", 0),
        ("rota-1-rotate_vault_passphrase", 1),
        ("other-1-rotate_iam_access_key", 1),
        ("rota-0-rotate_iam_access_key", 1),
        ("rota-1-rotate_iam_access_key-2", 1),
    ],
)
def test_only_a_function_of_this_deployment_for_this_kind_is_ours(scene: Scene, function: str, status: int) -> None:
    world = scene.operator.world
    arn = world.deploy(function, lambda _event, _context: None)
    world.client("secretsmanager").rotate_secret(
        SecretId=scene.vault.config_secret, RotationLambdaARN=arn, RotateImmediately=False
    )
    assert scene.adopt("--yes").status == status


def test_a_customer_key_must_be_named_in_the_file(scene: Scene) -> None:
    key = scene.operator.world.client("kms").create_key()["KeyMetadata"]["Arn"]
    scene.operator.world.client("secretsmanager").update_secret(SecretId=scene.vault.config_secret, KmsKeyId=key)
    assert f"VSYNC_CONFIG is encrypted with KMS key {key}; name its ARN in the file" in scene.refusal()
    adopted = {"config_secret": arns(scene.operator, scene.vault)["config_secret"]}
    adopted |= {"reader_user": arns(scene.operator, scene.vault)["reader_user"], "kms_key": key}
    scene.operator.file(vault_table(scene.vault, adopt=adopted))
    assert scene.adopt("--yes").status == 0
    scene.operator.file(vault_table(scene.vault, adopt={**adopted, "kms_key": key[:-4] + "0000"}))
    assert "the file names" in scene.refusal()


def test_a_user_that_is_not_there_or_elsewhere_is_refused(scene: Scene) -> None:
    adopted = arns(scene.operator, scene.vault)
    wrong_path = adopted["reader_user"].replace("/vsync/", "/people/")
    scene.operator.file(vault_table(scene.vault, adopt={**adopted, "reader_user": wrong_path}))
    assert f"the file names {wrong_path}, but the user's ARN is {adopted['reader_user']}" in scene.refusal()
    absent = adopted["reader_user"].replace(scene.vault.iam_user, "nobody")
    scene.operator.file(vault_table(scene.vault, adopt={**adopted, "reader_user": absent}))
    assert "there is no IAM user nobody" in scene.refusal()


def test_a_second_key_that_no_rotation_made_is_told_but_no_obstacle(scene: Scene) -> None:
    iam = scene.operator.world.client("iam")
    foreign = iam.create_access_key(UserName=scene.vault.iam_user)["AccessKey"]["AccessKeyId"]
    told = f"has two access keys, and {foreign} is not the one in the secret"
    ran = scene.adopt("--yes")
    assert (ran.status, told in ran.out) == (0, True)
    mark = {"Key": f"vsync-rotation:superseded-at:{foreign}", "Value": "2026-01-01T00:00:00Z"}
    iam.tag_user(UserName=scene.vault.iam_user, Tags=[mark])
    assert told not in scene.adopt("--yes").out


def test_a_blob_that_disagrees_with_the_file_is_refused(scene: Scene) -> None:
    path = scene.operator.folder / "production.toml"
    path.write_text(path.read_text().replace("vault-bucket", "another-bucket"))
    assert "bucket is 'vault-bucket', the deployment file says 'another-bucket'" in scene.refusal()


def test_a_blob_of_another_users_key_is_refused(scene: Scene) -> None:
    iam = scene.operator.world.client("iam")
    user = iam.create_user(UserName="somebody", Path="/vsync/")["User"]["Arn"]
    adopted = {**arns(scene.operator, scene.vault), "reader_user": user}
    scene.operator.file(vault_table(scene.vault, adopt=adopted))
    assert f"belongs to user {scene.vault.iam_user}, not to somebody" in scene.refusal()


def test_a_config_secret_that_holds_something_else_is_refused(scene: Scene) -> None:
    manager = scene.operator.world.client("secretsmanager")
    manager.put_secret_value(SecretId=scene.vault.config_secret, SecretString="something-else-altogether")
    assert "neither a vsync-cfg-v1: blob nor a JSON object" in scene.refusal()


def test_a_value_that_may_not_be_read_is_not_needed(scene: Scene) -> None:
    with scene.operator.world.watched_by(faults.deny(faults.operation("secretsmanager:GetSecretValue"))):
        ran = scene.adopt("--yes")
    assert ran.status == 0
    assert "was not compared with the deployment file" in ran.out


def test_no_passphrase_is_read(scene: Scene) -> None:
    scene.adopt("--yes")
    reads = [request for request in scene.operator.world.requests if request.operation == "GetSecretValue"]
    assert len(reads) == 1


def test_more_tags_than_a_secret_can_have_are_refused(scene: Scene) -> None:
    tags = [{"Key": f"of-yours-{number}", "Value": "1"} for number in range(45)]
    scene.operator.world.client("secretsmanager").tag_resource(SecretId=scene.vault.config_secret, Tags=tags)
    assert "would have 52 tags, it can have 50" in scene.refusal()


def test_one_vault_that_cannot_be_adopted_keeps_all_others_unchanged(scene: Scene, world: World) -> None:
    other = make_vault(world, Layout.RUNTIME, repo="acme_api")
    tables = [vault_table(v, adopt=arns(scene.operator, v)) for v in (scene.vault, other)]
    scene.operator.file(*tables)
    world.client("secretsmanager").delete_secret(SecretId=other.config_secret)
    world.client("secretsmanager").delete_secret(SecretId=other.passphrase_secret)
    problems = scene.refusal()
    assert problems.count("acme_api/prod: secret") == 2
    assert scene.operator.tags(scene.vault.config_secret) == {}


def test_a_file_that_adopts_nothing_has_nothing_to_change(operator: Operator, world: World) -> None:
    vault = make_vault(world, Layout.RUNTIME)
    ran = operator.run("adopt", "--deployment", operator.file(vault_table(vault)))
    assert (ran.status, ran.out) == (0, "the deployment file adopts no secret\nnothing to change\n")


def test_a_secret_that_another_rotation_stack_serves_is_not_moved(scene: Scene) -> None:
    scene.adopt("--yes")
    for secret, folder in (
        (scene.vault.config_secret, "rotate_iam_access_key"),
        (scene.vault.passphrase_secret, "rotate_vault_passphrase"),
    ):
        arn = scene.operator.world.deploy(f"rota-1-{folder}", lambda _event, _context: None)
        scene.operator.world.client("secretsmanager").rotate_secret(
            SecretId=secret, RotationLambdaARN=arn, RotateImmediately=False
        )
    more = f"{CONSUMERS}\nrotation_stack = 2"
    moved = scene.operator.file(vault_table(scene.vault, adopt=arns(scene.operator, scene.vault), more=more))
    line = Scene(scene.operator, scene.vault, moved).refusal()
    assert f"secret {scene.vault.config_secret} is served by rota-rotation-1" in line
    assert f"secret {scene.vault.passphrase_secret} is served by rota-rotation-1" in line
    assert "write rotation_stack = 1 for its vault in the file" in line


def test_what_nobody_rotates_any_more_may_be_served_by_another_rotation_stack(scene: Scene) -> None:
    """A vault that was forgotten, and comes back when its old stack is full."""
    scene.adopt("--yes")
    more = f"{CONSUMERS}\nrotation_stack = 2"
    moved = scene.operator.file(vault_table(scene.vault, adopt=arns(scene.operator, scene.vault), more=more))
    assert Scene(scene.operator, scene.vault, moved).adopt("--yes").status == 0
    assert scene.operator.tags(scene.vault.config_secret)["vsync-rotation:served-by"] == "rota-rotation-2"


def test_a_secret_that_another_deployment_serves_is_not_taken_over(scene: Scene) -> None:
    scene.adopt("--yes")
    path = scene.operator.folder / "production.toml"
    path.write_text(path.read_text().replace('stack_prefix = "rota"', 'stack_prefix = "other"'))
    tags = scene.operator.tags(scene.vault.config_secret)
    line = scene.refusal()
    for secret, key in (
        (scene.vault.config_secret, "config_secret"),
        (scene.vault.passphrase_secret, "passphrase_secret"),
    ):
        assert f"secret {secret} is served by rota-rotation-1, of another vsync deployment" in line
        assert f"untag-resource --secret-id {arns(scene.operator, scene.vault)[key]} --tag-keys vsync-" in line
    assert "take the vault out of that deployment's file and deploy that with --forget acme_web/prod, take the" in line
    assert scene.operator.tags(scene.vault.config_secret) == tags
    for secret in (scene.vault.config_secret, scene.vault.passphrase_secret):
        scene.operator.world.client("secretsmanager").untag_resource(
            SecretId=secret, TagKeys=["vsync-rotation:served-by"]
        )
    assert scene.adopt("--yes").status == 0
    assert scene.operator.tags(scene.vault.config_secret)["vsync-rotation:served-by"] == "other-rotation-1"


@pytest.mark.parametrize("served_by", ["rota-rotation-0", "rota-eu-rotation-1", "by-hand"])
def test_whatever_says_that_it_serves_a_secret_and_is_none_of_ours_is_asked_first(scene: Scene, served_by: str) -> None:
    tags = [{"Key": "vsync-rotation:served-by", "Value": served_by}]
    scene.operator.world.client("secretsmanager").tag_resource(SecretId=scene.vault.passphrase_secret, Tags=tags)
    assert f"is served by {served_by}, of another vsync deployment" in scene.refusal()


@pytest.mark.parametrize("tagged", [True, False])
def test_nobody_is_told_to_cancel_the_rotation_of_another_deployment(scene: Scene, tagged: bool) -> None:
    """Cancelled, nothing would rotate the secret, and both deployments would take it for theirs."""
    manager, world = scene.operator.world.client("secretsmanager"), scene.operator.world
    function = "whatever-they-call-it" if tagged else "other-2-rotate_iam_access_key"
    arn = world.deploy(function, lambda _event, _context: None)
    secret = scene.vault.config_secret
    manager.rotate_secret(SecretId=secret, RotationLambdaARN=arn, RotateImmediately=False)
    if tagged:
        manager.tag_resource(SecretId=secret, Tags=[{"Key": "vsync-rotation:served-by", "Value": "other-rotation-2"}])
    line = scene.refusal()
    assert "cancel-rotate-secret" not in line
    assert "deploy that with --forget acme_web/prod" in line
    assert tagged or f"{arn}, of the vsync deployment with stack_prefix other" in line


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (1, "tags are set on acme_web/prod/VSYNC_CONFIG (perhaps not all of them); the same command"),
        (
            2,
            "tags are set on acme_web/prod/VSYNC_CONFIG, acme_web/prod/VSYNC_PASSPHRASE (perhaps not all of them); the",
        ),
    ],
)
def test_an_interruption_says_which_tags_are_set(scene: Scene, at: int, told: str) -> None:
    ctrl_c = faults.afterwards(faults.nth(at, faults.operation("secretsmanager:TagResource")), interrupt)
    with scene.operator.world.watched_by(ctrl_c):
        ran = scene.adopt("--yes")
    assert (ran.status, ran.err.count("\n")) == (130, 1)
    assert f"vsync-rotation adopt: {told}" in ran.err
    assert scene.adopt("--yes").status == 0


def test_an_interruption_at_the_question_says_that_nothing_was_changed(scene: Scene) -> None:
    class Leaves(Person):
        def readline(self, _size: int | None = -1, /) -> str:  # type: ignore[override]  # as the base
            raise KeyboardInterrupt

    before = scene.operator.writes()
    ran = scene.adopt(given=Leaves())
    assert (ran.status, ran.err) == (130, "vsync-rotation adopt: nothing was changed\n")
    assert scene.operator.writes() == before


def interrupt() -> None:
    raise KeyboardInterrupt
