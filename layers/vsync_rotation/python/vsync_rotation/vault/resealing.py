"""From the live bundle's bytes to the staged bundle's: one pass, constant memory (SPEC 10).

Nothing that leaves here may be published before the stream is exhausted: the old bundle's tag is verified last. For
the same reason a finding about its contents is raised only after the tag held; of forged bytes nothing is believed.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from vsync_rotation.errors import BundleCorruptError, SealMismatchError
from vsync_rotation.formats.rqem0001 import SEAL_SIZE, encode_seal, is_sealed, parse_seal
from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.redacted import SecretBytes
from vsync_rotation.settings import REPAIR, Repair
from vsync_rotation.vault.envelope import open_envelope, seal_envelope

# S3: every part but the last has at least 5 MiB, and there are at most 10,000 of them.
PART_SIZE: Final = 5 * 1024 * 1024
MAX_BUNDLE_SIZE: Final = PART_SIZE * 10_000

_OLDER_SEAL: Final = (
    f"if the vsync CLI rotated this vault, set the tag {REPAIR} to {Repair.SEAL} for one rotation; "
    "otherwise find out who pointed back to an older bundle"
)
_NEWER_SEAL: Final = "treat it as tampering: find out who wrote the bundle or the pointer, then push again"

RandomBytes = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class SealedBundle:
    """A bundle as it lies in the store: its bytes, what opens it, and the timestamp its pointer gives it."""

    chunks: Iterable[bytes]
    size: int
    key: SecretBytes
    timestamp: Timestamp
    repair: Repair


@dataclass(frozen=True, slots=True)
class PayloadDigest:
    """What two bundles must have in common to hold the same: payload and whether it is sealed."""

    sealed: bool
    sha256: bytes


def resealed_envelope(
    live: SealedBundle, *, key: SecretBytes, timestamp: Timestamp, random: RandomBytes
) -> Iterator[bytes]:
    """The live bundle's payload, byte for byte, in a new envelope, under a new seal where it was sealed.

    Raises:
        WrongPassphraseError, BundleCorruptError, SealMismatchError: from the iterator, at its end at the latest.
    """
    return seal_envelope(_resealed_plaintext(live, timestamp), key=key, random=random)


def payload_digest(bundle: SealedBundle) -> PayloadDigest:
    """Open a bundle to its end and digest its payload.

    Raises:
        WrongPassphraseError, BundleCorruptError, SealMismatchError: as the findings are.
    """
    seal, payload = _split_seal(bundle)
    digest = hashlib.sha256()
    for chunk in payload:
        digest.update(chunk)
    return PayloadDigest(seal is not None, digest.digest())


def in_parts(chunks: Iterable[bytes]) -> Iterator[bytearray]:
    """Cut a stream into parts of PART_SIZE, all in the same memory: use one before asking for the next."""
    part = bytearray(PART_SIZE)
    filled = 0
    for chunk in chunks:
        rest = memoryview(chunk)
        while rest:
            taken = rest[: PART_SIZE - filled]
            part[filled : filled + len(taken)] = taken
            filled += len(taken)
            rest = rest[len(taken) :]
            if filled == PART_SIZE:
                yield part
                filled = 0
    if filled:
        del part[filled:]
        yield part


def _resealed_plaintext(live: SealedBundle, timestamp: Timestamp) -> Iterator[bytes]:
    seal, payload = _split_seal(live)
    if seal is not None:
        yield encode_seal(timestamp)
    yield from payload


def _split_seal(bundle: SealedBundle) -> tuple[Timestamp | None, Iterator[bytes]]:
    plaintext = open_envelope(bundle.chunks, size=bundle.size, key=bundle.key)
    head = bytearray()
    for chunk in plaintext:
        head += chunk
        if len(head) >= SEAL_SIZE:
            break
    if not is_sealed(bytes(head[:SEAL_SIZE])):
        return None, _joined(bytes(head), plaintext)
    try:
        seal = parse_seal(bytes(head[:SEAL_SIZE]))
        _require_seal(seal, bundle)
    except (BundleCorruptError, SealMismatchError):
        _exhaust(plaintext)
        raise
    return seal, _joined(bytes(head[SEAL_SIZE:]), plaintext)


def _require_seal(seal: Timestamp, bundle: SealedBundle) -> None:
    # SPEC 3.3: embedded timestamp == pointer. An older one is what the vsync CLI's own rotation leaves; a newer one
    # is a bundle moved under an older name, which no tool does.
    if seal == bundle.timestamp or (seal < bundle.timestamp and bundle.repair is Repair.SEAL):
        return
    raise SealMismatchError(
        f"the bundle is sealed as {seal}, its pointer says {bundle.timestamp}",
        remedy=_OLDER_SEAL if seal < bundle.timestamp else _NEWER_SEAL,
    )


def _joined(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    yield from rest


def _exhaust(plaintext: Iterator[bytes]) -> None:
    for _chunk in plaintext:
        pass
