"""Where a vault may be, and how its settings may name it."""

import json

import pytest

from simulator.application import boot, pull
from simulator.vaults import FIRST_PASSPHRASE, FIRST_TIMESTAMP, Layout
from simulator.world import World
from tests.contract.passphrase_rotation import (
    LAYOUTS,
    NEW_TIMESTAMP,
    boots,
    operator,
    payloads,
    rotate,
    rotate_once,
    succeeded,
    vault_at_noon,
)

every_layout = pytest.mark.parametrize("layout", LAYOUTS)
CONFIG = "vsync-rotation:config-secret"


def test_the_config_secret_may_be_named_by_its_full_arn(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world)
    sm = operator("secretsmanager", world)
    arn = sm.describe_secret(SecretId=vault.config_secret)["ARN"]
    sm.tag_resource(SecretId=vault.passphrase_secret, Tags=[{"Key": CONFIG, "Value": arn}])
    succeeded(rotate_once(vault, passphrase_function))
    assert {booted.gen for booted in boots(vault).values()} == {1}


@every_layout
def test_a_config_secret_that_is_still_a_location_is_enough(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    """The first key may come after the first passphrase: a location has no credentials, and none are needed."""
    vault = vault_at_noon(world, layout)
    with_key = vault.config()
    fields = {
        name: value for name, value in vault.blob().fields.items() if name not in {"accessKeyId", "secretAccessKey"}
    }
    location = json.dumps(fields, indent=2)
    operator("secretsmanager", world).put_secret_value(SecretId=vault.config_secret, SecretString=location)
    succeeded(rotate_once(vault, passphrase_function))
    assert {booted.gen for booted in boots(vault, config=with_key).values()} == {1}
    assert vault.config() == location


@every_layout
@pytest.mark.parametrize("prefix", ["", "vaults/web/", "a/b/c/d/"])
def test_the_runtime_layout_is_at_the_prefix_and_the_cli_layout_under_repo_and_env(
    world: World, passphrase_function: str, layout: Layout, prefix: str
) -> None:
    vault = vault_at_noon(world, layout, prefix=prefix)
    before = payloads(vault)
    succeeded(rotate_once(vault, passphrase_function))
    assert payloads(vault) == before
    found = boots(vault)
    assert {booted.timestamp for booted in found.values()} == {NEW_TIMESTAMP}
    if layout is not Layout.CLI:
        assert found["runtime"].gen == 1


@pytest.mark.parametrize("prefix", ["", "vaults/web/"])
def test_the_cli_layout_at_the_prefix_is_found_too(world: World, passphrase_function: str, prefix: str) -> None:
    """The vsync CLI's own rotation works at the prefix of its configuration."""
    vault = vault_at_noon(world, Layout.CLI, prefix=prefix)
    for key, body in vault.objects().items():
        vault.laptop.s3.put_object(Bucket=vault.bucket, Key=prefix + key.removeprefix("acme_web/prod/"), Body=body)
        vault.laptop.s3.delete_object(Bucket=vault.bucket, Key=key)
    before = pull(vault.config(), FIRST_PASSPHRASE).payload
    succeeded(rotate_once(vault, passphrase_function))
    after = pull(vault.config(), vault.passphrase())
    assert (after.payload, after.timestamp, after.gen) == (before, NEW_TIMESTAMP, 1)


def test_a_cli_layout_in_both_places_is_rotated_in_both(world: World, passphrase_function: str) -> None:
    """One passphrase serves every layout that is there: leaving one behind would lock its readers out."""
    vault = vault_at_noon(world, prefix="vaults/web/")
    for name in ("latest", f"versions/{FIRST_TIMESTAMP}.enc"):
        body = vault.objects()[f"acme_web/prod/{name}"]
        vault.laptop.s3.put_object(Bucket=vault.bucket, Key=f"vaults/web/{name}", Body=body)
    succeeded(rotate_once(vault, passphrase_function))
    values = vault.config(), vault.passphrase()
    assert pull(*values, "vaults/web/").timestamp == NEW_TIMESTAMP
    assert pull(*values, "acme_web/prod/").timestamp == NEW_TIMESTAMP
    assert boot(*values).timestamp == NEW_TIMESTAMP


def test_an_env_with_capitals_has_its_cli_layout_under_lower_case(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world, extra_fields={"env": "Prod", "prefix": "vaults/Prod/"})
    for name in ("manifest", f"v={FIRST_TIMESTAMP}"):
        body = vault.objects()[f"acme_web/prod/{name}"]
        vault.laptop.s3.put_object(Bucket=vault.bucket, Key=f"vaults/Prod/{name}", Body=body)
        vault.laptop.s3.delete_object(Bucket=vault.bucket, Key=f"acme_web/prod/{name}")
    succeeded(rotate_once(vault, passphrase_function))
    values = vault.config(), vault.passphrase()
    assert pull(*values, "acme_web/prod/").timestamp == NEW_TIMESTAMP
    assert (boot(*values).timestamp, boot(*values).gen) == (NEW_TIMESTAMP, 1)
    assert [key for key in vault.objects() if key.endswith("audit.csv")] == ["acme_web/prod/audit.csv"]
    assert world.events[-1].detail["env"] == "Prod"


def test_without_a_repo_tag_the_repo_is_the_prefix_without_its_last_part(
    world: World, passphrase_function: str
) -> None:
    vault = vault_at_noon(world, Layout.CLI)
    operator("secretsmanager", world).untag_resource(SecretId=vault.passphrase_secret, TagKeys=["vsync-rotation:repo"])
    succeeded(rotate_once(vault, passphrase_function))
    assert boots(vault)["cli"].gen == 1
    assert world.events[-1].detail["repo"] == "acme_web"


def test_the_service_may_send_rotation_tokens(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world)
    world.rotation_service.send_rotation_tokens = True
    assert succeeded(rotate(vault, passphrase_function)).attempts == 1
    assert {booted.gen for booted in boots(vault).values()} == {1}


def test_a_payload_of_another_make_is_kept_byte_for_byte(world: World, passphrase_function: str) -> None:
    """What is inside is the applications' affair, an empty bundle included: 32 bytes are the least there can be."""
    vault = vault_at_noon(world, Layout.RUNTIME)
    vault.laptop.publish_payload("20260201-000000", b"\0\xff not JSON")
    record = rotate_once(vault, passphrase_function)
    succeeded(record)
    assert vault.objects()["acme_web/prod/manifest"].endswith(NEW_TIMESTAMP.encode())


def test_two_vaults_are_rotated_apart(world: World, passphrase_function: str) -> None:
    one = vault_at_noon(world, repo="acme_one", bucket="bucket-one")
    two = vault_at_noon(world, repo="acme_two", bucket="bucket-two")
    untouched = two.objects(), two.passphrase()
    succeeded(rotate_once(one, passphrase_function))
    assert (two.objects(), two.passphrase()) == untouched
    succeeded(rotate_once(two, passphrase_function))
    assert {booted.gen for vault in (one, two) for booted in boots(vault).values()} == {1}
    assert one.passphrase() != two.passphrase()
