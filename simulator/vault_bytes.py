"""The bytes of a vsync vault, as an application and a laptop know them: blob, envelope, seal, timestamp.

Written apart from the software under test, from the description of the formats alone, so that a mistake on one side
does not agree with itself. Not hardened: it reads only what tests put there.
"""

import base64
import gzip
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

BLOB_PREFIX: Final = "vsync-cfg-v1:"
SEAL_MAGIC: Final = b"RQEM0001"
ENVELOPE_MAGIC: Final = b"RQE1"
TIMESTAMP_FORM: Final = "%Y%m%d-%H%M%S"
SEAL_LENGTH: Final = 23


class BootError(Exception):
    """An application could not start."""


class BadBlob(BootError):  # noqa: N818 - kept apart from the runtime's own *Error names
    """VSYNC_CONFIG is not what it should be."""


class WrongPassphrase(BootError):  # noqa: N818 - kept apart from the runtime's own *Error names
    """The passphrase does not open the bundle."""


class ManifestNotFound(BootError):  # noqa: N818 - kept apart from the runtime's own *Error names
    """There is no pointer."""


class BundleCorrupt(BootError):  # noqa: N818 - kept apart from the runtime's own *Error names
    """Pointer, bundle or payload is damaged, or the bundle is missing."""


class SealMismatch(BundleCorrupt):
    """The timestamp inside the bundle is not the pointer's: what `pull` calls tampering."""


class Unreachable(BootError):  # noqa: N818 - kept apart from the runtime's own *Error names
    """The store gave no usable answer; a denial counts."""


@dataclass(frozen=True, slots=True)
class Blob:
    """The bootstrap value's fields; `fields` keeps everything, unknown ones included, in order."""

    fields: Mapping[str, Any] = field(repr=False)

    @classmethod
    def decode(cls, text: str) -> Self:
        if not text.startswith(BLOB_PREFIX):
            raise BadBlob("no vsync-cfg-v1 prefix")
        body = text.removeprefix(BLOB_PREFIX)
        try:
            return cls(json.loads(gzip.decompress(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))))
        except (ValueError, OSError, EOFError) as error:
            raise BadBlob("does not decode") from error

    def encode(self) -> str:
        raw = json.dumps(dict(self.fields), separators=(",", ":")).encode()
        return BLOB_PREFIX + base64.urlsafe_b64encode(gzip.compress(raw, 6, mtime=0)).decode().rstrip("=")

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]


def blob_credentials(text: str) -> list[str]:
    """For the leak register: the secret access key inside a blob."""
    try:
        return [str(Blob.decode(text)["secretAccessKey"])]
    except (BadBlob, KeyError, TypeError, RecursionError):  # a value that is no blob has no credentials to register
        return []


@lru_cache(maxsize=64)
def derive(passphrase: str, salt: str, iterations: int) -> bytes:
    """The bundle key. The salt counts as text: its base64 is never decoded."""
    return PBKDF2HMAC(SHA256(), 32, salt.encode(), iterations).derive(passphrase.encode())


def encrypt(key: bytes, plaintext: bytes) -> bytes:
    iv = os.urandom(12)
    return ENVELOPE_MAGIC + iv + AESGCM(key).encrypt(iv, plaintext, None)


def decrypt(key: bytes, envelope: bytes) -> bytes:
    if len(envelope) < 32 or envelope[:4] != ENVELOPE_MAGIC:
        raise BundleCorrupt("not an RQE1 envelope")
    try:
        return AESGCM(key).decrypt(envelope[4:16], envelope[16:], None)
    except InvalidTag as error:
        raise WrongPassphrase("the tag does not hold") from error


def seal(timestamp: str, payload: bytes = b"") -> bytes:
    return SEAL_MAGIC + timestamp.encode() + payload


def unseal(sealed: bytes) -> tuple[str, bytes]:
    """Timestamp and payload."""
    if len(sealed) < SEAL_LENGTH or not sealed.startswith(SEAL_MAGIC):
        raise BundleCorrupt("not an RQEM0001 seal")
    try:
        return sealed[8:SEAL_LENGTH].decode("ascii"), sealed[SEAL_LENGTH:]
    except UnicodeDecodeError as error:
        raise BundleCorrupt("the sealed timestamp is not ASCII") from error


def timestamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime(TIMESTAMP_FORM)


def next_second(present: str) -> str:
    """One second later than this timestamp."""
    return timestamp(datetime.strptime(present, TIMESTAMP_FORM).replace(tzinfo=UTC) + timedelta(seconds=1))
