"""Swapping pointers by compare-and-swap, and putting them back (SPEC 10.4)."""

from collections.abc import Mapping
from dataclasses import dataclass

from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.vault.layouts import FoundLayout
from vsync_rotation.vault.ports import ETag, ObjectInfo, ObjectStore


@dataclass(frozen=True, slots=True)
class SwappedPointer:
    """A pointer this invocation moved: what it was, and what was written."""

    old: FoundLayout
    etag: ETag


def swap(store: ObjectStore, found: FoundLayout, to: Timestamp, metadata: Mapping[str, str]) -> SwappedPointer | None:
    """Point the layout at another bundle, only if its pointer is still what was read; None if it moved.

    A repeated request whose first answer was lost meets its own write: the pointer is read back, and if it holds what
    was to be written, nobody else wrote it, since the bundle it names is ours.
    """
    body = found.pointer.moved_to(to)
    etag = store.replace(found.pointer_object.info, body, metadata)
    if etag is not None:
        return SwappedPointer(found, etag)
    there = store.get(found.layout.pointer_key)
    if there is not None and there.body == body:
        return SwappedPointer(found, there.info.etag)
    return None


def put_back(store: ObjectStore, swapped: SwappedPointer) -> bool:
    """Undo a swap, only if the pointer still is what we wrote; whether it was undone."""
    info = swapped.old.pointer_object.info
    ours = ObjectInfo(info.key, swapped.etag, info.size, info.last_modified, info.metadata, info.headers)
    return store.replace(ours, swapped.old.pointer_object.body, info.metadata) is not None
