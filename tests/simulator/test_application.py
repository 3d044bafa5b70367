"""The application boots from what a laptop put there, and says for which reason it does not."""

from collections.abc import Callable
from typing import Any

import pytest

from simulator.application import boot, pull
from simulator.vault_bytes import (
    BadBlob,
    Blob,
    BundleCorrupt,
    ManifestNotFound,
    SealMismatch,
    Unreachable,
    WrongPassphrase,
    encrypt,
    next_second,
)
from simulator.vaults import FIRST_TIMESTAMP, VALUES, Layout, Vault, make_vault
from simulator.world import World

LATER = "20260102-030405"


@pytest.fixture
def vault(world: World) -> Vault:
    return make_vault(world)


def test_the_runtime_layout_gives_its_values(vault: Vault) -> None:
    booted = vault.boot()
    assert (booted.timestamp, booted.values, booted.gen) == (FIRST_TIMESTAMP, VALUES, 0)


def test_the_cli_layout_gives_its_files(vault: Vault) -> None:
    pulled = vault.pull()
    assert (pulled.timestamp, pulled.files) == (FIRST_TIMESTAMP, {"infra/vault/prod/.env.prod": b"GREETING=hello\n"})


def test_a_push_and_a_publish_are_read_back(vault: Vault) -> None:
    vault.laptop.push(LATER, {"a/.env": b"A=1"})
    vault.laptop.publish(LATER, {"A": "1"})
    assert (vault.pull().files, vault.boot().values) == ({"a/.env": b"A=1"}, {"A": "1"})


def test_payloads_of_any_size_are_kept_to_the_byte(world: World) -> None:
    payload = b'{"A": "' + b"x" * 200_000 + b'"}'
    vault = make_vault(world, Layout.RUNTIME, payload=payload)
    assert vault.boot().payload == payload


def test_generations_are_read_beside_each_layout(world: World, vault: Vault) -> None:
    s3 = world.client("s3")
    s3.put_object(Bucket=vault.bucket, Key=f"{vault.prefix}latest.meta", Body=b'{"gen":4}')
    s3.put_object(Bucket=vault.bucket, Key=f"{vault.prefix}latest.manifest", Body=b'{"gen":5}')
    assert (vault.boot().gen, vault.pull().gen) == (4, 5)


def test_a_laptop_with_another_passphrase_locks_the_application_out(vault: Vault) -> None:
    vault.laptop_with("another passphrase").publish(LATER, {"A": "1"})
    with pytest.raises(WrongPassphrase):
        vault.boot()


def test_a_blob_keeps_unknown_fields_in_their_place(world: World) -> None:
    vault = make_vault(world, extra_fields={"note": "kept"})
    text = vault.config()
    assert Blob.decode(text).encode() == text
    assert list(vault.blob().fields)[-2:] == ["iterations", "note"]


def broken(vault: Vault, key: str, body: bytes | None) -> None:
    s3 = vault.world.client("s3")
    if body is None:
        s3.delete_object(Bucket=vault.bucket, Key=vault.prefix + key)
    else:
        s3.put_object(Bucket=vault.bucket, Key=vault.prefix + key, Body=body)


@pytest.mark.parametrize(
    ("key", "body", "reason"),
    [
        ("manifest", None, ManifestNotFound),
        ("manifest", b"RQEM0001short", BundleCorrupt),
        ("manifest", b"RQEM0001" + LATER.encode(), BundleCorrupt),
        (f"v={FIRST_TIMESTAMP}", b"RQE2" + b"x" * 40, BundleCorrupt),
        (f"v={FIRST_TIMESTAMP}", b"RQE1" + b"x" * 40, WrongPassphrase),
    ],
)
def test_each_damage_of_the_runtime_layout_has_its_reason(
    vault: Vault, key: str, body: bytes | None, reason: type[Exception]
) -> None:
    broken(vault, key, body)
    with pytest.raises(reason):
        vault.boot()


def test_a_payload_that_is_not_json_is_corrupt(world: World) -> None:
    with pytest.raises(BundleCorrupt):
        make_vault(world, Layout.RUNTIME, payload=b"\x00").boot()


def test_a_payload_that_is_not_a_zip_is_corrupt(world: World) -> None:
    with pytest.raises(BundleCorrupt):
        make_vault(world, Layout.CLI, payload=b"\x00").boot()


def test_a_seal_that_is_not_the_pointers_is_what_pull_calls_tampering(vault: Vault) -> None:
    later = next_second(FIRST_TIMESTAMP)
    old = vault.objects()[f"{vault.prefix}versions/{FIRST_TIMESTAMP}.enc"]
    broken(vault, f"versions/{later}.enc", old)
    broken(vault, "latest", later.encode())
    with pytest.raises(SealMismatch):
        vault.pull()


def test_an_absent_pointer_of_the_cli_layout_is_named(vault: Vault) -> None:
    broken(vault, "latest", None)
    with pytest.raises(ManifestNotFound):
        vault.pull()


@pytest.mark.parametrize("start", [boot, pull])
def test_a_deactivated_key_makes_the_store_unreachable(world: World, vault: Vault, start: Callable[..., Any]) -> None:
    key = vault.blob()["accessKeyId"]
    world.client("iam").update_access_key(UserName=vault.iam_user, AccessKeyId=key, Status="Inactive")
    with pytest.raises(Unreachable, match="InvalidAccessKeyId"):
        start(vault.config(), vault.passphrase())


def test_a_store_on_another_host_is_unreachable(vault: Vault) -> None:
    blob = Blob({**vault.blob().fields, "endpoint": "https://store.example"})
    with pytest.raises(Unreachable, match="OtherHostError"):
        boot(blob.encode(), vault.passphrase())


@pytest.mark.parametrize("text", ["", "vsync-cfg-v2:abc", "vsync-cfg-v1:", "vsync-cfg-v1:!!!!", "vsync-cfg-v1:YWJj"])
def test_what_is_not_a_blob_is_refused(text: str) -> None:
    with pytest.raises(BadBlob):
        Blob.decode(text)


def test_the_reader_may_read_the_vault_and_no_more(world: World, vault: Vault, code_of: Any) -> None:
    world.enforce_iam()
    assert vault.boot().values == VALUES
    blob = vault.blob()
    from simulator.world import KeyPair

    s3 = world.client("s3", KeyPair(blob["accessKeyId"], blob["secretAccessKey"]))
    assert code_of(lambda: s3.put_object(Bucket=vault.bucket, Key=f"{vault.prefix}latest", Body=b"")) == "AccessDenied"
    assert code_of(lambda: s3.get_object(Bucket=vault.bucket, Key=f"{vault.prefix}absent")) == "NoSuchKey"
    assert code_of(lambda: s3.get_object(Bucket=vault.bucket, Key="other/absent")) == "AccessDenied"


def test_encryption_is_fresh_every_time() -> None:
    key = b"k" * 32
    assert encrypt(key, b"same") != encrypt(key, b"same")
