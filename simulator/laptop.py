"""A teammate's laptop: puts a new bundle beside the old one and moves the pointer, unconditionally, as `push` does."""

import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import Any

from simulator.vault_bytes import derive, encrypt, seal


@dataclass(frozen=True, slots=True)
class Laptop:
    """Holds the passphrase it was given once; a rotation does not reach it.

    Attributes:
        root: `<repo>/<env>/`, where the CLI layout lives.
        prefix: where the runtime layout lives.
        manifest_payload: what the runtime pointer carries behind its timestamp; readers ignore it.
    """

    s3: Any = field(repr=False)
    bucket: str
    root: str
    prefix: str
    salt: str
    passphrase: str = field(repr=False)
    iterations: int = 600_000
    manifest_payload: bytes = b""

    def push(self, timestamp: str, files: dict[str, bytes]) -> None:
        """The CLI layout: sealed zip first, then the pointer."""
        self.push_payload(timestamp, zip_of(files))

    def push_payload(self, timestamp: str, payload: bytes) -> None:
        """As `push`, with the payload's bytes given."""
        self._put(f"{self.root}versions/{timestamp}.enc", self._encrypted(seal(timestamp, payload)))
        self._put(f"{self.root}latest", timestamp.encode())

    def publish(self, timestamp: str, values: dict[str, str]) -> None:
        """The runtime layout: JSON bundle first, then the manifest."""
        self.publish_payload(timestamp, json.dumps({"kv": values, "assets": {}}).encode())

    def publish_payload(self, timestamp: str, payload: bytes) -> None:
        """As `publish`, with the payload's bytes given."""
        self._put(f"{self.prefix}v={timestamp}", self._encrypted(payload))
        self._put(f"{self.prefix}manifest", seal(timestamp, self.manifest_payload))

    def _encrypted(self, plaintext: bytes) -> bytes:
        return encrypt(derive(self.passphrase, self.salt, self.iterations), plaintext)

    def _put(self, key: str, body: bytes) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)


def zip_of(files: dict[str, bytes]) -> bytes:
    """A zip of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()
