"""Pruning superseded bundles: which ones may go, by the names and times of everything that lies in a layout.

Never the live one, never the one before it, nothing newer than the live one (somebody is staging or pushing), nothing
younger than a day. A lifecycle rule by age knows none of this: it deletes the live bundle of a vault that is seldom
pushed.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.vault.inspection import timestamp_of
from vsync_rotation.vault.layouts import Layout
from vsync_rotation.vault.ports import KeepingStore, StoredVersion
from vsync_rotation.vault.staging import SOURCE_METADATA, VERSION_METADATA

_REST: Final = timedelta(days=1)


def superseded_bundles(
    history: Iterable[StoredVersion],
    layout: Layout,
    live: Timestamp,
    source_of: Callable[[Timestamp], str],
    *,
    keep: int,
    now: datetime,
) -> tuple[StoredVersion, ...]:
    """Everything stored of the bundles that may go: object versions, and the delete markers on them.

    Args:
        history: what lies under the layout's bundle prefix.
        layout: whose names they are.
        live: the timestamp the pointer names.
        source_of: what a bundle's metadata says it was made from; empty where it says nothing.
        keep: how many more superseded bundles stay, the newest first.
        now: the instant.
    """
    by_timestamp: dict[Timestamp, list[StoredVersion]] = {}
    for version in history:
        timestamp = timestamp_of(layout, version.key)
        if timestamp is not None:
            by_timestamp.setdefault(timestamp, []).append(version)
    older = sorted((timestamp for timestamp in by_timestamp if timestamp < live), reverse=True)
    # The newest of the older ones may be what an abandoned rotation staged and nobody ever pointed to; then the one it
    # was made from was live.
    sources = {source_of(timestamp).partition("/")[0] for timestamp in (live, *older[:1])}
    previous = set(older[:1]) | {timestamp for timestamp in older if str(timestamp) in sources}
    candidates = [timestamp for timestamp in older if timestamp not in previous][keep:]
    return tuple(
        version
        for timestamp in candidates
        if _is_rested(timestamp, by_timestamp[timestamp], now)
        for version in by_timestamp[timestamp]
    )


def prune(
    store: KeepingStore, layout: Layout, promoted: Container[str | None], *, keep: int, now: datetime
) -> Mapping[str, int]:
    """Delete the superseded bundles of a layout. The pointer is read anew, before and after the listing.

    Safe to repeat: what is gone is gone. `promoted` are versions of the secret whose rotations came to their end.

    Returns:
        The keys deleted, and how many stored versions of each.
    """
    before = store.get(layout.pointer_key)
    if before is None:
        return {}
    live = layout.parse_pointer(before.body).timestamp
    if store.head(layout.bundle_key(live)) is None:
        return {}

    def source_of(timestamp: Timestamp) -> str:
        info = store.head(layout.bundle_key(timestamp))
        if info is None or (timestamp != live and info.metadata.get(VERSION_METADATA) in promoted):
            return ""
        return info.metadata.get(SOURCE_METADATA, "")

    doomed = superseded_bundles(store.versions(layout.bundle_prefix), layout, live, source_of, keep=keep, now=now)
    after = store.head(layout.pointer_key)
    if after is None or after.etag != before.info.etag:
        return {}  # somebody moved it meanwhile, perhaps back: the next check decides
    gone: dict[str, int] = {}
    for version in doomed:
        store.delete_version(version)
        gone[version.key] = gone.get(version.key, 0) + 1
    return gone


def _is_rested(timestamp: Timestamp, versions: Iterable[StoredVersion], now: datetime) -> bool:
    """Both by its name and by when it was written: a name can be anything, and a clock may be wrong."""
    newest = max((timestamp.instant, *(version.last_modified for version in versions)))
    return now - newest >= _REST
