"""Looking at a vault without changing it: does each layout open, and with which passphrase.

What is found is believed only if the pointer still is the one that was read: somebody may push at any moment.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from vsync_rotation.errors import (
    BundleCorruptError,
    GenerationError,
    SealMismatchError,
    UnsupportedVersionError,
    WrongPassphraseError,
)
from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.redacted import SecretBytes
from vsync_rotation.settings import Repair
from vsync_rotation.vault.generations import pointer_gens, read_cells
from vsync_rotation.vault.layouts import FoundLayout, Layout, Site
from vsync_rotation.vault.ports import ObjectStore
from vsync_rotation.vault.resealing import SealedBundle, payload_digest
from vsync_rotation.vault.staging import LiveBundle

# A vault that is pushed to as often as this while it is looked at is looked at again by the next check.
_TRIES: Final = 3


class Finding(StrEnum):
    """What can be wrong with a layout."""

    OPENS_WITH_PENDING = "opens-with-pending"
    OPENS_WITH_PREVIOUS = "opens-with-previous"
    OPENS_WITH_NONE = "opens-with-none"
    SEAL_MISMATCH = "seal-mismatch"
    POINTER_MISSING = "pointer-missing"
    BUNDLE_MISSING = "bundle-missing"
    GENERATION_MALFORMED = "generation-malformed"


# How to come by the key of each label's passphrase; derived only where it is tried.
Keys = Mapping[str, Callable[[], SecretBytes]]
CURRENT: Final = "current"
_BY_LABEL: Final[Mapping[str, Finding | None]] = {
    CURRENT: None,
    "pending": Finding.OPENS_WITH_PENDING,
    "previous": Finding.OPENS_WITH_PREVIOUS,
}


@dataclass(frozen=True, slots=True)
class Inspected:
    """One layout: what is there, and what is wrong with it. `live` is None without a pointer or its bundle."""

    layout: Layout
    live: LiveBundle | None
    finding: Finding | None


def inspect(store: ObjectStore, site: Site, keys: Keys, repair: Repair, known: Container[str]) -> tuple[Inspected, ...]:
    """Open every live bundle to its end.

    Args:
        store: the vault's bucket.
        site: the layouts there may be.
        keys: of "current", and of "pending" and "previous" where there are such; tried in their order.
        repair: whether a seal older than its pointer is accepted.
        known: keys of the pointers that were there before.

    Returns:
        The layouts that are there, or were, or must have been.

    Raises:
        RotationError: something could not be read, which is no finding.
    """
    found = (_inspect(store, layout, keys, repair, known) for layout in site.layouts)
    return tuple(inspected for inspected in found if inspected is not None)


def _inspect(store: ObjectStore, layout: Layout, keys: Keys, repair: Repair, known: Container[str]) -> Inspected | None:
    for tries_left in reversed(range(_TRIES)):
        pointer = store.get(layout.pointer_key)
        if pointer is None:
            missing = layout.pointer_key in known or has_bundles(store, layout)
            return Inspected(layout, None, Finding.POINTER_MISSING) if missing else None
        try:
            found = FoundLayout(layout, layout.parse_pointer(pointer.body), pointer)
        except BundleCorruptError:
            return Inspected(layout, None, Finding.POINTER_MISSING)
        inspected = _look_at(store, found, keys, repair)
        if inspected.finding is None or tries_left == 0 or _is_still(store, found):
            return inspected
    raise AssertionError("the last try returns")


def _look_at(store: ObjectStore, found: FoundLayout, keys: Keys, repair: Repair) -> Inspected:
    for label, key in keys.items():
        opened = store.open(found.bundle_key)
        if opened is None:
            return Inspected(found.layout, None, Finding.BUNDLE_MISSING)
        live = LiveBundle(found, opened.info)
        try:
            payload_digest(SealedBundle(opened.chunks, opened.info.size, key(), found.pointer.timestamp, repair))
        except WrongPassphraseError:
            continue
        except SealMismatchError:
            return Inspected(found.layout, live, _BY_LABEL[label] or Finding.SEAL_MISMATCH)
        except (BundleCorruptError, UnsupportedVersionError):
            return Inspected(found.layout, live, Finding.OPENS_WITH_NONE)
        return Inspected(found.layout, live, _BY_LABEL[label] or _generation(store, found))
    return Inspected(found.layout, live, Finding.OPENS_WITH_NONE)


def _generation(store: ObjectStore, found: FoundLayout) -> Finding | None:
    try:
        read_cells(store, [found])
        pointer_gens([found])
    except GenerationError:
        return Finding.GENERATION_MALFORMED
    return None


def _is_still(store: ObjectStore, found: FoundLayout) -> bool:
    pointer = store.head(found.layout.pointer_key)
    return pointer is not None and pointer.etag == found.pointer_object.info.etag


def has_bundles(store: ObjectStore, layout: Layout) -> bool:
    """Whether there is any bundle of the layout: then there must have been a pointer."""
    return any(timestamp_of(layout, key) is not None for key in store.keys_after(layout.bundle_prefix, ""))


def timestamp_of(layout: Layout, key: str) -> Timestamp | None:
    """The timestamp of a bundle's key; None for something else that lives under the prefix."""
    if not (key.startswith(layout.bundle_prefix) and key.endswith(layout.bundle_suffix)):
        return None
    try:
        return Timestamp.parse(key.removeprefix(layout.bundle_prefix).removesuffix(layout.bundle_suffix))
    except BundleCorruptError:
        return None


def objects_of(inspected: Sequence[Inspected], site: Site) -> tuple[str, ...]:
    """The keys whose ETags tell whether anything changed: every pointer there may be, bundles and cells there are."""
    lives = [item.live for item in inspected if item.live is not None]
    there = [key for live in lives for key in (live.info.key, live.found.layout.generation_key)]
    return (*(layout.pointer_key for layout in site.layouts), *there)
