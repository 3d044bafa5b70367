"""RQE1 as a stream (SPEC 2)."""

import os
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from vsync_rotation.errors import BundleCorruptError, RotationError, UnsupportedVersionError, WrongPassphraseError
from vsync_rotation.redacted import SecretBytes
from vsync_rotation.vault.envelope import open_envelope, seal_envelope

KEY = SecretBytes(bytes(range(32)))
IV = bytes(range(12))


def fixed_iv(size: int) -> bytes:
    assert size == len(IV)
    return IV


def sealed(plaintext: bytes) -> bytes:
    return b"".join(seal_envelope([plaintext], key=KEY, random=fixed_iv))


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The data cut at these places; a place given twice makes an empty chunk."""
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


places = st.lists(st.integers(0, 200), max_size=12)


@settings(deadline=None)
@given(st.binary(max_size=150), places, places)
def test_what_is_sealed_opens_again_however_it_is_cut(plaintext: bytes, one: list[int], other: list[int]) -> None:
    envelope = b"".join(seal_envelope(cut(plaintext, one), key=KEY, random=os.urandom))
    assert len(envelope) == len(plaintext) + 32
    assert b"".join(open_envelope(cut(envelope, other), size=len(envelope), key=KEY)) == plaintext


@given(st.binary(max_size=80))
def test_one_byte_chunks_and_empty_chunks_between_them_are_fine(plaintext: bytes) -> None:
    chunks = [piece for byte in sealed(plaintext) for piece in (b"", bytes([byte]), b"")]
    assert b"".join(open_envelope(chunks, size=len(plaintext) + 32, key=KEY)) == plaintext


@given(st.binary(max_size=100))
def test_an_envelope_is_header_iv_and_what_a_one_shot_cipher_makes(plaintext: bytes) -> None:
    assert sealed(plaintext) == b"RQE1" + IV + AESGCM(KEY.reveal()).encrypt(IV, plaintext, None)


def test_every_envelope_has_its_own_iv() -> None:
    first, second = (next(seal_envelope([b""], key=KEY, random=os.urandom)) for _ in range(2))
    assert first != second


def test_an_iv_is_drawn_when_the_envelope_is_asked_for_and_only_once() -> None:
    drawn: list[int] = []

    def source(size: int) -> bytes:
        drawn.append(size)
        return bytes(size)

    stream = seal_envelope([b"a", b"b"], key=KEY, random=source)
    assert drawn == [12]
    list(stream)
    assert drawn == [12]


def test_an_impossible_length_is_refused_without_reading() -> None:
    source = iter([b"never taken"])
    with pytest.raises(BundleCorruptError, match="at least 32"):
        next(open_envelope(source, size=31, key=KEY))
    assert list(source) == [b"never taken"]


HEADERS = {
    "magic": (b"PK\x03\x04" + bytes(60), BundleCorruptError),
    "version": (b"RQE2" + bytes(60), UnsupportedVersionError),
}


@pytest.mark.parametrize(("envelope", "error"), HEADERS.values(), ids=HEADERS.keys())
@pytest.mark.parametrize("width", [1, 16, 100])
def test_a_damaged_header_is_refused_before_the_first_chunk(
    envelope: bytes, error: type[RotationError], width: int
) -> None:
    chunks = [envelope[start : start + width] for start in range(0, len(envelope), width)]
    stream = open_envelope(chunks, size=len(envelope), key=KEY)
    with pytest.raises(error):
        next(stream)


@pytest.mark.parametrize("missing", [1, 15, 16, 17, 30, 32, 47, 48])
def test_a_stream_shorter_than_stated_is_corrupt_wherever_it_ends(missing: int) -> None:
    envelope = sealed(b"sixteen bytes ..")
    with pytest.raises(BundleCorruptError, match=f"{48 - missing} of (the )?48 bytes"):
        list(open_envelope([envelope[: 48 - missing]], size=48, key=KEY))


@pytest.mark.parametrize("extra", [b"x", bytes(100)])
@pytest.mark.parametrize("plaintext", [b"", b"payload"])
def test_a_stream_longer_than_stated_is_corrupt(plaintext: bytes, extra: bytes) -> None:
    envelope = sealed(plaintext)
    for chunks in ([envelope + extra], [envelope, extra]):
        with pytest.raises(BundleCorruptError, match="more than the"):
            list(open_envelope(chunks, size=len(envelope), key=KEY))


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=40), st.data())
def test_any_changed_bit_is_found(plaintext: bytes, data: st.DataObject) -> None:
    envelope = bytearray(sealed(plaintext))
    envelope[data.draw(st.integers(0, len(envelope) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((BundleCorruptError, UnsupportedVersionError, WrongPassphraseError)):
        list(open_envelope([bytes(envelope)], size=len(envelope), key=KEY))


def test_a_wrong_key_is_told_at_the_end_and_not_before() -> None:
    envelope = sealed(b"payload")
    stream = open_envelope([envelope], size=len(envelope), key=SecretBytes(bytes(32)))
    assert len(next(stream)) == len(b"payload")
    with pytest.raises(WrongPassphraseError):
        next(stream)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=30), max_size=4), st.integers(0, 80), st.booleans())
def test_any_stream_and_any_length_give_bytes_or_the_family(chunks: list[bytes], size: int, sealed_head: bool) -> None:
    if sealed_head:
        chunks = [b"RQE1", *chunks]
    with pytest.raises((BundleCorruptError, UnsupportedVersionError, WrongPassphraseError)):
        list(open_envelope(chunks, size=size, key=KEY))


def test_memory_is_one_chunk_whatever_the_size() -> None:
    chunk, count = bytes(256 * 1024), 128
    size = len(chunk) * count + 32

    def resealed() -> Iterator[bytes]:
        envelope = seal_envelope((chunk for _ in range(count)), key=KEY, random=os.urandom)
        return seal_envelope(open_envelope(envelope, size=size, key=KEY), key=KEY, random=os.urandom)

    tracemalloc.start()
    try:
        total = sum(len(piece) for piece in resealed())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total == size
    assert peak < 8 * len(chunk)  # 32 MiB went through
