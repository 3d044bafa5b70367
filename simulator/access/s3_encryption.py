"""Which uses of a customer's KMS key an S3 request makes on behalf of its caller.

A bucket's default encryption says which key new objects get, unless the request names one; reading asks for the key an
object was written with. A HEAD reads no contents and asks for none.

See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
"""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from moto.s3.models import s3_backends

from simulator.access.kms_questions import uses_of_key
from simulator.access.policy import Question
from simulator.doors import Incoming

_BY_KMS: Final = "aws:kms"
# The key that AWS manages for S3, where none is named.
_MANAGED: Final = "alias/aws/s3"


@dataclass(frozen=True, slots=True)
class _Encryption:
    """How an object is, or is to be, encrypted. With a bucket key the context names the bucket, not the object."""

    algorithm: str | None
    key_id: str | None
    by_bucket_key: bool

    @classmethod
    def of(cls, algorithm: Any, key_id: Any, bucket_key: Any) -> "_Encryption":
        return cls(algorithm, key_id or _MANAGED, str(bucket_key).lower() == "true")


def key_uses(account_id: str, incoming: Incoming, bucket: str, key: str) -> list[Question]:
    """Everything that must be allowed on a key for this request for an object."""
    query, method = incoming.query, incoming.method
    if set(query) & {"tagging", "acl"} or method == "DELETE":
        return []
    if method in {"GET", "HEAD"}:
        reads = method == "GET" or incoming.headers.get("x-amz-checksum-mode", "").upper() == "ENABLED"
        stored = _stored(bucket, key, query.get("versionId")) if reads and "uploadId" not in query else None
        return _uses(account_id, incoming, stored, ("Decrypt",), bucket, key)
    # A part is encrypted when it comes, and read again when the upload is completed.
    operations = ("Decrypt",) if "uploadId" in query else ("GenerateDataKey",)
    uses = _uses(account_id, incoming, _of_new(incoming, bucket), operations, bucket, key)
    source = incoming.headers.get("x-amz-copy-source")
    if source:
        from_bucket, _, from_key = unquote(source).lstrip("/").partition("?")[0].partition("/")
        copied = _stored(from_bucket, from_key, None)
        uses += _uses(account_id, incoming, copied, ("Decrypt",), from_bucket, from_key)
    return uses


def _uses(
    account_id: str,
    incoming: Incoming,
    encryption: _Encryption | None,
    operations: tuple[str, ...],
    bucket: str,
    key: str,
) -> list[Question]:
    if encryption is None or not (encryption.algorithm or "").startswith(_BY_KMS):
        return []
    arn = f"arn:aws:s3:::{bucket}" if encryption.by_bucket_key else f"arn:aws:s3:::{bucket}/{key}"
    return uses_of_key(account_id, incoming, encryption.key_id, operations, {"aws:s3:arn": arn})


def _bucket(name: str) -> Any:
    return next((b["aws"].buckets[name] for b in s3_backends.values() if name in b["aws"].buckets), None)


def _stored(bucket: str, key: str, version_id: str | None) -> _Encryption | None:
    found = _bucket(bucket)
    versions = found.keys.getlist(key, []) if found else []
    stored = next((v for v in reversed(versions) if version_id in {None, getattr(v, "version_id", None)}), None)
    if stored is None or not hasattr(stored, "encryption"):  # absent, or a delete marker
        return None
    return _Encryption.of(stored.encryption, stored.kms_key_id, stored.bucket_key_enabled)


def _of_new(incoming: Incoming, bucket: str) -> _Encryption | None:
    found, header = _bucket(bucket), "x-amz-server-side-encryption"
    if found is None:
        return None
    upload = found.multiparts.get(incoming.query.get("uploadId", ""))
    rule = (found.encryption or {}).get("Rule", {})
    default = rule.get("ApplyServerSideEncryptionByDefault", {})
    asked = (upload.sse_encryption, upload.kms_key_id) if upload else (None, None)
    return _Encryption.of(
        incoming.headers.get(header) or asked[0] or default.get("SSEAlgorithm"),
        incoming.headers.get(f"{header}-aws-kms-key-id") or asked[1] or default.get("KMSMasterKeyID"),
        incoming.headers.get(f"{header}-bucket-key-enabled") or rule.get("BucketKeyEnabled"),
    )
