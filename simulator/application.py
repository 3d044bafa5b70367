"""An application boots from its two values: the judge of whether a rotation has locked anybody out.

Two readers, as there are two layouts: the runtime libraries' (JSON behind `manifest`) and the CLI's `pull` (a sealed
zip behind `latest`).
"""

import base64
import io
import json
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from simulator.vault_bytes import (
    Blob,
    BundleCorrupt,
    ManifestNotFound,
    SealMismatch,
    Unreachable,
    decrypt,
    derive,
    unseal,
)

_ABSENT: Final = {"NoSuchKey", "404", "NoSuchBucket"}


@dataclass(frozen=True, slots=True)
class Booted:
    """What an application has after its start. `values` and `assets` come from a JSON payload, `files` from a zip."""

    timestamp: str
    gen: int
    payload: bytes
    values: dict[str, str]
    assets: dict[str, bytes]
    files: dict[str, bytes]


def boot(config: str, passphrase: str) -> Booted:
    """Start as a runtime library does.

    Raises:
        BootError: one class per reason.
    """
    blob, store = Blob.decode(config), _Store.of(Blob.decode(config))
    manifest = store.get(f"{blob['prefix']}manifest")
    if manifest is None:
        raise ManifestNotFound(f"{blob['prefix']}manifest")
    pointed, _ = unseal(manifest)
    payload = decrypt(_key(blob, passphrase), store.bundle(f"{blob['prefix']}v={pointed}"))
    values, assets = _json_payload(payload)
    return Booted(pointed, _gen(store.get(f"{blob['prefix']}latest.meta")), payload, values, assets, {})


def pull(config: str, passphrase: str, root: str | None = None) -> Booted:
    """Fetch as the CLI does, seal check included. `root` is `<repo>/<env>/`, by default the blob's prefix.

    Raises:
        BootError: one class per reason.
    """
    blob, store = Blob.decode(config), _Store.of(Blob.decode(config))
    where = blob["prefix"] if root is None else root
    pointer = store.get(f"{where}latest")
    if pointer is None:
        raise ManifestNotFound(f"{where}latest")
    pointed = _text(pointer)
    sealed = decrypt(_key(blob, passphrase), store.bundle(f"{where}versions/{pointed}.enc"))
    embedded, payload = unseal(sealed)
    if embedded != pointed:
        raise SealMismatch(f"pointer {pointed}, sealed as {embedded}")
    return Booted(pointed, _gen(store.get(f"{where}latest.manifest")), payload, {}, {}, _unzip(payload))


def _text(pointer: bytes) -> str:
    try:
        return pointer.decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise BundleCorrupt("the pointer is not ASCII") from error


@dataclass(frozen=True, slots=True)
class _Store:
    """S3 with the blob's own credentials."""

    client: Any
    bucket: str

    @classmethod
    def of(cls, blob: Blob) -> "_Store":
        client = _client(blob["endpoint"], blob["region"], blob["accessKeyId"], blob["secretAccessKey"])
        return cls(client, blob["bucket"])

    def get(self, key: str) -> bytes | None:
        try:
            body: bytes = self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return None
            raise Unreachable(f"{key}: {error.response['Error']['Code']}") from error
        except BotoCoreError as error:
            raise Unreachable(f"{key}: {type(error).__name__}") from error
        return body

    def bundle(self, key: str) -> bytes:
        body = self.get(key)
        if body is None:
            raise BundleCorrupt(f"{key} is missing")
        return body


@lru_cache(maxsize=64)
def _client(endpoint: str, region: str, access_key_id: str, secret_access_key: str) -> Any:
    """Kept, because making one costs more than a boot and tests boot at every boundary between two requests."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret_access_key,
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
    )


def _key(blob: Blob, passphrase: str) -> bytes:
    return derive(passphrase, blob["salt"], blob["iterations"])


def _gen(cell: bytes | None) -> int:
    """An unreadable cell counts as 0 and stops nobody."""
    try:
        gen = json.loads(cell or b"{}").get("gen", 0)
    except (ValueError, AttributeError):
        return 0
    return gen if isinstance(gen, int) else 0


def _json_payload(payload: bytes) -> tuple[dict[str, str], dict[str, bytes]]:
    try:
        root = json.loads(payload)
        values, assets = (
            (root.get("kv") or {}, root.get("assets") or {}) if {"kv", "assets"} & set(root) else (root, {})
        )
        decoded = {name: base64.b64decode(text, validate=True) for name, text in assets.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise BundleCorrupt("the payload is not the JSON it should be") from error
    if not all(isinstance(value, str) for value in values.values()):
        raise BundleCorrupt("a value is not text")
    return values, decoded


def _unzip(payload: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    except zipfile.BadZipFile as error:
        raise BundleCorrupt("the payload is not a zip") from error
