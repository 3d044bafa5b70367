"""The pointer objects (SPEC 6.4 and 6.5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsync_rotation.errors import BundleCorruptError, RotationError
from vsync_rotation.formats.pointer import MAX_POINTER_BYTES, Pointer, parse_latest, parse_manifest
from vsync_rotation.formats.timestamp import Timestamp

OLD, NEW = Timestamp("20260430-235959"), Timestamp("20260501-091500")


@given(st.binary(max_size=60))
def test_a_sealed_pointer_moves_with_its_payload(payload: bytes) -> None:
    pointer = parse_manifest(b"RQEM000120260430-235959" + payload)
    assert pointer == Pointer(OLD, sealed=True, tail=payload)
    assert pointer.moved_to(NEW) == b"RQEM000120260501-091500" + payload


@pytest.mark.parametrize("parse", [parse_manifest, parse_latest])
@pytest.mark.parametrize("body", [b"20260430-235959", b"20260430-235959\n", b" \t20260430-235959\r\n"])
def test_a_bare_pointer_is_trimmed_and_written_without_white_space(parse: object, body: bytes) -> None:
    assert callable(parse)
    pointer = parse(body)
    assert pointer == Pointer(OLD, sealed=False)
    assert pointer.moved_to(NEW) == b"20260501-091500"


REFUSED = {
    "empty": b"",
    "white space": b" \n",
    "two lines": b"20260430-235959\n20260501-091500",
    "json": b'{"gen":1}',
    "byte order mark": b"\xef\xbb\xbf20260430-235959",
    "utf-16": "20260430-235959".encode("utf-16"),
    "seal cut": b"RQEM000120260430",
    "one byte too many": b"RQEM000120260430-235959" + bytes(MAX_POINTER_BYTES - 22),
}


@pytest.mark.parametrize("parse", [parse_manifest, parse_latest])
@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
def test_other_bodies_are_refused(parse: object, body: bytes) -> None:
    assert callable(parse)
    with pytest.raises(BundleCorruptError):
        parse(body)


def test_the_cli_pointer_is_never_sealed() -> None:
    with pytest.raises(BundleCorruptError):
        parse_latest(b"RQEM000120260430-235959")


def test_the_largest_pointer_is_accepted() -> None:
    assert parse_manifest(b"RQEM000120260430-235959" + bytes(MAX_POINTER_BYTES - 23)).timestamp == OLD


@given(st.binary(max_size=60))
def test_any_bytes_give_a_pointer_or_the_family(body: bytes) -> None:
    for parse in (parse_manifest, parse_latest):
        try:
            assert parse(body).timestamp.text
        except RotationError as error:
            assert type(error) is BundleCorruptError  # noqa: PT017 - either outcome is right
