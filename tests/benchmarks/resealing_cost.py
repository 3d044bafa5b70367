"""Throughput and peak memory of re-encrypting one bundle: this software's stream, against reading it all.

Both get the same bundle from a source that makes it while it is read and holds one chunk of it, and give the new one
to a sink that counts. Each measurement has a process of its own, since a process never shows a peak again that it had.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Final, NoReturn

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import GCM

from tests.benchmarks.fresh_process import output_of
from vsync_rotation.crypto.key_derivation import derive_key
from vsync_rotation.formats.pointer import parse_manifest
from vsync_rotation.formats.rqe1 import HEADER_SIZE, IV_SIZE, encode_header
from vsync_rotation.formats.rqem0001 import SEAL_SIZE, encode_seal
from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.redacted import SecretText
from vsync_rotation.settings import Repair
from vsync_rotation.vault.key_ring import KeyRing
from vsync_rotation.vault.layouts import FoundLayout, runtime_layout
from vsync_rotation.vault.ports import ETag, ObjectInfo, ObjectStore, OpenObject, SmallObject, Upload
from vsync_rotation.vault.staging import LiveBundle, OpenBundle, Staging

MEGABYTE: Final = 1024 * 1024
SIZES_MB: Final = (1, 64, 512)
RUNS: Final = 2
_CHUNK: Final = 128 * 1024  # as S3 bodies are read
_SALT: Final = "c2FsdC1vZi1hLXRlc3QtdmF1"
_OLD, _NEW = SecretText("the old passphrase"), SecretText("the new passphrase")
_ITERATIONS: Final = 1_000  # a derivation is measured elsewhere
_IV: Final = bytes(IV_SIZE)
_LIVE: Final = Timestamp.parse("20260401-000000")
_MADE_AT: Final = datetime(2026, 5, 1, tzinfo=UTC)
_STAGED: Final = Timestamp.at(_MADE_AT)


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds, and bytes of memory at the peak beyond what the process held before."""

    seconds: float
    peak_bytes: int

    def megabytes_per_second(self, size_mb: int) -> float:
        """Throughput."""
        return size_mb / self.seconds


@dataclass(frozen=True, slots=True)
class Source:
    """A sealed bundle that is not there: the same ciphertext over and over, between the right head and the right tag.

    What it decrypts to is no payload anybody wrote, which no cipher minds.
    """

    head: bytes
    chunk: bytes
    repeated: int
    tag: bytes

    @property
    def size(self) -> int:
        """Bytes of the envelope."""
        return len(self.head) + self.repeated * len(self.chunk) + len(self.tag)

    def chunks(self) -> Iterator[bytes]:
        """The envelope."""
        yield self.head
        for _ in range(self.repeated):
            yield self.chunk
        yield self.tag


def cost_of(way: str, size_mb: int) -> Cost:
    """The best of several runs of `stream` or `naive`."""
    program = f"from tests.benchmarks.resealing_cost import measure; measure({way!r}, {size_mb})"
    measured = [json.loads(output_of(program)) for _ in range(RUNS)]
    return Cost(min(run["seconds"] for run in measured), min(run["peak_bytes"] for run in measured))


def measure(way: str, size_mb: int) -> None:
    """In a fresh process: re-encrypt once, print what it cost."""
    source = _source(size_mb)
    reseal = {"stream": _by_stream, "naive": _by_reading_all}[way]
    work = reseal(source)
    before = _peak_bytes()
    began = time.process_time()
    written = work()
    seconds = time.process_time() - began
    if written != source.size:
        raise AssertionError(f"{written} bytes came out of a bundle of {source.size}")
    sys.stdout.write(json.dumps({"seconds": seconds, "peak_bytes": _peak_bytes() - before}) + "\n")


def _by_stream(source: Source) -> Callable[[], int]:
    """As setSecret does it: the product's staging, on a store that counts what it is given."""
    keys = KeyRing(salt=_SALT, iterations=_ITERATIONS, current=_OLD, pending=_NEW)
    store = CountingStore()
    staging = Staging(store, keys, version_id="new", not_before=_MADE_AT, repair=Repair.NOTHING, random=os.urandom)
    info = ObjectInfo("live", ETag('"live"'), source.size, _MADE_AT, {}, {})
    pointer = SmallObject(replace(info, key="manifest"), encode_seal(_LIVE))
    live = LiveBundle(FoundLayout(runtime_layout(""), parse_manifest(pointer.body), pointer), info)

    def work() -> int:
        staging.make(lambda: (OpenBundle(live, OpenObject(info, source.chunks())),))
        return store.written

    return work


def _by_reading_all(source: Source) -> Callable[[], int]:
    """As a first version would: the whole object, the whole plaintext, the whole new object."""

    def work() -> int:
        old, new = (_derived(passphrase) for passphrase in (_OLD, _NEW))
        envelope = b"".join(source.chunks())
        plaintext = AESGCM(old).decrypt(envelope[4 : 4 + IV_SIZE], envelope[HEADER_SIZE:], None)
        resealed = encode_seal(_STAGED) + plaintext[SEAL_SIZE:]
        iv = os.urandom(IV_SIZE)
        return len(encode_header(iv) + AESGCM(new).encrypt(iv, resealed, None))

    return work


def _derived(passphrase: SecretText) -> bytes:
    return derive_key(passphrase, salt=_SALT, iterations=_ITERATIONS).reveal()


def _source(size_mb: int) -> Source:
    """Made by encrypting what the repeated ciphertext decrypts to: that gives the tag."""
    cipher = Cipher(AES256(_derived(_OLD)), GCM(_IV))
    decryptor, encryptor = cipher.decryptor(), cipher.encryptor()
    sealed = encryptor.update(encode_seal(_LIVE))
    decryptor.update(sealed)
    chunk = os.urandom(_CHUNK)
    repeated = size_mb * MEGABYTE // _CHUNK
    for _ in range(repeated):
        if encryptor.update(decryptor.update(chunk)) != chunk:
            raise AssertionError("the two contexts are out of step")
    encryptor.finalize()
    return Source(encode_header(_IV) + sealed, chunk, repeated, encryptor.tag)


def _peak_bytes() -> int:
    """The most memory this process ever held. Linux's own count starts with the program; others' with its parent."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return getrusage(RUSAGE_SELF).ru_maxrss


class CountingStore(ObjectStore):
    """Takes a staged bundle, keeps nothing of it, and refuses everything else."""

    def __init__(self) -> None:
        self.written = 0

    def put_if_absent(
        self, key: str, body: bytes, metadata: Mapping[str, str], headers: Mapping[str, str]
    ) -> ETag | None:
        self.written += len(body)
        return ETag('"staged"')

    def upload(self, key: str, parts: Iterable[bytes | bytearray], metadata: Mapping[str, str]) -> Upload:
        for part in parts:
            self.written += len(part)
        return Upload(key, "upload", ("part",))

    def publish_if_absent(self, upload: Upload) -> ETag | None:
        return ETag('"staged"')

    def discard(self, upload: Upload) -> None:
        _not_expected()

    def head(self, key: str) -> ObjectInfo | None:
        _not_expected()

    def get(self, key: str) -> SmallObject | None:
        _not_expected()

    def open(self, key: str) -> OpenObject | None:
        _not_expected()

    def replace(self, old: ObjectInfo, body: bytes, metadata: Mapping[str, str]) -> ETag | None:
        _not_expected()

    def keys_after(self, prefix: str, after: str) -> Iterator[str]:
        _not_expected()


def _not_expected() -> NoReturn:
    raise AssertionError("staging a bundle sent a request that was not expected")
