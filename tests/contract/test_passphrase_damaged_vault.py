"""Damage in the vault itself: each kind has its own error, and nothing in the bucket changes but by a later success."""

from collections.abc import Callable

import pytest

from simulator.vault_bytes import BootError, derive, encrypt, seal
from simulator.vaults import FIRST_PASSPHRASE, FIRST_TIMESTAMP, SALT, Layout, Vault
from simulator.world import World
from tests.contract.passphrase_rotation import (
    LAYOUTS,
    NEW_TIMESTAMP,
    boots,
    bundles,
    cells,
    operator,
    picture,
    pointers,
    put,
    rotate,
    rotate_once,
    succeeded,
    vault_at_noon,
)

EITHER = [(layout, damaged) for layout in LAYOUTS for damaged in ("cli", "runtime") if layout in {damaged, Layout.BOTH}]
each_half = pytest.mark.parametrize(("layout", "damaged"), EITHER)
Damage = Callable[[bytes], bytes | None]


def change(vault: Vault, key: str, damage: Damage) -> None:
    """Replace an object, or take it away where `damage` gives None."""
    body = damage(vault.objects().get(key, b""))
    if body is None:
        vault.laptop.s3.delete_object(Bucket=vault.bucket, Key=key)
    else:
        put(vault, key, body)


def bootable(vault: Vault) -> bool:
    try:
        return bool(boots(vault))
    except (BootError, ValueError, RecursionError):  # a damaged pointer or cell may stop an application in many ways
        return False


def assert_refused(vault: Vault, function: str, error: str) -> None:
    """The rotation fails with this error; objects, AWSCURRENT, labels and tags are what they were."""
    before, booted = picture(vault), bootable(vault)
    record = rotate_once(vault, function)
    assert record.error == error, record.message
    assert picture(vault).without_version(record.version_id) == before
    assert bootable(vault) is booted
    assert vault.laptop.s3.list_multipart_uploads(Bucket=vault.bucket).get("Uploads", []) == []
    assert {event.detail_type for event in vault.world.events} == {"Rotation Step Failed"}


RUNTIME_POINTERS: dict[str, Damage] = {
    "empty": lambda _: b"",
    "magic alone": lambda _: b"RQEM0001",
    "a short timestamp": lambda _: b"RQEM000120260101-00000",
    "another magic": lambda _: b"RQEM0002" + FIRST_TIMESTAMP.encode(),
    "a bundle": lambda _: b"RQE1" + b"\0" * 60,
    "no timestamp": lambda _: b"RQEM0001not-a-timestamp",
    "a month too many": lambda _: b"RQEM000120261301-000000",
    "a path": lambda _: b"RQEM0001../../../../et",
    "not ASCII": lambda _: b"RQEM0001" + "２０２６".encode() + b"010",
    "one hundred kilobytes of noise": lambda _: b"\xff" * 100_000,
}
CLI_POINTERS: dict[str, Damage] = {
    "empty": lambda _: b"",
    "a word": lambda _: b"zzz",
    "white space": lambda _: b"               ",
    "another form": lambda _: b"2026-01-01T00:0",
    "a month too many": lambda _: b"20261301-000000",
    "an hour too many": lambda _: b"20260101-240000",
    "a path": lambda _: b"../../../../etc",
    "two timestamps": lambda _: f"{FIRST_TIMESTAMP}\n{FIRST_TIMESTAMP}".encode(),
    "not ASCII": lambda _: "２０２６０".encode(),
    "one hundred kilobytes of noise": lambda _: b"\xff" * 100_000,
}


@pytest.mark.parametrize("damage", RUNTIME_POINTERS.values(), ids=RUNTIME_POINTERS.keys())
def test_a_malformed_runtime_pointer_is_refused(world: World, passphrase_function: str, damage: Damage) -> None:
    vault = vault_at_noon(world)
    change(vault, "acme_web/prod/manifest", damage)
    assert_refused(vault, passphrase_function, "BundleCorruptError")


@pytest.mark.parametrize("damage", CLI_POINTERS.values(), ids=CLI_POINTERS.keys())
def test_a_malformed_cli_pointer_is_refused(world: World, passphrase_function: str, damage: Damage) -> None:
    vault = vault_at_noon(world)
    change(vault, "acme_web/prod/latest", damage)
    assert_refused(vault, passphrase_function, "BundleCorruptError")


BUNDLES: dict[str, tuple[Damage, str]] = {
    "missing": (lambda _: None, "BundleCorruptError"),
    "empty": (lambda _: b"", "BundleCorruptError"),
    "31 bytes": (lambda body: body[:31], "BundleCorruptError"),
    "another magic": (lambda body: b"RQX1" + body[4:], "BundleCorruptError"),
    "a later version": (lambda body: b"RQE2" + body[4:], "UnsupportedVersionError"),
    "32 bytes that are nobody's": (lambda _: b"RQE1" + b"\0" * 28, "WrongPassphraseError"),
    "one bit changed in the middle": (lambda b: b[:20] + bytes([b[20] ^ 1]) + b[21:], "WrongPassphraseError"),
    "one bit changed in the tag": (lambda body: body[:-1] + bytes([body[-1] ^ 1]), "WrongPassphraseError"),
    "one bit changed in the IV": (lambda b: b[:4] + bytes([b[4] ^ 1]) + b[5:], "WrongPassphraseError"),
    "cut short": (lambda body: body[:-1], "WrongPassphraseError"),
    "one byte too long": (lambda body: body + b"\0", "WrongPassphraseError"),
    "sealed with a passphrase nobody has": (
        lambda _: encrypt(derive("a-passphrase-nobody-has", SALT, 1000), b"{}"), "WrongPassphraseError",
    ),
}  # fmt: skip


@pytest.mark.parametrize("damaged", ["cli", "runtime"])
@pytest.mark.parametrize(("damage", "error"), BUNDLES.values(), ids=BUNDLES.keys())
def test_a_damaged_bundle_is_refused(
    world: World, passphrase_function: str, damaged: str, damage: Damage, error: str
) -> None:
    vault = vault_at_noon(world)
    change(vault, bundles(vault, FIRST_TIMESTAMP)[damaged], damage)
    before = picture(vault)
    record = rotate_once(vault, passphrase_function)
    assert record.error == error, record.message
    after = picture(vault).without_version(record.version_id)
    kept = {key: body for key, body in after.objects.items() if key in before.objects}
    assert (kept, after.labels, after.values) == (before.objects, before.labels, before.values)


@each_half
def test_a_damaged_bundle_leaves_nothing_behind_in_either_layout(
    world: World, passphrase_function: str, layout: Layout, damaged: str
) -> None:
    """What was staged for the sound layout before the damage in the other was met is not left to lie there."""
    vault = vault_at_noon(world, layout)
    change(vault, bundles(vault, FIRST_TIMESTAMP)[damaged], lambda body: body[:-1])
    assert_refused(vault, passphrase_function, "WrongPassphraseError")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_awscurrent_that_does_not_open_the_live_bundle_is_refused(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_at_noon(world, layout)
    operator("secretsmanager", world).put_secret_value(
        SecretId=vault.passphrase_secret, SecretString="a-passphrase-that-opens-nothing"
    )
    assert_refused(vault, passphrase_function, "WrongPassphraseError")
    assert set(boots(vault, passphrase=FIRST_PASSPHRASE)) == set(pointers(vault))


def seal_as(vault: Vault, embedded: str) -> bytes:
    """A live CLI bundle sealed as another timestamp than its pointer's. Returns its payload."""
    payload = boots(vault)["cli"].payload
    body = encrypt(derive(FIRST_PASSPHRASE, SALT, 1000), seal(embedded, payload))
    put(vault, bundles(vault, FIRST_TIMESTAMP)["cli"], body)
    return payload


@pytest.mark.parametrize("layout", [Layout.CLI, Layout.BOTH])
@pytest.mark.parametrize(
    ("embedded", "repair"),
    [
        pytest.param("20251231-235959", {}, id="older than its pointer"),
        pytest.param("20260101-000001", {}, id="newer than its pointer"),
        pytest.param("20260101-000001", {"vsync-rotation:repair": "seal"}, id="newer than its pointer, with repair"),
    ],
)
def test_a_seal_that_is_not_the_pointers_is_refused(
    world: World, passphrase_function: str, layout: Layout, embedded: str, repair: dict[str, str]
) -> None:
    vault = vault_at_noon(world, layout, passphrase_tags=repair)
    seal_as(vault, embedded)
    assert_refused(vault, passphrase_function, "SealMismatchError")


@pytest.mark.parametrize("layout", [Layout.CLI, Layout.BOTH])
def test_an_older_seal_is_healed_where_repair_says_so(world: World, passphrase_function: str, layout: Layout) -> None:
    vault = vault_at_noon(world, layout, passphrase_tags={"vsync-rotation:repair": "seal"})
    payload = seal_as(vault, "20251231-235959")
    assert not bootable(vault)
    succeeded(rotate(vault, passphrase_function))
    healed = boots(vault)["cli"]
    assert (healed.timestamp, healed.payload, healed.gen) == (NEW_TIMESTAMP, payload, 1)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_repair_changes_nothing_for_a_vault_that_is_well(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_at_noon(world, layout, passphrase_tags={"vsync-rotation:repair": "seal"})
    succeeded(rotate(vault, passphrase_function))
    assert {booted.timestamp for booted in boots(vault).values()} == {NEW_TIMESTAMP}


CELLS = {
    "negative": b'{"gen":-1}',
    "a string": b'{"gen":"4"}',
    "null inside": b'{"gen":null}',
    "a boolean": b'{"gen":true}',
    "a fraction": b'{"gen":4.5}',
    "a list inside": b'{"gen":[4]}',
    "no gen beside other fields": b'{"prev_gen":3}',
    "negative prev_gen": b'{"gen":4,"prev_gen":-3}',
    "null": b"null",
    "a list": b"[4]",
    "a number": b"4",
    "a pointer": b"RQEM000120260101-000000",
    "not JSON": b"gen=4",
    "cut short": b'{"gen":4,"prev_g',
    "not UTF-8": b'{"gen":4,"note":"\xff"}',
    "NaN": b'{"gen":NaN}',
    "nested without end": b"[" * 50_000,
    "a number of five thousand digits": b'{"gen":' + b"9" * 5_000 + b"}",
}


@pytest.mark.parametrize("damaged", ["cli", "runtime"])
@pytest.mark.parametrize("body", CELLS.values(), ids=CELLS.keys())
def test_a_malformed_generation_cell_is_refused_before_any_object_is_written(
    world: World, passphrase_function: str, damaged: str, body: bytes
) -> None:
    vault = vault_at_noon(world)
    put(vault, cells(vault)[damaged], body)
    assert_refused(vault, passphrase_function, "GenerationError")
    written = [request.operation for request in world.requests if request.function and request.service == "s3"]
    assert set(written) == {"GetObject"}
