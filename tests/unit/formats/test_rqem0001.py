"""The seal (SPEC 3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsync_rotation.errors import BundleCorruptError, RotationError
from vsync_rotation.formats.rqem0001 import SEAL_SIZE, encode_seal, is_sealed, parse_seal
from vsync_rotation.formats.timestamp import Timestamp

TIMESTAMP = Timestamp("20260501-091500")


def test_a_seal_is_the_magic_and_the_timestamp() -> None:
    assert encode_seal(TIMESTAMP) == b"RQEM000120260501-091500"
    assert len(encode_seal(TIMESTAMP)) == SEAL_SIZE == 23


@given(st.binary(max_size=50))
def test_a_seal_gives_its_timestamp_back_whatever_follows(payload: bytes) -> None:
    assert parse_seal(encode_seal(TIMESTAMP) + payload) == TIMESTAMP


@pytest.mark.parametrize("head", [b"", b"RQEM000", b"RQEM0002", b"PK\x03\x04", b"rqem0001"])
def test_other_beginnings_are_not_sealed(head: bytes) -> None:
    assert not is_sealed(head)


def test_eight_bytes_are_enough_to_tell() -> None:
    assert is_sealed(b"RQEM0001")


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (b"RQEM000120260501-09150", "has 23 bytes, found 22"),
        (b"RQEM000220260501-091500", "RQEM0001 magic"),
        (b"RQEM000120260501x091500", "YYYYMMDD-HHMMSS"),
        (b"RQEM0001\xb2\xb3\xb260501-091500", "YYYYMMDD-HHMMSS"),
    ],
    ids=["cut", "another magic", "another form", "superscript digits"],
)
def test_a_damaged_seal_is_refused(head: bytes, message: str) -> None:
    with pytest.raises(BundleCorruptError, match=message):
        parse_seal(head)


@given(st.binary(max_size=40) | st.builds(bytes.__add__, st.just(b"RQEM0001"), st.binary(max_size=20)))
def test_any_bytes_give_a_timestamp_or_the_family(head: bytes) -> None:
    try:
        assert encode_seal(parse_seal(head)) == head[:SEAL_SIZE]
    except RotationError as error:
        assert type(error) is BundleCorruptError  # noqa: PT017 - either outcome is right
