"""An object store in memory, with S3's conditional writes."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from vsync_rotation.vault.ports import ETag, ObjectInfo, OpenObject, SmallObject, Upload

MADE = datetime(2026, 5, 1, tzinfo=UTC)


@dataclass
class MemoryBucket:
    """Keeps objects; `before_write` lets a test be somebody else who writes first."""

    objects: dict[str, SmallObject] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    others: list[tuple[str, bytes]] = field(default_factory=list)
    uploads: dict[str, tuple[bytes, Mapping[str, str]]] = field(default_factory=dict)

    def put(self, key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> ETag:
        """Unconditionally, as a laptop does."""
        etag = ETag(f'"{hashlib.md5(body + str(len(self.writes)).encode()).hexdigest()}"')  # noqa: S324 - an ETag
        self.objects[key] = SmallObject(ObjectInfo(key, etag, len(body), MADE, dict(metadata or {}), {}), body)
        self.writes.append(key)
        return etag

    def head(self, key: str) -> ObjectInfo | None:
        stored = self.objects.get(key)
        return None if stored is None else stored.info

    def get(self, key: str) -> SmallObject | None:
        return self.objects.get(key)

    def open(self, key: str) -> OpenObject | None:
        stored = self.objects.get(key)
        return None if stored is None else OpenObject(stored.info, iter([stored.body]))

    def put_if_absent(
        self, key: str, body: bytes, metadata: Mapping[str, str], headers: Mapping[str, str]
    ) -> ETag | None:
        self._somebody_else_first()
        return None if key in self.objects else self.put(key, body, metadata)

    def upload(self, key: str, parts: Iterable[bytes | bytearray], metadata: Mapping[str, str]) -> Upload:
        self.uploads[key] = b"".join(bytes(part) for part in parts), metadata
        return Upload(key, key, ())

    def publish_if_absent(self, upload: Upload) -> ETag | None:
        body, metadata = self.uploads.pop(upload.upload_id)
        return self.put_if_absent(upload.key, body, metadata, {})

    def discard(self, upload: Upload) -> None:
        self.uploads.pop(upload.upload_id, None)

    def replace(self, old: ObjectInfo, body: bytes, metadata: Mapping[str, str]) -> ETag | None:
        self._somebody_else_first()
        there = self.objects.get(old.key)
        return self.put(old.key, body, metadata) if there and there.info.etag == old.etag else None

    def keys_after(self, prefix: str, after: str) -> Iterator[str]:
        yield from sorted(key for key in self.objects if key.startswith(prefix) and key > after)

    def _somebody_else_first(self) -> None:
        if self.others:
            self.put(*self.others.pop(0))
