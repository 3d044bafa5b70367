"""Swapping pointers by compare-and-swap, and putting them back (SPEC 10.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.vault.layouts import FoundLayout
from vsync_rotation.vault.ports import ETag, ObjectStore
from vsync_rotation.vault.staging import VERSION_METADATA


@dataclass(frozen=True, slots=True)
class SwappedPointer:
    """A pointer this invocation moved: what it was, and what was written."""

    old: FoundLayout
    etag: ETag


def swap(
    store: ObjectStore, found: FoundLayout, to: Timestamp, metadata: Mapping[str, str], *, version_id: str
) -> SwappedPointer | None:
    """Point the layout at the bundle staged for that version, only if its pointer is still what was read.

    Returns:
        None if somebody else moved it. A repeated request whose first answer was lost meets its own write: then the
        pointer holds what was to be written, and the bundle it names is ours. (The pointer alone does not tell: a push
        may take the same second, and replaces the bundle.)
    """
    body = found.pointer.moved_to(to)
    etag = store.replace(found.pointer_object.info, body, metadata)
    if etag is not None:
        return SwappedPointer(found, etag)
    there = store.get(found.layout.pointer_key)
    if there is None or there.body != body:
        return None
    bundle = store.head(found.layout.bundle_key(to))
    ours = bundle is not None and bundle.metadata.get(VERSION_METADATA) == version_id
    return SwappedPointer(found, there.info.etag) if ours else None


def put_back(store: ObjectStore, swapped: SwappedPointer) -> bool:
    """Undo a swap, only if the pointer still is what we wrote; whether it stands where it stood before."""
    info, body = swapped.old.pointer_object.info, swapped.old.pointer_object.body
    if store.replace(replace(info, etag=swapped.etag), body, info.metadata) is not None:
        return True
    there = store.get(info.key)
    return there is not None and there.body == body
