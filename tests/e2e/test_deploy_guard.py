"""What deploying refuses for the sake of what rotates, what applications read, and what somebody else has deployed."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cdk.config.reading import read
from simulator import faults
from simulator.vaults import Vault
from simulator.world import World
from tests.e2e.checkouts import templates_of
from tests.e2e.deploy_scenes import Scene, new_scene
from tests.e2e.operators import NAME, Operator, Person, vault_table

CONFIG_BETA = "beta/prod/VSYNC_CONFIG"


@pytest.fixture
def scene(operator: Operator, world: World) -> Scene:
    return new_scene(operator, world)


class Interrupted(Person):
    """Somebody who is slow to say yes: `meanwhile` happens before the nth answer."""

    def __init__(self, meanwhile: Callable[[], None], *, at: int = 1, **answers: tuple[str, ...]) -> None:
        super().__init__(**answers)
        self._meanwhile, self._until = meanwhile, at

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]  # the base names bytes too
        self._until -= 1
        if not self._until:
            self._meanwhile()
        return super().readline(size)


def colleague(scene: Scene, *tables: str) -> Callable[[], None]:
    """Deploys a file of their own of the same name, as a whole, from another checkout."""

    def deploys() -> None:
        file = scene.checkout.deployments / f"{NAME}.toml"
        mine = file.read_text()
        scene.write(*tables)
        for stack, template in templates_of(read(file)).items():
            scene.checkout.update(stack, template)
        file.write_text(mine)

    return deploys


@pytest.mark.parametrize("more", ["", "rotation_stack = 2"])
def test_a_vault_by_another_name_keeps_its_rotation(scene: Scene, more: str) -> None:
    manager = scene.world.client("secretsmanager")
    beta = scene.adoptable()
    scene.write(vault_table(scene.vault), scene.adopted(beta))
    scene.adopt()
    scene.deployed()
    assert scene.rotates(beta.config_secret)
    scene.write(vault_table(scene.vault), scene.adopted(beta, repo="gamma", more=more))
    for secret in (
        beta.config_secret,
        beta.passphrase_secret,
    ):  # or adopting would refuse to have another stack serve it
        manager.untag_resource(SecretId=secret, TagKeys=["vsync-rotation:served-by"])
    scene.adopt()
    line = scene.refusal("--forget", "beta/prod")
    assert "and end the rotation of a secret that is still in the file, as KeyGammaProd" in line
    assert f"in rota-rotation-{2 if more else 1}; keep repo and env of its vault" in line
    assert scene.rotates(beta.config_secret)


def test_what_a_colleague_deploys_before_the_answer_is_not_undone(scene: Scene) -> None:
    scene.deployed()
    beta = scene.adoptable()
    deploys = colleague(scene, vault_table(scene.vault), scene.adopted(beta))
    ran = scene.deploy("--no-rotate", given=Interrupted(deploys, seen=("y",)))
    assert (ran.status, scene.deployments) == (1, [])
    assert "somebody else has deployed since you looked: rota-rotation-1; see what they did" in ran.err
    assert ran.err.endswith(
        "look again: make diff DEPLOYMENT=production\nvsync-rotation deploy: nothing was deployed\n"
    )
    assert scene.rotates(beta.config_secret)


def test_what_a_colleague_deploys_while_values_are_typed_is_not_undone(scene: Scene) -> None:
    scene.deployed()
    beta, new = scene.adoptable(), scene.another()
    scene.write(vault_table(scene.vault), vault_table(new))
    deploys = colleague(scene, vault_table(scene.vault), scene.adopted(beta))
    typed = scene.further[new.repo]
    ran = scene.deploy("--no-rotate", given=Interrupted(deploys, at=2, seen=("y", "y"), unseen=typed))
    assert ran.status == 1
    assert "somebody else has deployed since you looked: rota-rotation-1" in ran.err
    assert "what survives is deployed; functions and schedules are as before; run the same again" in ran.err
    assert len(scene.deployments) == 1
    assert scene.rotates(beta.config_secret)


def test_a_rotation_stack_that_a_colleague_has_taken_up_again_is_not_deleted(scene: Scene) -> None:
    other = scene.another()
    both = (vault_table(scene.vault), vault_table(other, more="rotation_stack = 2"))
    scene.write(*both)
    scene.deployed()
    scene.write(both[0])
    beta = scene.adoptable()
    deploys = colleague(scene, *both, scene.adopted(beta, more="rotation_stack = 2"))
    scene.checkout.afterwards = lambda word: deploys() if word.endswith("rota-watch") else None
    ran = scene.deploy("--yes", "--no-rotate", "--forget", "acme_api/prod")
    assert ran.status == 1
    assert "somebody else has deployed since you looked: rota-rotation-2" in ran.err
    assert ran.err.endswith("and rota-rotation-2 was not deleted; run the same again to go on\n")
    assert scene.rotates(beta.config_secret)


def idle_stacks(scene: Scene) -> Vault:
    """Deploy two rotation stacks more, and leave their vaults out of the file. Returns the vault of the second."""
    api, sms = scene.another(), scene.another("acme_sms")
    mine = vault_table(scene.vault)
    scene.write(mine, vault_table(api, more="rotation_stack = 2"), vault_table(sms, more="rotation_stack = 3"))
    scene.deployed()
    scene.write(mine)
    return sms


FORGET = ("--yes", "--no-rotate", "--forget", "acme_api/prod", "--forget", "acme_sms/prod")
ON_DELETING = faults.operation("cloudformation:DeleteStack")


def test_a_rotation_stack_that_a_colleague_takes_up_again_during_the_deletion_of_another_stays(scene: Scene) -> None:
    sms = idle_stacks(scene)
    stack = "rota-rotation-3"

    def deploys() -> None:
        scene.checkout.update(stack, {**scene.checkout.stacks[stack], "Description": "vsync rotation: for 2 vaults."})

    with scene.world.watched_by(faults.afterwards(faults.nth(1, ON_DELETING), deploys)):
        ran = scene.deploy(*FORGET)
    assert ran.status == 1
    assert "deleting stack rota-rotation-2" in ran.out
    assert "somebody else has deployed since you looked: rota-rotation-3" in ran.err
    assert ran.err.endswith("and rota-rotation-3 was not deleted; run the same again to go on\n")
    assert scene.rotates(sms.config_secret)


def test_an_idle_stack_that_cannot_be_deleted_says_what_stands(scene: Scene) -> None:
    idle_stacks(scene)
    with scene.world.watched_by(faults.deny(ON_DELETING)):
        ran = scene.deploy(*FORGET)
    assert ran.status == 1
    assert "access denied: CloudFormation refused DeleteStack" in ran.err
    assert (
        "all stacks of the file but a chat are deployed; CloudFormation may go on deleting rota-rotation-2" in ran.err
    )
    assert scene.deploy(*FORGET).status == 0


REPLICAS = 'replica_regions = ["eu-west-1", "us-east-1"]'


def test_a_replica_is_deleted_only_where_that_is_meant(scene: Scene) -> None:
    scene.write(vault_table(scene.vault, more=REPLICAS))
    scene.deployed()
    scene.write(vault_table(scene.vault, more='replica_regions = ["us-east-1"]'))
    line = scene.refusal()
    assert "the replica of secret ConfigSecret (acme_web/prod/VSYNC_CONFIG) in eu-west-1 would be deleted" in line
    assert "say --drop-replica eu-west-1 if that is meant" in line
    scene.refusal("--drop-replica", "us-east-1")
    ran = scene.deploy("--drop-replica", "eu-west-1", given=Person(seen=("y",)))
    assert ran.status == 0
    told, question = "in eu-west-1 is deleted: applications that read it there cannot start", "Deploy this to account"
    assert 0 < ran.out.index(told) < ran.out.index(question)


def test_a_secret_keeps_its_key(scene: Scene) -> None:
    key = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    scene.write(vault_table(scene.vault), head=f'kms_key = "{key}"\n')
    scene.deployed()
    scene.write(vault_table(scene.vault))
    line = scene.refusal()
    assert "would be encrypted with another key before the functions' roles may use it" in line
    assert "put back kms_key" in line


KEY = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-{}"


def test_a_key_that_was_wrong_is_corrected_while_no_secret_has_a_value(scene: Scene) -> None:
    other = scene.another()
    scene.write(vault_table(scene.vault), head=f'kms_key = "{KEY.format(12 * "5")}"\n')
    assert scene.deploy(given=Person(seen=("y",))).status != 0  # no value is typed
    right = f'kms_key = "{KEY.format(12 * "6")}"\n'
    scene.write(vault_table(scene.vault), vault_table(other), head=right)
    assert scene.deploy("--yes", "--from", scene.values()).status == 0
    scene.write(vault_table(scene.vault), vault_table(other), head=right.replace("666", "777"))
    assert scene.refusal().count("would be encrypted with another key") == 4


def test_a_vault_that_was_never_here_is_not_forgotten(scene: Scene) -> None:
    other = scene.another()
    scene.write(vault_table(scene.vault), vault_table(other))
    scene.deployed()
    line = scene.refusal("--forget", "acme_web/typo", status=2)
    assert "nothing here rotates acme_web/typo, so that there is nothing to forget" in line
    assert "every schedule that is deployed is of a vault in the file" in line
    scene.write(vault_table(scene.vault))
    assert "could be forgotten: acme_api/prod\n" in scene.refusal("--forget", "acme_web/typo", status=2)
    assert scene.checkout.ran == []


def test_adopted_vaults_that_could_be_forgotten_are_named_where_their_secrets_tell(scene: Scene) -> None:
    beta, gamma = scene.adoptable("beta"), scene.adoptable("gamma")
    scene.write(vault_table(scene.vault), scene.adopted(beta), scene.adopted(gamma, repo="delta"))
    scene.adopt()
    scene.deployed()
    scene.write(vault_table(scene.vault))
    line = scene.refusal("--forget", "acme_web/typo", status=2)
    assert re.search(
        r"could be forgotten: beta/prod, the adopted vault with the schedule KeyDeltaProd\w+Rotation", line
    )


def test_a_vault_that_is_forgotten_already_is_no_hindrance(scene: Scene) -> None:
    other = scene.another()
    scene.write(vault_table(scene.vault), vault_table(other))
    scene.deployed()
    scene.write(vault_table(scene.vault))
    assert scene.deploy("--yes", "--forget", "acme_api/prod").status == 0
    again = scene.deploy("--yes", "--forget", "acme_api/prod")
    assert again.status == 0
    assert "note: acme_api/prod is forgotten already" in again.out


def test_of_an_adopted_vault_no_stack_is_said_to_stay(scene: Scene) -> None:
    beta = scene.adoptable()
    scene.write(vault_table(scene.vault), scene.adopted(beta))
    scene.adopt()
    scene.deployed()
    scene.write(vault_table(scene.vault))
    ran = scene.deploy("--yes", "--no-rotate", "--forget", "beta/prod")
    assert ran.status == 0
    assert "Its user, secrets and values stay, in no stack, for they were adopted" in ran.out


def renamed(scene: Scene, name: str) -> Path:
    """The deployment file as it was, by another name."""
    file = scene.checkout.deployments / f"{name}.toml"
    file.write_text((scene.checkout.deployments / f"{NAME}.toml").read_text())
    return file


def test_another_deployment_of_the_same_prefix_is_named(scene: Scene) -> None:
    scene.deployed()
    old = renamed(scene, "old")
    other = scene.another()
    old.write_text(old.read_text().replace('"rota"', '"moved"'))  # what stands there is no hindrance to reading
    scene.checkout.made_from("old")
    scene.write(vault_table(other))
    line = scene.refusal()
    assert (
        "stack rota-rotation-1 was last deployed from old.toml: if that is another deployment, do none of this" in line
    )
    line = scene.refusal("--forget", "acme_web/prod", status=2)
    assert "acme_web/prod is not for this deployment to forget: stack rota-rotation-1 was last deployed from" in line
    assert "choose another stack_prefix" in line
    old.unlink()
    assert scene.deploy("--dry-run", "--forget", "acme_web/prod").status == 0


def test_a_file_that_was_renamed_goes_on(scene: Scene) -> None:
    scene.deployed()
    scene.checkout.made_from("old")
    ran = scene.deploy("--yes")
    assert ran.status == 0
    assert ran.out.count("were deployed from old.toml before") == 1
    assert "old.toml" not in scene.deploy("--yes").out


def test_a_rotation_that_another_deployment_has_set_up_is_not_cancelled(scene: Scene) -> None:
    beta = scene.adoptable()
    scene.write(vault_table(scene.vault), scene.adopted(beta))
    scene.adopt()
    scene.deployed()
    manager = scene.world.client("secretsmanager")
    theirs = scene.world.deploy("other-1-rotate_iam_access_key", lambda _event, _context: None)
    manager.rotate_secret(SecretId=beta.config_secret, RotationLambdaARN=theirs, RotateImmediately=False)
    scene.world.rotation_service.run()
    scene.write(vault_table(scene.vault))
    line = scene.refusal("--forget", "beta/prod")
    assert f"end the rotation of secret {CONFIG_BETA}, which {theirs} does by now" in line
    assert "take its vault out of that deployment first" in line
    manager.cancel_rotate_secret(SecretId=beta.config_secret)
    assert scene.deploy("--yes", "--no-rotate", "--forget", "beta/prod").status == 0


def test_a_rotation_that_strangers_have_set_up_is_not_cancelled(scene: Scene) -> None:
    beta = scene.adoptable()
    scene.write(vault_table(scene.vault), scene.adopted(beta))
    scene.adopt()
    scene.deployed()
    theirs = scene.world.deploy("rotates-databases", lambda _event, _context: None)
    scene.world.client("secretsmanager").rotate_secret(
        SecretId=beta.config_secret, RotationLambdaARN=theirs, RotateImmediately=False
    )
    scene.world.rotation_service.run()
    scene.write(vault_table(scene.vault))
    line = scene.refusal("--forget", "beta/prod")
    assert f"which {theirs} does by now; that is no vsync deployment's; put its vault back" in line
    assert "aws secretsmanager cancel-rotate-secret --secret-id arn:aws:secretsmanager:" in line
    assert "out of that deployment" not in line
