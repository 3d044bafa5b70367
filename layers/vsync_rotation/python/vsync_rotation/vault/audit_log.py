"""The audit row of a rotation, by the append protocol (SPEC 8.4). A lost row never costs a rotation."""

from typing import Final

from vsync_rotation.errors import BundleCorruptError, RotationError
from vsync_rotation.formats.audit_row import RotateRow, append_rotate_row
from vsync_rotation.vault.ports import ObjectStore

# As many tries as the vsync CLI has; more would only outlast somebody who writes the log in a loop.
_TRIES: Final = 3
_HEADERS: Final = {"ContentType": "text/csv"}


def append(store: ObjectStore, key: str, row: RotateRow) -> RotationError | None:
    """Append the row once, however often this is called for the same bundle timestamp.

    Returns:
        None when the row stands; otherwise why it does not, for the log (the rotation stands all the same).
    """
    try:
        for _ in range(_TRIES):
            if _append_once(store, key, row):
                return None
    except RotationError as error:
        return error
    return BundleCorruptError(f"{key} changed under each of {_TRIES} tries", remedy="append the row by hand")


def holds(store: ObjectStore, key: str, row: RotateRow) -> bool:
    """Whether the row stands. A log that is damaged, and takes no row, counts as holding it.

    Raises:
        RotationError: the log could not be read.
    """
    try:
        log = store.get(key)
        return log is not None and append_rotate_row(log.body, row) is None
    except BundleCorruptError:
        return True


def _append_once(store: ObjectStore, key: str, row: RotateRow) -> bool:
    log = store.get(key)
    body = append_rotate_row(None if log is None else log.body, row)
    if body is None:
        return True
    if log is None:
        return store.put_if_absent(key, body, {}, _HEADERS) is not None
    return store.replace(log.info, body, log.info.metadata) is not None
