"""Pointers, seals and timestamps: a name for one bundle, or refused; never a way out of the prefix."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.measures import MIB, peak_bytes
from tests.fuzz.mutations import any_bytes, damaged_bytes, damaged_text, flipped, odd_text
from tests.fuzz.refusals import CANARY, assert_refused, read
from vsync_rotation.errors import BundleCorruptError
from vsync_rotation.formats.pointer import Pointer, parse_latest, parse_manifest
from vsync_rotation.formats.rqem0001 import SEAL_SIZE, encode_seal, parse_seal
from vsync_rotation.formats.timestamp import Timestamp

TEXT = "20260101-000000"
BARE, SEALED = TEXT.encode(), b"RQEM0001" + TEXT.encode() + CANARY.encode()
pointers = st.one_of(
    damaged_bytes(BARE),
    damaged_bytes(SEALED),
    damaged_bytes(SEALED[:SEAL_SIZE]),
    any_bytes,
    st.tuples(st.sampled_from((b"", b"RQEM0001", b" ")), st.from_regex(rb"\A[0-9]{8}-[0-9]{6}\Z"), any_bytes).map(
        b"".join
    ),
)


def latest_in(body: bytes) -> Pointer | None:
    return read(lambda: parse_latest(body), BundleCorruptError)


@given(pointers)
def test_a_runtime_pointer_is_refused_or_written_again_as_it_was_found(body: bytes) -> None:
    pointer = read(lambda: parse_manifest(body), BundleCorruptError)
    if pointer is None:
        return
    written = pointer.moved_to(pointer.timestamp)
    assert written == (body if pointer.sealed else body.strip())
    assert parse_manifest(written) == pointer


@given(pointers)
def test_a_cli_pointer_is_refused_or_the_bare_timestamp(body: bytes) -> None:
    pointer = latest_in(body)
    if pointer is None:
        return
    assert (pointer.sealed, pointer.tail) == (False, b"")
    assert pointer.moved_to(pointer.timestamp) == body.strip()


@given(pointers)
def test_a_seal_is_refused_or_written_again_as_it_was(head: bytes) -> None:
    timestamp = read(lambda: parse_seal(head), BundleCorruptError)
    if timestamp is not None:
        assert encode_seal(timestamp) == head[:SEAL_SIZE]


@given(
    st.from_regex(r"\A[0-9]{8}-[0-9]{6}\Z")
    | damaged_text(TEXT)
    | odd_text
    | st.datetimes().map(lambda at: Timestamp.at(at.replace(tzinfo=UTC)).text)
)
def test_a_timestamp_is_refused_or_names_an_instant_and_nothing_else(text: str) -> None:
    timestamp = read(lambda: Timestamp.parse(text), BundleCorruptError)
    if timestamp is None:
        return
    assert re.fullmatch(r"[0-9]{8}-[0-9]{6}", text, re.ASCII)
    assert Timestamp.at(timestamp.instant) == timestamp
    after = read(timestamp.plus_one_second, BundleCorruptError)
    assert (after is None) is (text == "99991231-235959")
    assert after is None or after.text > text


def test_every_flipped_bit_of_a_timestamp_is_refused_or_another_instant() -> None:
    for bit in range(len(BARE) * 8):
        data = flipped(BARE, bit)
        pointer = latest_in(data)
        assert pointer is None or pointer.timestamp.text == data.decode("ascii")


@pytest.mark.parametrize(
    "body",
    [
        b"../../../../etc", b"2026010/-000000", b"20260101-00000\x00", b"20260101-00000\n", b"2026\xc2\xb2101-00000", b"RQEM0001" * 2 + BARE,
        "２０２６０１０１-000000".encode(), "٢٠٢٦٠١٠١-٠٠٠٠٠٠".encode(), b"\xef\xbb\xbf" + BARE, BARE.decode().encode("utf-16"), b"20260229-000000",
        b"20260101-240000", b"20261231-235960", b"00000101-000000", b"RQEM0001", b"RQEM0001" + BARE[:14], b"rqem0001" + BARE,
        BARE + CANARY.encode(), CANARY.encode(), b"RQEM0001" + CANARY.encode(),
    ],
    ids=ascii,
)  # fmt: skip
def test_a_pointer_that_names_no_bundle_is_refused(body: bytes) -> None:
    assert_refused(lambda: parse_manifest(body), BundleCorruptError)
    assert_refused(lambda: parse_latest(body), BundleCorruptError)


@pytest.mark.parametrize(
    "body", [BARE + b" " * (16 * MIB), b"RQEM0001" + BARE + bytes(16 * MIB)], ids=["bare", "sealed"]
)
def test_a_pointer_of_sixteen_mebibytes_is_refused_unread(body: bytes) -> None:
    assert_refused(lambda: parse_manifest(body), BundleCorruptError)
    assert peak_bytes(lambda: read(lambda: parse_manifest(body), BundleCorruptError)) < MIB


def test_the_first_and_the_last_instant_can_be_named() -> None:
    assert Timestamp.at(datetime(1, 1, 1, tzinfo=UTC)).text == "00010101-000000"
    assert Timestamp.at(datetime.max.replace(tzinfo=UTC)).text == "99991231-235959"
