"""The RQEM0001 seal: a magic and the timestamp that the sealed thing claims (SPEC 3)."""

from typing import Final

from vsync_rotation.errors import BundleCorruptError
from vsync_rotation.formats.timestamp import TIMESTAMP_SIZE, Timestamp

MAGIC: Final = b"RQEM0001"
SEAL_SIZE: Final = len(MAGIC) + TIMESTAMP_SIZE

_REMEDY: Final = "push the vault again from a machine that opens it"


def is_sealed(head: bytes) -> bool:
    """Whether the bytes begin with the magic. Eight bytes are enough to tell; fewer are never sealed."""
    return head.startswith(MAGIC)


def parse_seal(head: bytes) -> Timestamp:
    """Read the seal at the beginning; what follows it is not looked at.

    Raises:
        BundleCorruptError: fewer than 23 bytes, another magic, or no timestamp behind it.
    """
    if len(head) < SEAL_SIZE:
        raise BundleCorruptError(f"a seal has {SEAL_SIZE} bytes, found {len(head)}", remedy=_REMEDY)
    if not is_sealed(head):
        raise BundleCorruptError(f"the first {len(MAGIC)} bytes are not the RQEM0001 magic", remedy=_REMEDY)
    # latin-1 never fails and maps no foreign byte to an ASCII digit, so the timestamp's own check has the last word.
    return Timestamp.parse(head[len(MAGIC) : SEAL_SIZE].decode("latin-1"))


def encode_seal(timestamp: Timestamp) -> bytes:
    """The 23 bytes to put before a payload."""
    return MAGIC + timestamp.text.encode("ascii")
