"""Finding what a rotation published when pushes have moved the pointers on since."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from vsync_rotation.errors import BundleCorruptError
from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.vault.layouts import FoundLayout
from vsync_rotation.vault.ports import ObjectStore
from vsync_rotation.vault.staging import VERSION_METADATA

# A repetition follows within the hour; more pushes than this in between and the row is for a person to write.
_MAX_BUNDLES: Final = 200


def find_published(
    store: ObjectStore, layouts: Sequence[FoundLayout], *, version_id: str, not_before: datetime
) -> Timestamp | None:
    """The newest timestamp of a bundle made for that version: staged again means later, so that one was swapped in."""
    stamped = (
        (timestamp, layout)
        for layout in layouts
        for timestamp in islice(_timestamps(store, layout, not_before), _MAX_BUNDLES)
    )
    own = (
        timestamp
        for timestamp, found in stamped
        if (info := store.head(found.layout.bundle_key(timestamp))) is not None
        and info.metadata.get(VERSION_METADATA) == version_id
    )
    return max(own, default=None)


def _timestamps(store: ObjectStore, found: FoundLayout, not_before: datetime) -> Iterator[Timestamp]:
    layout = found.layout
    after = layout.bundle_key(Timestamp.at(not_before - timedelta(seconds=1)))
    for key in store.keys_after(layout.bundle_prefix, after):
        text = key.removeprefix(layout.bundle_prefix).removesuffix(layout.bundle_suffix)
        try:
            yield Timestamp.parse(text)
        except BundleCorruptError:
            continue  # something else that lives under the prefix
