"""The live bundle's payload in a new envelope: exactly, in one pass, believed only once the tag held."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsync_rotation.errors import BundleCorruptError, RotationError, SealMismatchError, WrongPassphraseError
from vsync_rotation.formats.rqem0001 import encode_seal
from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.redacted import SecretBytes
from vsync_rotation.settings import Repair
from vsync_rotation.vault.envelope import open_envelope, seal_envelope
from vsync_rotation.vault.resealing import PART_SIZE, SealedBundle, in_parts, payload_digest, resealed_envelope

OLD, NEW = SecretBytes(b"o" * 32), SecretBytes(b"n" * 32)
BEFORE, AT, AFTER = (Timestamp.parse(text) for text in ("20260430-000000", "20260501-000000", "20260502-000000"))


def cut(body: bytes, size: int) -> Iterator[bytes]:
    return (body[start : start + size] for start in range(0, len(body), size))


def bundle(
    plaintext: bytes, *, key: SecretBytes = OLD, repair: Repair = Repair.NOTHING, chunk: int = 7
) -> SealedBundle:
    body = b"".join(seal_envelope([plaintext], key=OLD, random=os.urandom))
    return SealedBundle(cut(body, chunk), len(body), key, AT, repair)


def opened(envelope: bytes) -> bytes:
    return b"".join(open_envelope([envelope], size=len(envelope), key=NEW))


def reseal(live: SealedBundle) -> bytes:
    return b"".join(resealed_envelope(live, key=NEW, timestamp=AFTER, random=os.urandom))


@given(payload=st.binary(max_size=200), chunk=st.integers(1, 64))
def test_a_sealed_payload_moves_under_the_new_seal(payload: bytes, chunk: int) -> None:
    assert opened(reseal(bundle(encode_seal(AT) + payload, chunk=chunk))) == encode_seal(AFTER) + payload


@given(payload=st.binary(max_size=200).filter(lambda body: not body.startswith(b"RQEM0001")), chunk=st.integers(1, 64))
def test_an_unsealed_payload_stays_unsealed(payload: bytes, chunk: int) -> None:
    assert opened(reseal(bundle(payload, chunk=chunk))) == payload


@given(payload=st.binary(max_size=200))
def test_digests_agree_across_a_resealing_and_tell_payloads_apart(payload: bytes) -> None:
    live, other = bundle(encode_seal(AT) + payload), bundle(encode_seal(AT) + payload + b"!")
    body = reseal(bundle(encode_seal(AT) + payload))
    staged = SealedBundle([body], len(body), NEW, AFTER, Repair.NOTHING)
    digest = payload_digest(live)
    assert digest == payload_digest(staged)
    assert digest != payload_digest(other)
    assert digest.sealed


def test_a_seal_newer_than_the_pointer_is_refused_even_for_repair() -> None:
    with pytest.raises(SealMismatchError, match="20260502-000000"):
        reseal(bundle(encode_seal(AFTER) + b"payload", repair=Repair.SEAL))


def test_a_seal_older_than_the_pointer_is_refused() -> None:
    with pytest.raises(SealMismatchError, match="vsync-rotation:repair"):
        reseal(bundle(encode_seal(BEFORE) + b"payload"))


def test_a_seal_older_than_the_pointer_is_mended_when_asked_for() -> None:
    assert (
        opened(reseal(bundle(encode_seal(BEFORE) + b"payload", repair=Repair.SEAL))) == encode_seal(AFTER) + b"payload"
    )


@pytest.mark.parametrize("plaintext", [b"RQEM0001", b"RQEM00012026", b"RQEM0001not-a-timestamp-at-all"])
def test_a_seal_that_is_none_is_damage(plaintext: bytes) -> None:
    with pytest.raises(BundleCorruptError):
        reseal(bundle(plaintext))


@pytest.mark.parametrize("seal", [AFTER, BEFORE])
def test_nothing_is_believed_of_a_bundle_whose_tag_does_not_hold(seal: Timestamp) -> None:
    with pytest.raises(WrongPassphraseError):
        reseal(bundle(encode_seal(seal) + b"payload", key=NEW))


@given(st.binary(max_size=80))
def test_arbitrary_bytes_raise_only_the_family(body: bytes) -> None:
    with pytest.raises(RotationError):
        reseal(SealedBundle([body], len(body), OLD, AT, Repair.NOTHING))


@pytest.mark.parametrize("size", [0, 1, PART_SIZE - 1, PART_SIZE, PART_SIZE + 1, 2 * PART_SIZE + 5])
def test_parts_are_full_but_the_last_and_lose_nothing(size: int) -> None:
    body = os.urandom(size)
    parts = [bytes(part) for part in in_parts(cut(body, 100_000))]
    assert b"".join(parts) == body
    assert all(len(part) == PART_SIZE for part in parts[:-1])
    assert all(parts)
