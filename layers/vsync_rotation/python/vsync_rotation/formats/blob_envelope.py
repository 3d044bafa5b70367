"""The outside of a blob: prefix, base64url, gzip, UTF-8 (SPEC 5.1 to 5.4)."""

import base64
import re
import struct
import zlib
from typing import Final

from vsync_rotation.errors import BlobError, SettingsError, UnsupportedVersionError
from vsync_rotation.redacted import SecretText

PREFIX: Final = "vsync-cfg-v1:"
MAX_ENCODED_CHARACTERS: Final = 65_536  # also what Secrets Manager holds in one SecretString
MAX_DECODED_BYTES: Final = 65_536

# An operator's editor ends files with a newline; the readers of a blob strip these four in files (SPEC 5.2).
TRAILING_WHITE_SPACE: Final = "\r\n\t "

_OTHER_VERSION: Final = re.compile(r"vsync-cfg-v[^:]{0,32}:")
_FOREIGN: Final = re.compile(r"[^A-Za-z0-9_-]")
# Written by hand, so that no zlib's idea of modification time or operating system gets in (RFC 1952, 2.3).
_GZIP_HEADER: Final = bytes.fromhex("1f8b0800000000000003")
_GZIP_LEVEL: Final = 6
_REMEDY: Final = "print the blob again with vsync runtime-token and store it whole, without a newline"


def looks_like_blob(text: str) -> bool:
    """Whether the text claims to be a blob of any version."""
    return text.startswith("vsync-cfg-v")


def unpack(text: SecretText) -> SecretText:
    """From a blob to the JSON text in it.

    Work is bounded: at most 65,536 characters are decoded and at most 65,536 bytes inflated, whatever they claim.

    Raises:
        BlobError: not a blob, or damaged.
        UnsupportedVersionError: a blob of another version.
    """
    return SecretText(_as_utf8(_inflate(_decode(_body(text.reveal().rstrip(TRAILING_WHITE_SPACE))))))


def pack(json_text: SecretText) -> SecretText:
    """From JSON text to a blob. The same text gives the same blob under one zlib (SPEC 5.10).

    Raises:
        SettingsError: a blob this large could not be read again, or not be stored.
    """
    data = json_text.reveal().encode("utf-8")
    if len(data) > MAX_DECODED_BYTES:
        raise SettingsError(
            f"the blob would decode to {len(data)} bytes, more than {MAX_DECODED_BYTES}",
            remedy="shorten the fields that vsync does not need",
        )
    text = PREFIX + base64.urlsafe_b64encode(_deflate(data)).decode("ascii").rstrip("=")
    if len(text) > MAX_ENCODED_CHARACTERS:
        raise SettingsError(
            f"the blob would have {len(text)} characters, more than {MAX_ENCODED_CHARACTERS}",
            remedy="shorten the fields that vsync does not need",
        )
    return SecretText(text)


def _damaged(what: str) -> BlobError:
    return BlobError(what, remedy=_REMEDY)


def _body(text: str) -> str:
    if len(text) > MAX_ENCODED_CHARACTERS:
        raise _damaged(f"the blob has {len(text)} characters, more than {MAX_ENCODED_CHARACTERS}")
    if text.startswith(PREFIX):
        return text.removeprefix(PREFIX)
    if _OTHER_VERSION.match(text):
        raise UnsupportedVersionError(
            "the blob's prefix names a version other than v1",
            remedy="deploy a release of the rotation functions that speaks this version, or store a v1 blob",
        )
    raise _damaged(f"the value does not begin with {PREFIX}")


def _decode(body: str) -> bytes:
    foreign = _FOREIGN.search(body)
    if foreign:
        raise _damaged(
            f"the blob holds a character outside the base64url alphabet at character {len(PREFIX) + foreign.start()} "
            "(padding, + and / do not belong here)"
        )
    if not body:
        raise _damaged("nothing follows the blob's prefix")
    if len(body) % 4 == 1:
        raise _damaged(f"the blob's {len(body)} base64url characters are no whole number of bytes")
    data = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    # Unused bits of the last character are zero, else two texts would mean one blob (RFC 4648, 3.5).
    if base64.urlsafe_b64encode(data).decode("ascii").rstrip("=") != body:
        raise _damaged("the blob's last base64url character has bits that belong to no byte (was it cut short?)")
    return data


def _inflate(data: bytes) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        raise _damaged("the blob's content is not gzip")
    # 16 + 15: a gzip wrapper, whose CRC and length zlib then verifies.
    stream = zlib.decompressobj(wbits=31)
    try:
        plain = stream.decompress(data, MAX_DECODED_BYTES + 1)
    except zlib.error:
        raise _damaged("the blob's gzip content is damaged") from None
    if len(plain) > MAX_DECODED_BYTES:
        raise _damaged(f"the blob inflates to more than {MAX_DECODED_BYTES} bytes")
    if not stream.eof:
        raise _damaged("the blob's gzip content is cut short")
    if stream.unused_data:
        raise _damaged(f"{len(stream.unused_data)} bytes follow the blob's gzip content")
    return plain


def _as_utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as problem:
        offset = problem.start
    # Outside the block above: the codec's exception carries all the bytes and must not be this one's context.
    raise _damaged(f"the blob's content is not UTF-8 at byte {offset}")


def _deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return _GZIP_HEADER + stream.compress(data) + stream.flush() + struct.pack("<II", zlib.crc32(data), len(data))
