"""Whatever stands in a config secret is read, or refused by the family; what is read is written again as it meant."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.secret_versions import blob_of, blob_text, encoded, fields_as_spelt, without_credentials
from tests.fuzz.config_values import FIELDS, LOCATION, NEW_KEY, PAIR, gzip_of, packed, unpacked
from tests.fuzz.measures import KIB, MIB, calls_made, peak_bytes
from tests.fuzz.mutations import any_text, damaged_bytes, damaged_text, flipped, hostile_objects
from tests.fuzz.refusals import assert_refused, canary, read, shown_by
from vsync_rotation.errors import BlobError, SettingsError, UnsupportedVersionError
from vsync_rotation.formats.blob_envelope import MAX_DECODED_BYTES, MAX_ENCODED_CHARACTERS
from vsync_rotation.formats.config_blob import ConfigBlob, parse_config_blob
from vsync_rotation.formats.json_object import JsonObject, MalformedJsonError
from vsync_rotation.formats.key_pair import KeyPair
from vsync_rotation.formats.key_secret import KeySecret, differs_in_credentials_only, parse_key_secret
from vsync_rotation.redacted import SecretText

CLASSES = (BlobError, SettingsError, UnsupportedVersionError)
SOUND = encoded(FIELDS)

hostile_blobs = st.one_of(
    hostile_objects(FIELDS).map(lambda text: blob_of(text.encode("utf-8", "surrogatepass"))),
    damaged_bytes(json.dumps(FIELDS).encode()).map(blob_of),
    damaged_bytes(unpacked(SOUND)).map(packed),
    damaged_text(SOUND),
)
hostile_values = st.one_of(hostile_blobs, hostile_objects(LOCATION), hostile_objects(PAIR), any_text)


def text_of(value: KeySecret) -> str:
    """The JSON text of a value before it is minted."""
    return value.document.text.reveal()


def secret_in(text: str) -> KeySecret | None:
    return read(lambda: parse_key_secret(SecretText(text)), *CLASSES)


def blob_in(text: str) -> ConfigBlob | None:
    return read(lambda: parse_config_blob(SecretText(text)), *CLASSES)


@given(hostile_values)
def test_any_value_of_a_secret_is_read_or_refused_without_being_shown(text: str) -> None:
    secret_in(text)


@given(hostile_values)
def test_a_new_key_changes_two_values_of_whatever_was_read_and_nothing_else(text: str) -> None:
    value = secret_in(text)
    if value is None:
        return
    minted = value.with_credentials(NEW_KEY).mint()
    again = parse_key_secret(minted)
    assert isinstance(again, ConfigBlob | KeyPair)
    assert again.credentials == NEW_KEY
    assert differs_in_credentials_only(value, again)
    before, after = fields_as_spelt(text_of(value)), fields_as_spelt(text_of(again))
    assert without_credentials(after) == without_credentials(before)
    assert parse_key_secret(again.mint()) == again


@given(hostile_blobs)
def test_a_blob_that_is_read_is_written_again_with_the_same_meaning(text: str) -> None:
    value = blob_in(text)
    if value is not None:
        assert parse_config_blob(value.mint()) == value


@given(st.sampled_from((FIELDS, LOCATION, PAIR)).flatmap(hostile_objects))
def test_a_json_object_is_read_as_every_strict_reader_reads_it(text: str) -> None:
    """Where our places and the standard decoder's values differ, one of the two would splice into the wrong value."""
    try:
        document = JsonObject.parse(text)
    except MalformedJsonError as error:
        refused = error
    else:
        assert_places_are_right(text, document)
        return
    assert [leak for shown in shown_by(refused) for leak in canary.find("error", shown)] == []


def assert_places_are_right(text: str, document: JsonObject) -> None:
    expected = json.loads(text, parse_float=lambda spelled: ("number", spelled))
    assert list(document.values()) == list(expected)
    assert len(expected) == len(json.loads(text, object_pairs_hook=list)), (
        "of two equal names readers differ in which counts"
    )
    for name, member in document.members.items():
        assert json.loads(text[member.start : member.end], parse_float=lambda s: ("number", s)) == expected[name]


def test_no_flipped_bit_of_a_packed_blob_changes_what_it_says() -> None:
    """Flips of the gzip header's time and system say nothing; all others are refused."""
    sound, plain = unpacked(SOUND), blob_text(SOUND)
    accepted = 0
    for bit in range(len(sound) * 8):
        value = blob_in(packed(flipped(sound, bit)))
        if value is not None:
            accepted += 1
            assert text_of(value) == plain
    assert accepted <= 8 * 7  # flags (is it text?), time, compression level, system


def test_every_cut_of_a_blob_is_refused() -> None:
    for length in range(len(SOUND)):
        assert blob_in(SOUND[:length]) is None


def test_a_blob_with_something_behind_it_is_refused_unless_it_is_an_editors_line_end() -> None:
    characters = [chr(code) for code in range(256)]
    for more in [*characters, "\u200b", "\u2028", "\ufeff", "\ud800", "AA", "AAA", "AAAA", "====", SOUND]:
        assert (blob_in(SOUND + more) is not None) is (more in {"\r", "\n", "\t", " "}), ascii(more)


@pytest.mark.parametrize("behind", [b"\0", b"\x1f\x8b", gzip_of(b""), gzip_of(b"{}"), b"\0" * 1_000])
def test_a_gzip_member_with_something_behind_it_is_refused(behind: bytes) -> None:
    assert_refused(lambda: parse_config_blob(SecretText(packed(unpacked(SOUND) + behind))), BlobError)


@pytest.mark.parametrize("wbits", [15, -15], ids=["zlib", "raw deflate"])
def test_another_wrapping_of_deflate_than_gzip_is_refused(wbits: int) -> None:
    assert_refused(
        lambda: parse_config_blob(SecretText(packed(gzip_of(json.dumps(FIELDS).encode(), wbits)))), BlobError
    )


BOMBS: dict[str, Callable[[], bytes]] = {
    "47 MiB of zeros": lambda: gzip_of(bytes(47 * MIB)),
    "47 MiB of braces": lambda: gzip_of(b"{" * (47 * MIB)),
    "a bomb in a bomb": lambda: gzip_of(gzip_of(bytes(MIB)) * 20_000),
    "one byte too many": lambda: gzip_of(b"{" + b" " * MAX_DECODED_BYTES),
    "an endless file name": lambda: b"\x1f\x8b\x08\x08" + bytes(6) + b"x" * 40_000,
    "members without end": lambda: gzip_of(b"") * 2_000,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_a_gzip_bomb_is_refused_within_half_a_mebibyte(bomb: Callable[[], bytes]) -> None:
    text = SecretText(packed(bomb()))
    assert len(text.reveal()) <= MAX_ENCODED_CHARACTERS, "refused for its length, the bomb would never be looked at"
    assert_refused(lambda: parse_config_blob(text), BlobError)
    assert peak_bytes(lambda: read(lambda: parse_config_blob(text), BlobError)) < 512 * KIB


def test_a_value_far_longer_than_any_secret_is_refused_unread() -> None:
    text = SecretText("vsync-cfg-v1:" + "A" * (32 * MIB))
    assert peak_bytes(lambda: read(lambda: parse_key_secret(text), BlobError)) < 33 * MIB  # the copy that rstrip makes


def shapes(size: int) -> dict[str, str]:
    """JSON of about this many characters, each kind the worst for some way of reading it."""
    return {
        "members": "{" + ",".join(f'"{number}":1' for number in range(size // 9)) + "}",
        "one name": '{"a":1' + ',"a":1' * (size // 6) + "}",
        "deep": '{"a":' * (size // 5),
        "brackets in a string": '{"a":"' + "[{" * (size // 2) + '"}',
        "open string": '{"a":"' + "x" * size,
        "backslashes": '{"a":"' + "\\" * size,
        "quotes": "{" + '"' * size,
        "white space": "{" + " " * size,
        "digits": '{"a":' + "9" * size + "}",
        "numbers": '{"a":[' + "9" * 4_300 + ("," + "9" * 4_300) * (size // 4_301) + "]}",
        "exponents": '{"a":[1' + ",1e999999999" * (size // 12) + "]}",
        "surrogates": '{"a":"' + "\\ud800" * (size // 6) + '"}',
        "lists": '{"a":[' + "[]," * (size // 3) + "[]]}",
    }


@pytest.mark.parametrize("shape", shapes(0))
def test_reading_json_costs_work_and_memory_in_proportion_to_its_length(shape: str) -> None:
    small, large = shapes(15_000)[shape], shapes(60_000)[shape]
    assert peak_bytes(lambda: secret_in(large)) < 8 * MIB
    assert calls_made(lambda: secret_in(large)) <= 5 * calls_made(lambda: secret_in(small))
