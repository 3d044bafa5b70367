"""A bundle's bytes: opened whole and unchanged, or refused; at the price of a chunk, whatever its length is."""

from collections.abc import Iterator
from itertools import pairwise, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.vault_bytes import decrypt, derive, encrypt, seal
from tests.fuzz.measures import KIB, MIB, peak_bytes
from tests.fuzz.mutations import damaged_bytes, flipped
from tests.fuzz.refusals import CANARY, assert_refused, read
from vsync_rotation.errors import BundleCorruptError, SealMismatchError, UnsupportedVersionError, WrongPassphraseError
from vsync_rotation.formats.rqe1 import HEADER_SIZE, MAX_SIZE, encode_header, parse_header
from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.redacted import SecretBytes
from vsync_rotation.settings import Repair
from vsync_rotation.vault.envelope import open_envelope, seal_envelope
from vsync_rotation.vault.resealing import PART_SIZE, SealedBundle, in_parts, payload_digest, resealed_envelope

RAW_KEY, RAW_NEW_KEY = derive("old", "a salt of some length", 1_000), derive("new", "a salt of some length", 1_000)
KEY, NEW_KEY = SecretBytes(RAW_KEY), SecretBytes(RAW_NEW_KEY)
CLASSES = (BundleCorruptError, UnsupportedVersionError, WrongPassphraseError)
TIMESTAMP, NEW_TIMESTAMP = Timestamp("20260101-000000"), Timestamp("20260301-120000")
PAYLOAD = f'{{"kv":{{"PASSWORD":"{CANARY}"}}}}'.encode()
BUNDLE = encrypt(RAW_KEY, PAYLOAD)


def opened(bundle: bytes, *, cuts: list[int] | None = None, size: int | None = None) -> bytes:
    """The plaintext of an envelope that arrives in chunks and is said to have this size."""
    return b"".join(open_envelope(cut(bundle, cuts or []), size=len(bundle) if size is None else size, key=KEY))


def envelope_in(data: bytes) -> bytes | None:
    return read(lambda: opened(data), *CLASSES)


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(at % (len(data) + 1) for at in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


@given(
    damaged_bytes(BUNDLE) | st.binary(max_size=100) | st.binary(max_size=60).map(b"RQE1".__add__),
    st.lists(st.integers(0, 200), max_size=6),
)
def test_any_bytes_but_the_bundles_own_are_refused_however_they_arrive(data: bytes, cuts: list[int]) -> None:
    plain = read(lambda: opened(data, cuts=cuts), *CLASSES)
    assert plain == (PAYLOAD if data == BUNDLE else None)


def test_no_flipped_bit_of_a_bundle_is_accepted() -> None:
    for bit in range(len(BUNDLE) * 8):
        assert envelope_in(flipped(BUNDLE, bit)) is None


def test_no_cut_and_no_extension_of_a_bundle_is_accepted() -> None:
    changed = [BUNDLE[:length] for length in range(len(BUNDLE))]
    changed += [BUNDLE[start:] for start in range(1, len(BUNDLE))]
    changed += [BUNDLE + more for more in (b"\0", b"RQE1", bytes(15), bytes(16), BUNDLE, BUNDLE[-16:])]
    for data in changed:
        assert envelope_in(data) is None


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", BundleCorruptError), (b"R", BundleCorruptError), (b"RQE1" + bytes(27), BundleCorruptError),
        (b"RQE1" + bytes(28), WrongPassphraseError), (b"RQE1" + bytes(29), WrongPassphraseError), (b"RQE2" + bytes(28), UnsupportedVersionError),
        (bytes(32), BundleCorruptError), (b"RQEM0001" + bytes(24), UnsupportedVersionError), (b"PK\x03\x04" + bytes(28), BundleCorruptError),
    ],
    ids=["0 bytes", "1 byte", "31 bytes", "32 bytes", "33 bytes", "a later version", "zeros", "a seal", "a zip"],
)  # fmt: skip
def test_a_bundle_of_few_bytes_is_refused_by_its_own_name(data: bytes, error: type[BundleCorruptError]) -> None:
    assert_refused(lambda: opened(data), error)


def test_thirty_two_bytes_under_the_right_key_are_an_empty_payload() -> None:
    assert opened(encrypt(RAW_KEY, b"")) == b""
    assert len(encrypt(RAW_KEY, b"")) == 32


@given(st.integers(-1, 400) | st.integers(), st.lists(st.integers(0, 200), max_size=4))
def test_a_stream_of_another_length_than_was_stated_is_refused(size: int, cuts: list[int]) -> None:
    plain = read(lambda: opened(BUNDLE, cuts=cuts, size=size), *CLASSES)
    assert plain == (PAYLOAD if size == len(BUNDLE) else None)


@given(st.binary(max_size=40), st.integers())
def test_a_header_is_refused_or_written_again_as_it_was(head: bytes, size: int) -> None:
    iv = read(lambda: parse_header(head, size=size), *CLASSES)
    if iv is not None:
        assert encode_header(iv) == head[:HEADER_SIZE]
        assert 32 <= size <= MAX_SIZE


def chunks(total: int) -> Iterator[bytes]:
    """An envelope of this many bytes of nothing, never all in memory."""
    yield b"RQE1" + bytes(12)
    yield from repeat(bytes(128 * KIB), (total - 16) // (128 * KIB))
    yield bytes((total - 16) % (128 * KIB))


def exhaust(parts: Iterator[bytes] | Iterator[bytearray]) -> None:
    for _part in parts:
        pass


def test_a_forged_bundle_of_a_hundred_mebibytes_is_read_to_its_end_in_one_mebibyte() -> None:
    size = 100 * MIB
    peak = peak_bytes(
        lambda: read(lambda: exhaust(open_envelope(chunks(size), size=size, key=KEY)), WrongPassphraseError)
    )
    assert peak < MIB


def test_resealing_a_hundred_mebibytes_holds_one_part() -> None:
    size = 100 * MIB
    read_bytes: list[int] = []

    def reseal() -> None:
        envelope = seal_envelope(repeat(bytes(128 * KIB), size // (128 * KIB)), key=KEY, random=bytes)
        bundle = SealedBundle(envelope, size + 32, KEY, TIMESTAMP, Repair.NOTHING)
        again = resealed_envelope(bundle, key=NEW_KEY, timestamp=NEW_TIMESTAMP, random=bytes)
        read_bytes.append(sum(len(part) for part in in_parts(again)))

    assert peak_bytes(reseal) < PART_SIZE + MIB
    assert min(read_bytes) > size  # each time all of it


SEALED = seal(TIMESTAMP.text, PAYLOAD)
SEAL_CLASSES = (*CLASSES, SealMismatchError)
plaintexts = damaged_bytes(SEALED) | damaged_bytes(SEALED[:24]) | st.binary(max_size=40)


@given(plaintexts, st.sampled_from(Repair), st.lists(st.integers(0, 200), max_size=4))
def test_whatever_a_bundle_holds_is_resealed_with_its_payload_as_it_was(
    plain: bytes, repair: Repair, cuts: list[int]
) -> None:
    """Judged by the simulator's own reader of the format."""
    data = encrypt(RAW_KEY, plain)
    bundle = SealedBundle(cut(data, cuts), len(data), KEY, TIMESTAMP, repair)
    again = read(
        lambda: b"".join(resealed_envelope(bundle, key=NEW_KEY, timestamp=NEW_TIMESTAMP, random=bytes)), *SEAL_CLASSES
    )
    sealed = plain.startswith(b"RQEM0001")
    if again is None:
        assert sealed, "a bundle without a seal has nothing to be refused for"
        return
    assert decrypt(RAW_NEW_KEY, again) == (seal(NEW_TIMESTAMP.text, plain[23:]) if sealed else plain)


@given(damaged_bytes(encrypt(RAW_KEY, SEALED)), st.sampled_from(Repair))
def test_no_damaged_bundle_is_resealed_and_none_is_believed(data: bytes, repair: Repair) -> None:
    """A forged bundle is never told apart by what it seems to hold: its tag is what it fails by."""

    def bundle() -> SealedBundle:
        return SealedBundle([data], len(data), KEY, TIMESTAMP, repair)

    def reseal() -> bytes:
        return b"".join(resealed_envelope(bundle(), key=NEW_KEY, timestamp=NEW_TIMESTAMP, random=bytes))

    found = read(reseal, *CLASSES), read(lambda: payload_digest(bundle()), *CLASSES)
    if found != (None, None):
        assert decrypt(RAW_KEY, data) == SEALED
