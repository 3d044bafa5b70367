"""The two pointer objects: the runtime layout's `manifest` and the CLI layout's `latest` (SPEC 6)."""

from dataclasses import dataclass, field
from typing import Final

from vsync_rotation.errors import BundleCorruptError
from vsync_rotation.formats.rqem0001 import SEAL_SIZE, encode_seal, is_sealed, parse_seal
from vsync_rotation.formats.timestamp import Timestamp

# Everything beyond the seal is a payload no reader looks at; one this large is somebody else's object.
MAX_POINTER_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Pointer:
    """What a pointer object says.

    Attributes:
        timestamp: names the live bundle.
        sealed: whether the object carries the RQEM0001 magic.
        tail: the payload behind the seal, carried over unread when the pointer moves; empty in the bare form.
    """

    timestamp: Timestamp
    sealed: bool
    tail: bytes = field(default=b"", repr=False)

    def moved_to(self, timestamp: Timestamp) -> bytes:
        """The object body that names another bundle, in the form this one was found in (SPEC 6.5)."""
        if self.sealed:
            return encode_seal(timestamp) + self.tail
        return timestamp.text.encode("ascii")


def parse_manifest(body: bytes) -> Pointer:
    """Read the runtime pointer: sealed, or the bare timestamp.

    Raises:
        BundleCorruptError: neither form, or more than 65,536 bytes.
    """
    _check_size(body)
    if is_sealed(body):
        return Pointer(parse_seal(body[:SEAL_SIZE]), sealed=True, tail=body[SEAL_SIZE:])
    return _bare(body)


def parse_latest(body: bytes) -> Pointer:
    """Read the CLI pointer: the bare timestamp only (SPEC 6.4).

    Raises:
        BundleCorruptError: anything else, a sealed body included.
    """
    _check_size(body)
    return _bare(body)


def _check_size(body: bytes) -> None:
    if len(body) > MAX_POINTER_BYTES:
        raise BundleCorruptError(
            f"the pointer object has {len(body)} bytes, more than {MAX_POINTER_BYTES}",
            remedy="see what was written to the pointer's key, then push the vault again",
        )


def _bare(body: bytes) -> Pointer:
    # White space around the text is read, because people mend pointers with editors; it is never written (SPEC 6.4).
    return Pointer(Timestamp.parse(body.strip().decode("latin-1")), sealed=False)
