"""A bundle's size decides neither the function's memory nor what is left behind in the bucket."""

import pytest

from simulator import faults
from simulator.vault_bytes import decrypt, derive
from simulator.vaults import FIRST_PASSPHRASE, FIRST_TIMESTAMP, SALT, Layout, Vault, make_vault
from simulator.world import World
from tests.contract.passphrase_rotation import (
    NEW_TIMESTAMP,
    bundles,
    operator,
    put,
    rotate,
    rotate_once,
    succeeded,
    vault_at_noon,
)

MIB = 1024 * 1024
HANDLER = "rotate_vault_passphrase.handler:lambda_handler"


def payload_of(size: int) -> bytes:
    """A runtime payload of about this many bytes."""
    return b'{"kv":{"FILLER":"' + b"x" * size + b'"}}'


def dangling_uploads(vault: Vault) -> list[object]:
    return list(vault.laptop.s3.list_multipart_uploads(Bucket=vault.bucket).get("Uploads", []))


def operations(world: World) -> list[str]:
    return [request.operation for request in world.requests if request.function is not None]


def peak_kib(world: World, size: int) -> int:
    """The most memory any step held while a vault with a bundle of this size was rotated, in KiB."""
    arn = world.deploy_in_process("rotate_vault_passphrase", HANDLER)
    vault = make_vault(world, Layout.RUNTIME, repo=f"acme_{size}", bucket=f"vault-{size}", payload=payload_of(size))
    record = succeeded(rotate(vault, arn))
    assert dangling_uploads(vault) == []
    peaks = [step.peak_rss_kib for step in record.steps if step.peak_rss_kib is not None]
    assert len(peaks) == 4
    live = bundles(vault, vault.objects()[f"{vault.prefix}manifest"].decode()[8:])["runtime"]
    opened = decrypt(derive(vault.passphrase(), SALT, 1000), vault.objects()[live])
    assert opened == payload_of(size)
    return max(peaks)


def test_a_bundle_of_64_mb_costs_at_most_8_mb_more_memory_than_one_of_1_mb(world: World) -> None:
    world.clock.run_freely()  # the other process lives in real time
    small = peak_kib(world, MIB)
    large = peak_kib(world, 64 * MIB)
    assert large - small <= 8 * 1024


@pytest.mark.parametrize("layout", [Layout.RUNTIME, Layout.CLI])
def test_a_bundle_of_several_parts_is_uploaded_in_parts_and_published_at_once(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_at_noon(world, layout, payload=payload_of(12 * MIB))
    succeeded(rotate_once(vault, passphrase_function))
    made = operations(world)
    assert made.count("CreateMultipartUpload") == made.count("CompleteMultipartUpload") == 1
    assert made.count("UploadPart") == 3  # 5 MiB, 5 MiB and the rest
    assert dangling_uploads(vault) == []
    (key,) = bundles(vault, NEW_TIMESTAMP).values()
    opened = decrypt(derive(vault.passphrase(), SALT, 1000), vault.objects()[key])
    assert opened.endswith(payload_of(12 * MIB))


def test_a_large_bundle_that_does_not_open_leaves_no_upload_behind(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world, Layout.RUNTIME, payload=payload_of(12 * MIB))
    operator("secretsmanager", world).put_secret_value(
        SecretId=vault.passphrase_secret, SecretString="a-passphrase-that-opens-nothing"
    )
    before = vault.objects()
    record = rotate_once(vault, passphrase_function)
    assert record.error == "WrongPassphraseError"
    assert operations(world).count("CompleteMultipartUpload") == 0
    assert dangling_uploads(vault) == []
    assert vault.objects() == before


def test_a_large_bundle_damaged_at_its_end_is_never_published(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world, Layout.RUNTIME, payload=payload_of(12 * MIB))
    key = bundles(vault, FIRST_TIMESTAMP)["runtime"]
    body = vault.objects()[key]
    put(vault, key, body[:-1] + bytes([body[-1] ^ 1]))
    before = vault.objects()
    assert rotate_once(vault, passphrase_function).error == "WrongPassphraseError"
    assert vault.objects() == before
    assert dangling_uploads(vault) == []


def test_an_upload_that_fails_half_way_is_aborted_and_made_anew_by_the_retry(
    world: World, passphrase_function: str
) -> None:
    vault = vault_at_noon(world, Layout.RUNTIME, payload=payload_of(12 * MIB))
    attempts: list[int] = []
    world.rotation_service.before_step = lambda _step, attempt: attempts.append(attempt)
    second_part = faults.operation("s3:UploadPart")
    with world.watched_by(faults.deny(lambda request: second_part(request) and attempts[-1] == 1)):
        record = succeeded(rotate(vault, passphrase_function))
    assert record.attempts == 2
    assert dangling_uploads(vault) == []


def test_a_large_bundle_steps_aside_for_a_key_that_is_taken(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world, Layout.RUNTIME, payload=payload_of(12 * MIB))
    taken = bundles(vault, NEW_TIMESTAMP)["runtime"]
    put(vault, taken, b"somebody else's")
    succeeded(rotate_once(vault, passphrase_function))
    assert vault.objects()[taken] == b"somebody else's"
    assert vault.objects()[f"{vault.prefix}manifest"].endswith(b"20260301-120001")
    assert dangling_uploads(vault) == []


def test_a_completion_whose_answer_is_lost_is_recognised_as_our_own(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world, Layout.RUNTIME, payload=payload_of(12 * MIB))
    completions = faults.operation("s3:CompleteMultipartUpload")
    with world.watched_by(faults.lose_answer(faults.nth(1, completions))):
        succeeded(rotate(vault, passphrase_function))
    stored = {key for key in vault.objects() if "/v=" in key}
    assert stored == {bundles(vault, FIRST_TIMESTAMP)["runtime"], bundles(vault, NEW_TIMESTAMP)["runtime"]}
    assert vault.passphrase() != FIRST_PASSPHRASE
