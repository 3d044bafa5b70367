"""Proving a key with nothing but itself, as long as it takes AWS to know it everywhere.

A new key is known to STS and S3 at different times, and to each of their servers at different times: one success
proves one server. So several in a row are asked for, and failures are tried again until the deadline.
"""

from collections.abc import Sequence
from typing import Final

from vsync_rotation.engine.backoff import back_off
from vsync_rotation.engine.rotation import Job
from vsync_rotation.errors import ForeignKeyError, PermissionDeniedError, UnreachableError
from vsync_rotation.formats.credentials import Credentials
from vsync_rotation.keys.ports import KeyProbe
from vsync_rotation.settings import IAM_USER
from vsync_rotation.vault.ports import ObjectStore

_SUCCESSES_IN_A_ROW: Final = 3
_PAUSE_AFTER_SUCCESS_SECONDS: Final = 0.25
_FIRST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 8.0

Vault = tuple[ObjectStore, Sequence[str]]


def prove(job: Job, user: str, credentials: Credentials, identity: KeyProbe, vault: Vault | None) -> None:
    """Ask STS whose the key is, and the vault's bucket for a pointer, until both agree several times in a row.

    Args:
        vault: the bucket as seen with the credentials, and the pointers of which one is to be found; None for a key
            pair without a vault.

    Raises:
        ForeignKeyError: the key is another user's.
        PermissionDeniedError, UnreachableError: still so at the deadline.
    """
    user_of_key = identity.user_of(credentials)
    store, pointers = vault or (None, ())
    successes = 0
    pauses = back_off(job.version_id, first_seconds=_FIRST_PAUSE_SECONDS, longest_seconds=_LONGEST_PAUSE_SECONDS)
    while successes < _SUCCESSES_IN_A_ROW:
        try:
            _require_user(user, credentials, user_of_key())
            found = None if store is None else _find_pointer(store, pointers)
        except (PermissionDeniedError, UnreachableError) as error:
            successes, wait_seconds = 0, next(pauses)
            if job.deadline.remaining_seconds() <= wait_seconds:
                raise
            job.ports.journal.info("the key is not known everywhere yet", reason=error.what)
        else:
            successes, wait_seconds = successes + 1, _PAUSE_AFTER_SUCCESS_SECONDS
            pointers = pointers if found is None else (found,)  # where it was, it is asked for again
        if successes < _SUCCESSES_IN_A_ROW:
            job.deadline.require(wait_seconds, "proving the key")
            job.ports.clock.sleep(wait_seconds)
    if store is not None and found is None:
        job.ports.journal.warning("the bucket holds no pointer yet: this vault was never pushed")


def _require_user(user: str, credentials: Credentials, found: str | None) -> None:
    if found is None:
        raise PermissionDeniedError(
            f"STS does not know access key {credentials.access_key_id}",
            remedy="let it be tried again; a new key takes a minute at most, an inactive or deleted one never works",
        )
    if found != user:
        raise ForeignKeyError(
            f"access key {credentials.access_key_id} belongs to {found}, the tag {IAM_USER} names {user}",
            remedy=f"correct the tag {IAM_USER}, or the value of the secret",
        )


def _find_pointer(store: ObjectStore, pointers: Sequence[str]) -> str | None:
    """The first of the pointers that is there; a denial counts only if none is, since one layout suffices."""
    denial = None
    for key in pointers:
        try:
            if store.head(key) is not None:
                return key
        except PermissionDeniedError as error:
            denial = denial or error
    if denial is not None:
        raise denial
    return None
