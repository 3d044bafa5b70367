"""A sound config secret in each of its three forms, its secret half a canary, and what is packed into a blob by hand."""

import base64
import json
import zlib
from typing import Any, Final

from tests.contract.secret_versions import BLOB_MAGIC
from tests.fuzz.refusals import CANARY
from vsync_rotation.formats.credentials import Credentials
from vsync_rotation.redacted import SecretText

FIELDS: Final[dict[str, Any]] = {
    "v": 1,
    "endpoint": "https://s3.eu-central-1.amazonaws.com",
    "region": "eu-central-1",
    "bucket": "acme-vaults",
    "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
    "secretAccessKey": CANARY,
    "prefix": "acme_web/prod/",
    "env": "prod",
    "salt": "c2FsdC1vZi1hLXRlc3QtdmF1",
    "iterations": 600_000,
}
LOCATION: Final = {name: value for name, value in FIELDS.items() if name not in {"accessKeyId", "secretAccessKey"}}
PAIR: Final = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": CANARY, "note": CANARY}
NEW_KEY: Final = Credentials("AKIANEWNEWNEWNEWNEWX", SecretText('new"secret\\of/the+rotation'))


def with_value(spelled: str, field: str = "iterations", fields: dict[str, Any] = FIELDS) -> str:
    """The object's text with one value as it is spelled here, JSON or not."""
    mark = "the-place-of-the-value"
    return json.dumps({**fields, field: mark}).replace(json.dumps(mark), spelled)


def gzip_of(plain: bytes, wbits: int = 31) -> bytes:
    """One gzip member (or with other `wbits` a zlib or raw deflate stream)."""
    stream = zlib.compressobj(9, zlib.DEFLATED, wbits)
    return stream.compress(plain) + stream.flush()


def packed(inside: bytes) -> str:
    """A blob around any bytes, gzip or not."""
    return BLOB_MAGIC + base64.urlsafe_b64encode(inside).decode().rstrip("=")


def unpacked(blob: str) -> bytes:
    """The bytes that a blob packs: gzip, where it is sound."""
    body = blob.removeprefix(BLOB_MAGIC)
    return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
