"""The RQE1 envelope's header: magic, version, initialisation vector (SPEC 2)."""

from typing import Final

from vsync_rotation.errors import BundleCorruptError, UnsupportedVersionError

HEADER_SIZE: Final = 16
IV_SIZE: Final = 12
TAG_SIZE: Final = 16
MIN_SIZE: Final = HEADER_SIZE + TAG_SIZE  # an empty plaintext

# GCM encrypts at most 2^39 - 256 bits under one IV (NIST SP 800-38D, 5.2.1.1); the cipher refuses more.
MAX_SIZE: Final = HEADER_SIZE + (2**36 - 32) + TAG_SIZE

_MAGIC: Final = b"RQE"
_VERSION: Final = b"1"
_REMEDY: Final = "push the vault again from a machine that opens it, or point the pointer at an intact bundle"


def parse_header(head: bytes, *, size: int) -> bytes:
    """Check an envelope's beginning and return its IV.

    Args:
        head: at least the first 16 bytes of the envelope.
        size: length of the whole envelope in bytes, as the store states it.

    The order is length, magic, version (SPEC 2.3), so that each kind of damage has one name.

    Raises:
        BundleCorruptError: too short, too long for the cipher, or another magic.
        UnsupportedVersionError: the magic of RQE1's family with another version.
    """
    _check_length(head, size)
    if head[:3] != _MAGIC:
        raise BundleCorruptError("the bundle does not begin with the RQE1 magic (offset 0, 3 bytes)", remedy=_REMEDY)
    if head[3:4] != _VERSION:
        raise UnsupportedVersionError(
            "the bundle is an RQE envelope of a version other than 1 (offset 3)",
            remedy="deploy a release of the rotation functions that speaks this version, or push with an older vsync",
        )
    return head[4:HEADER_SIZE]


def encode_header(iv: bytes) -> bytes:
    """The 16 bytes before the ciphertext.

    Raises:
        ValueError: the IV is not 12 bytes.
    """
    if len(iv) != IV_SIZE:
        raise ValueError(f"an IV has {IV_SIZE} bytes, not {len(iv)}")
    return _MAGIC + _VERSION + iv


def _check_length(head: bytes, size: int) -> None:
    if size < MIN_SIZE:
        raise BundleCorruptError(
            f"the bundle has {size} bytes; an RQE1 envelope has at least {MIN_SIZE}", remedy=_REMEDY
        )
    if size > MAX_SIZE:
        raise BundleCorruptError(f"the bundle has {size} bytes; AES-GCM allows at most {MAX_SIZE}", remedy=_REMEDY)
    if len(head) < HEADER_SIZE:
        raise BundleCorruptError(
            f"the bundle ended after {len(head)} of {size} bytes, inside its {HEADER_SIZE}-byte header", remedy=_REMEDY
        )
