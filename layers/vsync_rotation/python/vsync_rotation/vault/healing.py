"""Healing: bundles that a stale laptop pushed under the previous passphrase, put under the current one.

The same staged and conditional path as a rotation's, without its label, generation and audit row: nothing is rotated.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vsync_rotation.errors import PointerMovedError, still_safe
from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.settings import Repair
from vsync_rotation.vault.key_ring import KeyRing
from vsync_rotation.vault.layouts import Layout, Site, find_layouts
from vsync_rotation.vault.pointer import swap
from vsync_rotation.vault.ports import ObjectInfo, ObjectStore, OpenObject
from vsync_rotation.vault.staging import LiveBundle, Staging

# Somebody who pushes as often as this while the vault is healed is healed by the next check.
_TRIES: Final = 3
# Behind the version id in a healed bundle's metadata. Not a version id by itself: a rotation must not take the bundle
# for one of its own, since it was not counted.
_HEALED: Final = "/healed"


@dataclass(frozen=True, slots=True)
class Healing:
    """Heals some layouts of one vault. `keys` opens with the previous passphrase and seals with the current one."""

    store: ObjectStore
    site: Site
    keys: KeyRing
    current_version_id: str
    not_before: datetime
    repair: Repair
    random: Callable[[int], bytes]

    def heal(self, layouts: Sequence[Layout]) -> Timestamp:
        """Stage, verify, and move the pointers; what was pushed meanwhile is staged again first, so no push is lost.

        Safe to repeat, and beside a rotation or another check: every write is conditional on what was read.

        Returns:
            The timestamp of the healed bundles.

        Raises:
            WrongPassphraseError: a bundle no longer opens with the previous passphrase; somebody pushed again.
            PointerMovedError: somebody else moved a pointer first, every time.
        """
        site = Site(self.site.repo, self.site.env, tuple(layouts), self.site.audit_key)
        staging = Staging(
            self.store,
            self.keys,
            version_id=self.current_version_id + _HEALED,
            not_before=self.not_before,
            repair=self.repair,
            random=self.random,
        )
        with still_safe("no pointer names a bundle that was not verified, and no push was lost"):
            for _ in range(_TRIES):
                timestamp = self._heal_once(site, staging)
                if timestamp is not None:
                    return timestamp
        raise PointerMovedError(
            f"somebody else wrote to the vault first, {_TRIES} times",
            safe="no push was lost",
            remedy="the next check heals it when the pushes have settled",
        )

    def _heal_once(self, site: Site, staging: Staging) -> Timestamp | None:
        staging.make(lambda: tuple(staging.open_live(found) for found in find_layouts(self.store, site)))
        opened = tuple(staging.open_live(found) for found in find_layouts(self.store, site))
        staged = staging.find([bundle.live for bundle in opened], self.store.open, _info)
        if staged is None:
            return None
        timestamp, bundles = staged
        for live, bundle in zip(opened, bundles, strict=True):
            staging.require_same_payload(live, bundle, timestamp)
        swapped = [self._swap(live.live, timestamp) for live in opened]
        return timestamp if all(swapped) else None

    def _swap(self, live: LiveBundle, timestamp: Timestamp) -> bool:
        found = live.found
        if found.pointer.timestamp == timestamp:
            return True
        metadata = found.pointer_object.info.metadata
        version_id = self.current_version_id + _HEALED
        return swap(self.store, found, timestamp, metadata, version_id=version_id) is not None


def _info(opened: OpenObject) -> ObjectInfo:
    return opened.info
