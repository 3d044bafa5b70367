"""The RQE1 header (SPEC 2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsync_rotation.errors import BundleCorruptError, RotationError, UnsupportedVersionError
from vsync_rotation.formats.rqe1 import HEADER_SIZE, MAX_SIZE, MIN_SIZE, encode_header, parse_header

IV = bytes(range(12))


@given(st.binary(min_size=12, max_size=12), st.binary(max_size=40), st.integers(MIN_SIZE, MAX_SIZE))
def test_a_header_gives_its_iv_back_whatever_follows(iv: bytes, rest: bytes, size: int) -> None:
    assert parse_header(encode_header(iv) + rest, size=size) == iv


@given(st.binary(max_size=20) | st.builds(bytes.__add__, st.just(b"RQE1"), st.binary(max_size=20)), st.integers(0, 99))
def test_any_bytes_give_twelve_bytes_or_the_family(head: bytes, size: int) -> None:
    try:
        assert len(parse_header(head, size=size)) == 12
    except RotationError as error:
        assert type(error) in {BundleCorruptError, UnsupportedVersionError}  # noqa: PT017 - either outcome is right


DAMAGE = {
    "31 bytes": (encode_header(IV), 31, BundleCorruptError, "at least 32"),
    "no bytes": (b"", 0, BundleCorruptError, "at least 32"),
    "too short and foreign: length comes first": (b"PK", 2, BundleCorruptError, "at least 32"),
    "longer than the cipher can": (encode_header(IV), MAX_SIZE + 1, BundleCorruptError, "at most"),
    "ends inside the header": (b"RQE1abc", 100, BundleCorruptError, "ended after 7 of 100 bytes"),
    "another magic": (b"PQE1" + IV, 100, BundleCorruptError, "magic"),
    "another magic and version: magic comes first": (b"PQE2" + IV, 100, BundleCorruptError, "magic"),
    "version 2": (b"RQE2" + IV, 100, UnsupportedVersionError, "version other than 1"),
    "lower case": (b"rqe1" + IV, 100, BundleCorruptError, "magic"),
}


@pytest.mark.parametrize(("head", "size", "error", "message"), DAMAGE.values(), ids=DAMAGE.keys())
def test_each_damage_has_its_class(head: bytes, size: int, error: type[RotationError], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        parse_header(head, size=size)
    assert type(caught.value) is error


@pytest.mark.parametrize("length", [0, 11, 13])
def test_an_iv_of_another_length_is_a_programming_error(length: int) -> None:
    with pytest.raises(ValueError, match="12 bytes"):
        encode_header(bytes(length))


def test_a_header_has_sixteen_bytes() -> None:
    assert len(encode_header(IV)) == HEADER_SIZE == 16
