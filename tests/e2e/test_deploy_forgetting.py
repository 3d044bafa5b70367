"""What forgetting leaves of a vault's secrets: the tag by which functions choose them goes, and may come back."""

import pytest

from simulator import faults
from simulator.world import World
from tests.e2e.deploy_scenes import Scene, new_scene
from tests.e2e.operators import Operator, Person, vault_table
from tests.e2e.test_adopt import arns

TAG = "vsync-rotation:served-by"
ON_UNTAGGING = faults.operation("secretsmanager:UntagResource")


@pytest.fixture
def scene(operator: Operator, world: World) -> Scene:
    return new_scene(operator, world)


def served_by(scene: Scene, *secrets: str) -> list[str | None]:
    return [scene.operator.tags(secret).get(TAG) for secret in secrets]


def two_made(scene: Scene) -> tuple[str, str]:
    """Deploy a second vault whose secrets are made; leave it out of the file. Returns its secrets."""
    other = scene.another()
    scene.write(vault_table(scene.vault), vault_table(other))
    scene.deployed()
    scene.write(vault_table(scene.vault))
    return other.config_secret, other.passphrase_secret


def test_made_secrets_that_are_forgotten_are_served_by_nobody(scene: Scene) -> None:
    secrets = two_made(scene)
    manager = scene.world.client("secretsmanager")
    manager.tag_resource(SecretId=secrets[0], Tags=[{"Key": "vsync-rotation:paused", "Value": "on"}])
    assert served_by(scene, *secrets) == ["rota-rotation-1", "rota-rotation-1"]
    ran = scene.deploy("--forget", "acme_api/prod", given=Person(seen=("y",)))
    assert (ran.status, ran.err) == (0, "")
    told = f"  At the end the tag {TAG} is taken off: {', '.join(secrets)}"
    assert 0 < ran.out.index(told) < ran.out.index("Deploy this to account")
    assert served_by(scene, *secrets) == [None, None]
    assert scene.operator.tags(secrets[0])["vsync-rotation:paused"] == "on"
    assert served_by(scene, scene.vault.config_secret) == ["rota-rotation-1"]
    before = scene.operator.writes().count("secretsmanager:UntagResource")
    assert scene.deploy("--yes", "--forget", "acme_api/prod").status == 0
    assert scene.operator.writes().count("secretsmanager:UntagResource") == before


def test_an_adopted_secret_that_is_forgotten_is_served_by_nobody(scene: Scene) -> None:
    beta = scene.adoptable()
    scene.write(vault_table(scene.vault), scene.adopted(beta))
    scene.adopt()
    scene.deployed()
    scene.write(vault_table(scene.vault))
    ran = scene.deploy("--yes", "--no-rotate", "--forget", "beta/prod")
    assert (ran.status, ran.err) == (0, "")
    assert "is taken off: arn:aws:secretsmanager:" in ran.out
    assert served_by(scene, beta.config_secret) == [None]


def test_a_secret_that_another_deployment_serves_by_now_is_left_alone(scene: Scene) -> None:
    config, _ = two_made(scene)
    scene.world.client("secretsmanager").tag_resource(SecretId=config, Tags=[{"Key": TAG, "Value": "other-rotation-1"}])
    assert scene.deploy("--yes", "--forget", "acme_api/prod").status == 0
    assert served_by(scene, config) == ["other-rotation-1"]


def test_a_tag_that_may_not_be_taken_off_is_told_with_the_command(scene: Scene) -> None:
    secrets = two_made(scene)
    with scene.world.watched_by(faults.deny(ON_UNTAGGING)):
        ran = scene.deploy("--yes", "--forget", "acme_api/prod")
    assert ran.status == 0
    assert served_by(scene, *secrets) == ["rota-rotation-1", "rota-rotation-1"]
    for secret in secrets:
        command = f"aws secretsmanager untag-resource --secret-id {secret} --tag-keys {TAG} --region eu-central-1"
        assert command in ran.out
    assert scene.deploy("--yes", "--forget", "acme_api/prod").status == 0
    assert served_by(scene, *secrets) == [None, None]


def test_a_secret_that_was_adopted_under_another_name_since_stays_served(scene: Scene) -> None:
    other = scene.another()
    scene.write(vault_table(scene.vault), vault_table(other))
    scene.deployed()
    scene.write(vault_table(scene.vault))
    assert scene.deploy("--yes", "--forget", "acme_api/prod").status == 0
    adopted = arns(scene.operator, other)
    table = vault_table(other, adopt=adopted).replace('repo = "acme_api"', 'repo = "gamma"')
    scene.write(vault_table(scene.vault), table)
    scene.adopt()
    ran = scene.deploy("--yes", "--no-rotate", "--forget", "acme_api/prod")
    assert (ran.status, ran.err) == (0, "")
    assert "is taken off" not in ran.out
    assert served_by(scene, other.config_secret, other.passphrase_secret) == ["rota-rotation-1", "rota-rotation-1"]


def test_a_vault_that_comes_back_is_served_again(scene: Scene) -> None:
    """Its stack's template is as it was, so that CloudFormation does nothing about a tag that is missing."""
    secrets = two_made(scene)
    assert scene.deploy("--yes", "--forget", "acme_api/prod").status == 0
    table = vault_table(scene.vault).replace("acme_web", "acme_api").replace(scene.vault.bucket, "acme-api-bucket")
    scene.write(vault_table(scene.vault), table)
    ran = scene.deploy("--yes", "--no-rotate")
    assert (ran.status, ran.err) == (0, "")
    assert f"secret {secrets[0]} is served by rota-rotation-1 again" in ran.out
    assert served_by(scene, *secrets) == ["rota-rotation-1", "rota-rotation-1"]
    assert "again" not in scene.deploy("--yes", "--no-rotate").out
