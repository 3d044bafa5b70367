"""The outside of a blob (SPEC 5.1 to 5.4, 5.10)."""

import base64
import gzip
import hashlib
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vsync_rotation.errors import BlobError, RotationError, SettingsError, UnsupportedVersionError
from vsync_rotation.formats.blob_envelope import MAX_DECODED_BYTES, MAX_ENCODED_CHARACTERS, PREFIX, pack, unpack
from vsync_rotation.redacted import SecretText


def blob_of(content: bytes) -> SecretText:
    return SecretText(PREFIX + base64.urlsafe_b64encode(content).decode("ascii").rstrip("="))


@settings(deadline=None)
@given(st.text(max_size=2_000))
def test_what_is_packed_unpacks_to_the_same_text(text: str) -> None:
    assert unpack(pack(SecretText(text))).reveal() == text


@given(st.text(max_size=200))
def test_packing_twice_gives_the_same_blob_without_white_space(text: str) -> None:
    blob = pack(SecretText(text))
    assert blob == pack(SecretText(text))
    assert not set(blob.reveal()) & set(" \t\r\n=+/")


def test_the_gzip_header_is_the_fixed_one_and_the_standard_library_opens_it() -> None:
    body = pack(SecretText('{"v":1}')).reveal().removeprefix(PREFIX)
    data = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    assert data[:10].hex() == "1f8b0800000000000003"
    assert gzip.decompress(data) == b'{"v":1}'


@pytest.mark.parametrize("level", [1, 6, 9])
def test_any_level_time_and_file_name_is_read(level: int) -> None:
    named = bytes.fromhex("1f8b0808") + b"\x01\x02\x03\x04\x00\xffname\x00" + gzip.compress(b"{}", level)[10:]
    assert unpack(blob_of(gzip.compress(b"{}", level, mtime=1_700_000_000))).reveal() == "{}"
    assert unpack(blob_of(named)).reveal() == "{}"


@pytest.mark.parametrize("trailing", ["\n", "\r\n", " \t\n\n", ""])
def test_white_space_behind_the_blob_is_ignored(trailing: str) -> None:
    assert unpack(SecretText(pack(SecretText("{}")).reveal() + trailing)).reveal() == "{}"


@pytest.mark.parametrize("trailing", ["\v", "\f", "\u00a0", "\x00"])
def test_other_characters_behind_the_blob_are_not(trailing: str) -> None:
    with pytest.raises(BlobError, match="base64url alphabet"):
        unpack(SecretText(pack(SecretText("{}")).reveal() + trailing))


GOOD = pack(SecretText('{"v":1}')).reveal()
MEMBER = gzip.compress(b'{"v":1}')

REFUSED = {
    "empty": ("", BlobError, "does not begin with vsync-cfg-v1:"),
    "json": ('{"v":1}', BlobError, "does not begin with vsync-cfg-v1:"),
    "upper case": (GOOD.upper(), BlobError, "does not begin with vsync-cfg-v1:"),
    "prefix without a version": ("vsync-cfg-v", BlobError, "does not begin with vsync-cfg-v1:"),
    "white space before": (" " + GOOD, BlobError, "does not begin with vsync-cfg-v1:"),
    "byte order mark before": ("\ufeff" + GOOD, BlobError, "does not begin with vsync-cfg-v1:"),
    "version 2": (GOOD.replace("v1", "v2"), UnsupportedVersionError, "other than v1"),
    "version 11": (GOOD.replace("v1", "v11"), UnsupportedVersionError, "other than v1"),
    "no body": (PREFIX, BlobError, "nothing follows"),
    "padding": (GOOD + "=", BlobError, "base64url alphabet"),
    "standard alphabet": (PREFIX + "ab+/", BlobError, "at character 15"),
    "newline inside": (GOOD[:20] + "\n" + GOOD[20:], BlobError, "at character 20"),
    "five characters": (PREFIX + "abcde", BlobError, "no whole number of bytes"),
    "unused bits": (PREFIX + "H4t", BlobError, "bits that belong to no byte"),
    "not gzip": (blob_of(b"plain").reveal(), BlobError, "not gzip"),
    "zlib": (blob_of(b"\x78\x9c\x03\x00\x00\x00\x00\x01").reveal(), BlobError, "not gzip"),
    "gzip magic only": (blob_of(b"\x1f\x8b").reveal(), BlobError, "cut short"),
    "another method": (blob_of(b"\x1f\x8b\x07" + MEMBER[3:]).reveal(), BlobError, "damaged"),
    "cut in the data": (blob_of(MEMBER[:-10]).reveal(), BlobError, "cut short"),
    "cut in the trailer": (blob_of(MEMBER[:-1]).reveal(), BlobError, "cut short"),
    "crc": (blob_of(MEMBER[:-8] + bytes(4) + MEMBER[-4:]).reveal(), BlobError, "damaged"),
    "length": (blob_of(MEMBER[:-4] + bytes(4)).reveal(), BlobError, "damaged"),
    "two members": (blob_of(MEMBER + MEMBER).reveal(), BlobError, f"{len(MEMBER)} bytes follow"),
    "zero byte behind": (blob_of(MEMBER + b"\x00").reveal(), BlobError, "1 bytes follow"),
    "latin-1": (blob_of(gzip.compress(b"marker \xfc")).reveal(), BlobError, "not UTF-8 at byte 7"),
    "surrogate in UTF-8": (blob_of(gzip.compress(b"\xed\xa0\x80")).reveal(), BlobError, "not UTF-8 at byte 0"),
    "too long": (PREFIX + "A" * MAX_ENCODED_CHARACTERS, BlobError, "more than 65536"),
}


@pytest.mark.parametrize(("text", "error", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_each_damage_has_its_class_and_line(text: str, error: type[RotationError], message: str) -> None:
    with pytest.raises(error) as caught:
        unpack(SecretText(text))
    assert type(caught.value) is error
    assert message in caught.value.what
    assert "\n" not in str(caught.value)
    assert "marker" not in repr(caught.value.__context__)


def test_exactly_the_largest_content_is_accepted_and_one_byte_more_is_not() -> None:
    assert len(unpack(blob_of(gzip.compress(b"x" * MAX_DECODED_BYTES))).reveal()) == MAX_DECODED_BYTES
    with pytest.raises(BlobError, match="inflates to more than 65536 bytes"):
        unpack(blob_of(gzip.compress(b"x" * (MAX_DECODED_BYTES + 1))))


def test_a_gzip_bomb_costs_no_more_memory_than_the_limit() -> None:
    bomb = blob_of(gzip.compress(bytes(32 * 1024 * 1024)))
    tracemalloc.start()
    try:
        with pytest.raises(BlobError, match="inflates to more than"):
            unpack(bomb)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # Text, decoded text and its re-encoding besides the inflated limit; the bomb itself would be 32 MiB.
    assert peak < 1024 * 1024


def test_a_blob_that_could_not_be_read_again_is_not_packed() -> None:
    with pytest.raises(SettingsError, match="decode to 65537 bytes"):
        pack(SecretText("x" * (MAX_DECODED_BYTES + 1)))
    noise = b"".join(hashlib.sha512(bytes([number // 256, number % 256])).digest() for number in range(812))
    incompressible = base64.b85encode(noise).decode("ascii")
    assert len(incompressible) < MAX_DECODED_BYTES
    with pytest.raises(SettingsError, match=r"would have \d+ characters, more than 65536"):
        pack(SecretText(incompressible))


@settings(deadline=None)
@given(
    st.text() | st.text(alphabet="AHz-_09=+ \n").map(PREFIX.__add__) | st.binary().map(lambda b: blob_of(b).reveal())
)
def test_any_text_gives_text_or_the_family(text: str) -> None:
    try:
        unpack(SecretText(text))
    except RotationError as error:
        assert type(error) in {BlobError, UnsupportedVersionError}  # noqa: PT017 - either outcome is right


@settings(deadline=None)
@given(st.data())
def test_a_blob_with_one_changed_bit_is_refused_or_says_the_same(data: st.DataObject) -> None:
    content = bytearray(gzip.compress(b'{"v":1,"bucket":"one"}', mtime=0))
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        assert unpack(blob_of(bytes(content))).reveal() == '{"v":1,"bucket":"one"}'
    except BlobError as error:
        assert "gzip" in error.what  # noqa: PT017 - either outcome is right
