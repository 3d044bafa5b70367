"""The object store a vault lives in, as a protocol.

A conditional write that loses says so by returning None: it is an answer, not an error. An answer that does not tell
(a time-out, a server error) raises, and the caller reads back before it decides.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NewType, Protocol

from vsync_rotation.formats.credentials import Credentials
from vsync_rotation.formats.vault_config import VaultPlace

ETag = NewType("ETag", str)


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What a HEAD tells. `headers` are the system headers a rewrite must keep (content type and the like)."""

    key: str
    etag: ETag
    size: int
    last_modified: datetime
    metadata: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SmallObject:
    """A whole object: a pointer, a generation cell, an audit log."""

    info: ObjectInfo
    body: bytes


@dataclass(frozen=True, slots=True)
class OpenObject:
    """An object whose body is still to be read, once, in chunks."""

    info: ObjectInfo
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Upload:
    """A large object whose parts the store has, and nobody sees."""

    key: str
    upload_id: str
    part_etags: tuple[str, ...]


class ObjectStore(Protocol):
    """One bucket."""

    def head(self, key: str) -> ObjectInfo | None:
        """What is there; None if nothing is."""

    def get(self, key: str) -> SmallObject | None:
        """The whole object, of bounded size; None if there is none. Raises BundleCorruptError if it is too large."""

    def open(self, key: str) -> OpenObject | None:
        """The object as a stream; None if there is none."""

    def put_if_absent(
        self, key: str, body: bytes, metadata: Mapping[str, str], headers: Mapping[str, str]
    ) -> ETag | None:
        """Write where nothing is; None if something is there."""

    def upload(self, key: str, parts: Iterable[bytes | bytearray], metadata: Mapping[str, str]) -> Upload:
        """Send a large object in parts; nothing is visible yet.

        A part may reuse the memory of the one before. If `parts` raises, nothing is left behind and the error goes on.
        """

    def publish_if_absent(self, upload: Upload) -> ETag | None:
        """Make an upload visible at once; None if something is there: then the upload is gone."""

    def discard(self, upload: Upload) -> None:
        """Give an upload up. Best effort: what stays is invisible."""

    def replace(self, old: ObjectInfo, body: bytes, metadata: Mapping[str, str]) -> ETag | None:
        """Write over exactly what `old` describes, keeping its headers; None if it changed or went away."""

    def keys_after(self, prefix: str, after: str) -> Iterator[str]:
        """The keys under `prefix` that sort after `after`, in order."""


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One stored version of an object, or a delete marker on it."""

    key: str
    version_id: str
    last_modified: datetime


class KeepingStore(ObjectStore, Protocol):
    """A bucket with what it keeps of objects: one version of each, or all of them where versioning is on."""

    def versions(self, prefix: str) -> Iterator[StoredVersion]:
        """Every version and delete marker under the prefix."""

    def delete_version(self, version: StoredVersion) -> None:
        """Delete it for good; one that is gone already is deleted."""


class VaultStores(Protocol):
    """The vault's bucket, by whose credentials it is asked."""

    def is_aws(self, place: VaultPlace) -> bool:
        """Whether the vault's endpoint is AWS's, so that the function's own credentials may go there."""

    def as_function(self, place: VaultPlace) -> KeepingStore:
        """With the function's own credentials; only where `is_aws` holds."""

    def as_writer(self, credentials: Credentials, place: VaultPlace) -> KeepingStore:
        """With the credentials of a writer secret."""

    def as_probe(self, credentials: Credentials, place: VaultPlace) -> KeepingStore:
        """With credentials under test: quick to answer, nothing repeated by itself."""
