"""Settings and blobs that are refused, each with its own error, before a passphrase is made."""

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from simulator.rotation_records import RotationRecord
from simulator.vaults import Vault
from simulator.world import World
from tests.contract.passphrase_rotation import (
    boots,
    operator,
    picture,
    rotate_once,
    vault_at_noon,
)

CONFIG = "vsync-rotation:config-secret"


def assert_refused_in_create_secret(vault: Vault, function: str, error: str) -> RotationRecord:
    """The rotation fails at once with this error; an empty pending version is all that it leaves."""
    before = picture(vault)
    record = rotate_once(vault, function)
    assert (record.steps[-1].step, record.error) == ("createSecret", error), record.message
    after = picture(vault)
    assert after.without_version(record.version_id) == before
    sm = operator("secretsmanager", vault.world)
    with pytest.raises(sm.exceptions.ResourceNotFoundException):
        sm.get_secret_value(SecretId=vault.passphrase_secret, VersionId=record.version_id)
    return record


def set_config(vault: Vault, value: str) -> None:
    operator("secretsmanager", vault.world).put_secret_value(SecretId=vault.config_secret, SecretString=value)


def tagged(vault: Vault, name: str, value: str | None) -> None:
    """Set a tag of the passphrase secret; None takes it away."""
    sm = operator("secretsmanager", vault.world)
    if value is None:
        sm.untag_resource(SecretId=vault.passphrase_secret, TagKeys=[name])
    else:
        sm.tag_resource(SecretId=vault.passphrase_secret, Tags=[{"Key": name, "Value": value}])


def partial_arn(vault: Vault) -> str:
    arn = operator("secretsmanager", vault.world).describe_secret(SecretId=vault.config_secret)["ARN"]
    return str(arn).rpartition("-")[0]


def secret_without_value(vault: Vault) -> str:
    operator("secretsmanager", vault.world).create_secret(Name="made/without/value")
    return "made/without/value"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(lambda _: None, id="missing"),
        pytest.param(lambda _: "", id="empty"),
        pytest.param(partial_arn, id="a partial ARN"),
        pytest.param(lambda _: "acme_web/prod/NOT_THERE", id="a secret that does not exist"),
        pytest.param(secret_without_value, id="a secret without a value"),
    ],
)
def test_a_config_secret_setting_that_leads_nowhere_is_refused(
    world: World, passphrase_function: str, value: Callable[[Vault], str | None]
) -> None:
    vault = vault_at_noon(world)
    tagged(vault, CONFIG, value(vault))
    record = assert_refused_in_create_secret(vault, passphrase_function, "SettingsError")
    assert (
        "config-secret" in str(record.message) or "NOT_THERE" in str(record.message) or "made/" in str(record.message)
    )
    assert set(boots(vault)) == {"cli", "runtime"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("vsync-rotation:repair", "other", id="repair=other"),
        pytest.param("vsync-rotation:repair", "Seal", id="repair=Seal"),
        pytest.param("vsync-rotation:writer-secret", "no/such/secret", id="a writer secret that does not exist"),
    ],
)
def test_any_other_malformed_setting_is_refused(world: World, passphrase_function: str, name: str, value: str) -> None:
    vault = vault_at_noon(world)
    tagged(vault, name, value)
    record = assert_refused_in_create_secret(vault, passphrase_function, "SettingsError")
    assert name.removeprefix("vsync-rotation:") in str(record.message) or value in str(record.message)
    assert set(boots(vault)) == {"cli", "runtime"}


def test_a_writer_secret_that_holds_no_key_pair_is_refused(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world, passphrase_tags={"vsync-rotation:writer-secret": "writer"})
    operator("secretsmanager", world).create_secret(Name="writer", SecretString='{"user":"nobody"}')
    assert_refused_in_create_secret(vault, passphrase_function, "SettingsError")


def packed(raw: bytes) -> str:
    return "vsync-cfg-v1:" + base64.urlsafe_b64encode(gzip.compress(raw, mtime=0)).decode().rstrip("=")


def truncated(blob: str) -> str:
    return blob[:-24]


BROKEN_BLOBS: dict[str, Callable[[str], str]] = {
    "another text": lambda _: "hello, this is no blob",
    "the prefix alone": lambda _: "vsync-cfg-v1:",
    "the body alone": lambda blob: blob.removeprefix("vsync-cfg-v1:"),
    "not base64": lambda _: "vsync-cfg-v1:!!!!",
    "padded": lambda blob: blob + "==",
    "not gzip": lambda _: "vsync-cfg-v1:" + base64.urlsafe_b64encode(b"plain text").decode().rstrip("="),
    "cut short": truncated,
    "not JSON": lambda _: packed(b"hello"),
    "not UTF-8": lambda _: packed(b'{"v":1,"env":"\xff\xfe"}'),
    "a list": lambda _: packed(b"[1]"),
    "null": lambda _: packed(b"null"),
    "no object at all": lambda _: packed(b""),
    "more than 64 KiB inside": lambda _: packed(b'{"v":1,"note":"' + b"a" * 65_536 + b'"}'),
    "a gzip bomb": lambda _: packed(b"\0" * 40_000_000),
}


@pytest.mark.parametrize("damage", BROKEN_BLOBS.values(), ids=BROKEN_BLOBS.keys())
def test_a_damaged_blob_is_refused(world: World, passphrase_function: str, damage: Callable[[str], str]) -> None:
    vault = vault_at_noon(world)
    set_config(vault, damage(vault.config()))
    assert_refused_in_create_secret(vault, passphrase_function, "BlobError")


@pytest.mark.parametrize("version", [99, 2, 0])
def test_a_blob_of_a_version_we_do_not_speak_is_refused(world: World, passphrase_function: str, version: int) -> None:
    vault = vault_at_noon(world, extra_fields={"v": version})
    assert_refused_in_create_secret(vault, passphrase_function, "UnsupportedVersionError")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("iterations", 999, id="iterations below 1,000"),
        pytest.param("iterations", 10_000_001, id="iterations above 10,000,000"),
        pytest.param("iterations", 0, id="no iterations"),
        pytest.param("iterations", -600_000, id="negative iterations"),
        pytest.param("endpoint", "s3.eu-central-1.amazonaws.com", id="endpoint without a scheme"),
        pytest.param("endpoint", "http://s3.eu-central-1.amazonaws.com", id="http to a host that is not loopback"),
        pytest.param("endpoint", "http://127.0.0.1.example.com", id="http to a host that only looks like loopback"),
        pytest.param("endpoint", "ftp://127.0.0.1", id="another scheme"),
        pytest.param("endpoint", "https://", id="no host"),
    ],
)
def test_a_malformed_location_is_refused(world: World, passphrase_function: str, field: str, value: object) -> None:
    vault = vault_at_noon(world, extra_fields={field: value})
    record = assert_refused_in_create_secret(vault, passphrase_function, "SettingsError")
    assert field in str(record.message)


def test_a_blob_with_the_prefix_of_another_version_is_refused(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world)
    set_config(vault, vault.config().replace("vsync-cfg-v1:", "vsync-cfg-v2:"))
    assert_refused_in_create_secret(vault, passphrase_function, "UnsupportedVersionError")


every_field = pytest.mark.parametrize("field", ["endpoint", "region", "bucket", "prefix", "env", "salt", "iterations"])


@every_field
def test_a_blob_without_one_of_its_fields_is_damaged(world: World, passphrase_function: str, field: str) -> None:
    vault = vault_at_noon(world)
    set_config(vault, packed(json.dumps(without(vault, field)).encode()))
    record = assert_refused_in_create_secret(vault, passphrase_function, "BlobError")
    assert field in str(record.message)


@every_field
def test_a_location_without_one_of_its_fields_is_refused(world: World, passphrase_function: str, field: str) -> None:
    vault = vault_at_noon(world)
    fields = without(vault, field, "accessKeyId", "secretAccessKey")
    set_config(vault, json.dumps(fields))
    record = assert_refused_in_create_secret(vault, passphrase_function, "SettingsError")
    assert field in str(record.message)


def without(vault: Vault, *names: str) -> dict[str, Any]:
    """The blob's fields but these."""
    return {name: value for name, value in vault.blob().fields.items() if name not in names}


def test_a_vault_never_pushed_is_refused(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world)
    for key in vault.objects():
        vault.laptop.s3.delete_object(Bucket=vault.bucket, Key=key)
    record = assert_refused_in_create_secret(vault, passphrase_function, "VaultNotFoundError")
    assert "acme_web/prod/" in str(record.message)


def test_a_bucket_that_does_not_exist_is_no_vault(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world, extra_fields={"bucket": "no-such-bucket"})
    record = assert_refused_in_create_secret(vault, passphrase_function, "VaultNotFoundError")
    assert "no-such-bucket" in str(record.message)
