"""A current value that is not what it should be: each kind of damage by its own error, before any key is made."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from simulator.world import World
from tests.contract.key_scene import KeyScene, key_scene
from tests.contract.secret_versions import BLOB_MAGIC, blob_of, blob_text, encoded

Change = Callable[[dict[str, Any]], dict[str, Any]]


def _with(**changes: Any) -> Change:
    return lambda fields: {**fields, **changes}


def _lacking(name: str) -> Change:
    return lambda fields: {key: value for key, value in fields.items() if key != name}


def _fields(scene: KeyScene) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(blob_text(scene.first_config))
    return fields


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("a passphrase, by mistake", id="not a blob at all"),
        pytest.param(BLOB_MAGIC, id="empty body"),
        pytest.param(BLOB_MAGIC + "!!not-base64!!", id="not base64url"),
        pytest.param(BLOB_MAGIC + "aGVsbG8gd29ybGQ", id="not gzip"),
        pytest.param(blob_of("not json"), id="not JSON inside"),
        pytest.param(blob_of(b"\xff\xfe{}"), id="not UTF-8 inside"),
        pytest.param(blob_of("[1,2]"), id="a list inside"),
        pytest.param(blob_of("null"), id="null inside"),
        pytest.param(blob_of("{" + " " * 70_000 + "}"), id="more than 64 KiB inside"),
        pytest.param(blob_of(b"[" * 50_000), id="nested without end"),
    ],
)
def test_a_value_that_is_no_blob_is_refused(world: World, key_function: str, value: str) -> None:
    _is_refused(key_scene(world, key_function), value)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda config: config.replace(BLOB_MAGIC, "vsync-cfg:"), id="no version in the magic"),
        pytest.param(lambda config: config[: len(config) // 2], id="cut in half"),
        pytest.param(lambda config: config[:-6], id="the gzip trailer is missing"),
    ],
)
def test_a_damaged_blob_is_refused(world: World, key_function: str, damage: Callable[[str], str]) -> None:
    scene = key_scene(world, key_function)
    _is_refused(scene, damage(scene.first_config))


def _is_refused(scene: KeyScene, value: str) -> None:
    scene.world.secrets.expanders.clear()  # the register looks for secrets inside intact values only, and knows these already
    scene.secret.set_current(value)
    record = scene.refused()
    assert record.error == "BlobError"
    assert scene.secret.name in str(record.message)


@pytest.mark.parametrize(
    ("error", "change"),
    [
        pytest.param("UnsupportedVersionError", _with(v=99), id="a version not spoken here"),
        pytest.param("UnsupportedVersionError", _with(v=2), id="the next version"),
        pytest.param("SettingsError", _with(iterations=0), id="no iterations"),
        pytest.param("SettingsError", _with(iterations=999), id="too few iterations"),
        pytest.param("SettingsError", _with(iterations=10_000_001), id="too many iterations"),
        pytest.param("SettingsError", _with(iterations=10**12), id="iterations without end"),
        pytest.param("SettingsError", _with(endpoint="s3.eu-central-1.amazonaws.com"), id="endpoint without scheme"),
        pytest.param("SettingsError", _with(endpoint="ftp://s3.amazonaws.com"), id="endpoint of another scheme"),
        pytest.param("SettingsError", _with(endpoint="http://s3.amazonaws.com"), id="plain http to another host"),
        pytest.param("SettingsError", _with(endpoint="https://objects.example.com"), id="a store that is not AWS"),
        pytest.param("SettingsError", _with(endpoint="https://s3.amazonaws.com.example.com"), id="a name like AWS"),
        pytest.param("SettingsError", _with(endpoint="https://s3.amazonaws.com@example.com"), id="AWS as user name"),
        pytest.param("SettingsError", _with(endpoint="https://notamazonaws.com"), id="a name that ends like AWS"),
        pytest.param("SettingsError", _with(endpoint="http://localhost:1"), id="another store on this host"),
    ],
)
@pytest.mark.parametrize("form", ["blob", "location"])
def test_a_value_that_cannot_be_rotated_is_refused(
    world: World, key_function: str, form: str, error: str, change: Change
) -> None:
    scene = key_scene(world, key_function)
    scene.secret.set_current(_in_form(form, change(_fields(scene))))
    record = scene.refused()
    assert record.error == error
    assert world.refused_hosts == []


@pytest.mark.parametrize("field", ["v", "endpoint", "region", "bucket", "prefix", "env", "salt", "iterations"])
def test_a_location_without_one_of_its_fields_is_refused(world: World, key_function: str, field: str) -> None:
    scene = key_scene(world, key_function)
    scene.secret.set_current(_in_form("location", _lacking(field)(_fields(scene))))
    record = scene.refused()
    assert record.error == "SettingsError"
    assert f" {field}" in str(record.message)


@pytest.mark.parametrize("field", ["endpoint", "region", "bucket", "prefix", "env", "salt", "iterations"])
@pytest.mark.parametrize("change", [pytest.param(_lacking, id="missing"), pytest.param(None, id="a list")])
def test_a_blob_without_one_of_its_fields_is_refused(
    world: World, key_function: str, field: str, change: Callable[[str], Change] | None
) -> None:
    scene = key_scene(world, key_function)
    damaged = change(field) if change else _with(**{field: []})
    scene.secret.set_current(encoded(damaged(_fields(scene))))
    record = scene.refused()
    assert record.error in {"BlobError", "SettingsError"}
    assert field in str(record.message)


@pytest.mark.parametrize("field", ["accessKeyId", "secretAccessKey"])
@pytest.mark.parametrize("form", ["blob", "location"])
def test_half_a_key_pair_is_refused(world: World, key_function: str, form: str, field: str) -> None:
    scene = key_scene(world, key_function)
    scene.secret.set_current(_in_form(form, _lacking(field)(_fields(scene)), but=()))
    assert scene.refused().error in {"BlobError", "SettingsError"}


def _in_form(form: str, fields: dict[str, Any], *, but: tuple[str, ...] = ("accessKeyId", "secretAccessKey")) -> str:
    if form == "blob":
        return encoded(fields)
    return json.dumps({name: value for name, value in fields.items() if name not in but})


def test_a_binary_value_is_refused(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    scene.secret.manager.put_secret_value(
        SecretId=scene.secret.name, SecretBinary=scene.first_config.encode(), VersionStages=["AWSCURRENT"]
    )
    assert scene.refused().error in {"BlobError", "SettingsError"}


def test_a_secret_that_never_had_a_value_is_refused(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    tags = [{"Key": name, "Value": value} for name, value in scene.secret.tags().items()]
    manager = scene.secret.manager
    manager.delete_secret(SecretId=scene.secret.name, ForceDeleteWithoutRecovery=True)
    manager.create_secret(Name=scene.secret.name, Tags=tags)
    version_id = scene.begin()
    before = scene.snapshot()
    assert type(scene.failure_of("createSecret", version_id)).__name__ in {
        "ContractError",
        "SettingsError",
        "BlobError",
    }
    assert scene.snapshot() == before


def test_a_trailing_newline_is_not_taken_for_damage_and_not_kept(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    scene.secret.set_current(scene.first_config + "\n")
    scene.rotated()
    assert scene.secret.value() == scene.secret.value().strip()
    scene.vault.boot()
