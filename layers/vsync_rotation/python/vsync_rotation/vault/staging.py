"""Finding and making the staged bundles of one rotation (SPEC 10).

All layouts are staged under one timestamp. A staged bundle names, in its object metadata, the version of the secret
it was made for and the live bundle it was made from; so a repetition finds its own work and adds nothing, and a push
in between makes it stale for all to see.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from vsync_rotation.errors import BundleCorruptError, ConcurrentChangeError, WrongPassphraseError
from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.redacted import SecretBytes
from vsync_rotation.settings import Repair
from vsync_rotation.vault.key_ring import KeyRing
from vsync_rotation.vault.layouts import FoundLayout
from vsync_rotation.vault.ports import ETag, ObjectInfo, ObjectStore, OpenObject, Upload
from vsync_rotation.vault.resealing import (
    MAX_BUNDLE_SIZE,
    PART_SIZE,
    PayloadDigest,
    RandomBytes,
    SealedBundle,
    in_parts,
    payload_digest,
    resealed_envelope,
)

VERSION_METADATA: Final = "vsync-rotation-version"
SOURCE_METADATA: Final = "vsync-rotation-source"
# A second on for each that another writer has taken; a writer who takes more of them than this is not a laptop.
_MAX_TAKEN_SECONDS: Final = 30

# Secrets Manager: a client request token, which names a version, has 32 to 64 characters; the service's are UUIDs.
_VERSION_ID: Final = re.compile(r"[A-Za-z0-9-]{32,64}")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LiveBundle:
    """A layout, and what lies at its live bundle's key."""

    found: FoundLayout
    info: ObjectInfo

    def made_for(self, version_id: str) -> bool:
        """Whether a rotation staged it for that version of the secret."""
        return self.info.metadata.get(VERSION_METADATA) == version_id

    @property
    def source(self) -> str:
        """How a bundle made from this one names it: pointer timestamp and ETag; a push changes at least one."""
        etag = self.info.etag.strip('"')
        return f"{self.found.pointer.timestamp}/{etag}"


@dataclass(frozen=True, slots=True)
class OpenBundle:
    """A live bundle whose body is still to be read."""

    live: LiveBundle
    body: OpenObject


class Staging:
    """The staged bundles for one version of the secret.

    `not_before` is the creation time of that version: it makes the timestamp the same at every repetition.
    """

    def __init__(
        self,
        store: ObjectStore,
        keys: KeyRing,
        *,
        version_id: str,
        not_before: datetime,
        repair: Repair,
        random: RandomBytes,
    ) -> None:
        self._store = store
        self._keys = keys
        self._version_id = version_id
        self._not_before = Timestamp.at(not_before)
        self._repair = repair
        self._random = random

    def is_own(self, live: LiveBundle) -> bool:
        """Whether the live bundle is this rotation's own, the pointer swapped already."""
        return live.made_for(self._version_id)

    def timestamp(self, lives: Sequence[LiveBundle]) -> Timestamp:
        """The first timestamp to try: the version's creation, or later where a pointer is (SPEC 10.2)."""
        own = (live.found.pointer.timestamp for live in lives if self.is_own(live))
        others = (live.found.pointer.timestamp.plus_one_second() for live in lives if not self.is_own(live))
        return max(self._not_before, *own, *others)

    def find(
        self, lives: Sequence[LiveBundle], fetch: Callable[[str], T | None], info: Callable[[T], ObjectInfo]
    ) -> tuple[Timestamp, tuple[T, ...]] | None:
        """The staged bundles that are fresh for these live ones; None where one is not there yet.

        Raises:
            ConcurrentChangeError: other writers hold every timestamp tried.
        """
        timestamp = self.timestamp(lives)
        for _ in range(_MAX_TAKEN_SECONDS):
            staged = [fetch(live.found.layout.bundle_key(timestamp)) for live in lives]
            fresh = [
                item is not None and self._is_fresh(info(item), live, timestamp)
                for item, live in zip(staged, lives, strict=True)
            ]
            present = tuple(item for item in staged if item is not None)
            if all(fresh):
                return timestamp, present
            if sum(fresh) == len(present):
                return None
            timestamp = timestamp.plus_one_second()
        raise _all_taken(timestamp)

    def make(self, open_lives: Callable[[], tuple[OpenBundle, ...]]) -> Timestamp:
        """Stage every layout; what is there and fresh stays as it is. Each try opens the live bundles anew.

        Raises:
            WrongPassphraseError, BundleCorruptError, SealMismatchError: a live bundle does not open; nothing is staged.
            ConcurrentChangeError: other writers hold every timestamp tried.
        """
        timestamp = None
        for _ in range(_MAX_TAKEN_SECONDS):
            bundles = open_lives()
            first = self.timestamp([bundle.live for bundle in bundles])
            timestamp = first if timestamp is None else max(first, timestamp.plus_one_second())
            if self._stage(bundles, timestamp):
                return timestamp
        raise _all_taken(timestamp)

    def open_live(self, found: FoundLayout) -> OpenBundle:
        """Begin to read the live bundle.

        Raises:
            BundleCorruptError: the pointer names a bundle that is not there, or is larger than can be staged.
        """
        opened = self._store.open(found.bundle_key)
        if opened is None:
            raise missing_bundle(found)
        if opened.info.size > MAX_BUNDLE_SIZE:
            raise BundleCorruptError(
                f"{found.bundle_key} is larger than {MAX_BUNDLE_SIZE} bytes",
                remedy="check what was pushed, and push again",
            )
        return OpenBundle(LiveBundle(found, opened.info), opened)

    def require_opens(self, live: OpenBundle) -> None:
        """Open a live bundle to its end.

        Raises:
            WrongPassphraseError, BundleCorruptError, SealMismatchError: as the findings are.
        """
        self._digest_live(live)

    def require_same_payload(self, live: OpenBundle, staged: OpenObject, timestamp: Timestamp) -> None:
        """Open both to their ends and compare.

        Raises:
            BundleCorruptError: the staged bundle holds something else.
        """
        layout = live.live.found.layout
        if self._digest_live(live) != self._digest_staged(staged, timestamp):
            raise BundleCorruptError(
                f"the staged bundle {layout.bundle_key(timestamp)} does not hold what the live one holds",
                remedy="start the rotation again; report it if it happens twice",
            )

    def _digest_live(self, bundle: OpenBundle) -> PayloadDigest:
        return _explained(lambda: payload_digest(self._sealed(bundle)), bundle.live)

    def _digest_staged(self, staged: OpenObject, timestamp: Timestamp) -> PayloadDigest:
        return payload_digest(
            SealedBundle(staged.chunks, staged.info.size, self._keys.pending(), timestamp, Repair.NOTHING)
        )

    def _sealed(self, bundle: OpenBundle) -> SealedBundle:
        pointer = bundle.live.found.pointer
        return SealedBundle(
            bundle.body.chunks, bundle.body.info.size, self._key_of(bundle.live), pointer.timestamp, self._repair
        )

    def _key_of(self, live: LiveBundle) -> SecretBytes:
        return self._keys.pending() if self.is_own(live) else self._keys.current()

    def _stage(self, bundles: Sequence[OpenBundle], timestamp: Timestamp) -> bool:
        """Whether every layout's bundle stands under the timestamp afterwards: just written, or fresh already.

        Every live bundle is read to its end and verified before the first staged one becomes visible.
        """
        unpublished: list[Upload] = []
        try:
            staged = [self._prepared(bundle, timestamp, unpublished) for bundle in bundles]
            return all(publish() for publish in staged)
        finally:
            for upload in unpublished:
                self._store.discard(upload)

    def _prepared(self, bundle: OpenBundle, timestamp: Timestamp, unpublished: list[Upload]) -> Callable[[], bool]:
        """What makes the layout's staged bundle visible, and tells whether it stands there afterwards."""
        live = bundle.live
        key = live.found.layout.bundle_key(timestamp)
        if key == live.info.key:
            return lambda: True
        envelope = resealed_envelope(
            self._sealed(bundle), key=self._keys.pending(), timestamp=timestamp, random=self._random
        )
        metadata = {VERSION_METADATA: self._version_id, SOURCE_METADATA: live.source}
        if bundle.body.info.size <= PART_SIZE:
            body = _explained(lambda: b"".join(envelope), live)
            return lambda: self._stands(self._store.put_if_absent(key, body, metadata, {}), key, live, timestamp)
        upload = _explained(lambda: self._store.upload(key, in_parts(envelope), metadata), live)
        unpublished.append(upload)

        def publish() -> bool:
            written = self._store.publish_if_absent(upload)
            unpublished.remove(upload)
            return self._stands(written, key, live, timestamp)

        return publish

    def _stands(self, written: ETag | None, key: str, live: LiveBundle, timestamp: Timestamp) -> bool:
        """After a lost condition, read back: a write that the SDK repeated meets itself (SPEC 10.6)."""
        if written is not None:
            return True
        there = self._store.head(key)
        return there is not None and self._is_fresh(there, live, timestamp)

    def _is_fresh(self, staged: ObjectInfo, live: LiveBundle, timestamp: Timestamp) -> bool:
        metadata: Mapping[str, str] = staged.metadata
        if metadata.get(VERSION_METADATA) != self._version_id:
            return False
        return live.found.pointer.timestamp == timestamp or metadata.get(SOURCE_METADATA) == live.source


def missing_bundle(found: FoundLayout) -> BundleCorruptError:
    """The finding that a pointer names a bundle that is not there."""
    return BundleCorruptError(
        f"{found.layout.pointer_key} names {found.bundle_key}, which is not there",
        remedy="push the vault again, or put the bundle back from a backup",
    )


def _explained(read: Callable[[], T], live: LiveBundle) -> T:
    """Say which bundle a wrong passphrase met, and what wrote it."""
    try:
        return read()
    except WrongPassphraseError:
        maker = _version_named(live.info.metadata.get(VERSION_METADATA, ""))
        hint = (
            f"it was made for version {maker} of a secret: label that version AWSCURRENT again"
            if maker
            else "a laptop may have pushed with an old passphrase, or the vault was rotated by hand"
        )
        raise WrongPassphraseError(
            f"AWSCURRENT does not open the live {live.found.layout.name} bundle {live.info.key}",
            remedy=f"{hint}; store the passphrase that opens it, or push again with the current one",
        ) from None


def _version_named(text: str) -> str | None:
    """Whoever writes the bucket chose the metadata freely: only what can be a version id is repeated."""
    return text if _VERSION_ID.fullmatch(text) else None


def _all_taken(timestamp: Timestamp | None) -> ConcurrentChangeError:
    return ConcurrentChangeError(
        f"other writers have taken every timestamp up to {timestamp}",
        remedy="find out who writes to the vault's prefix, then let it be tried again",
    )
