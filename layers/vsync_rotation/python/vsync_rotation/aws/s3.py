"""One bucket of an S3 store, as `vault.ports.ObjectStore`, with AWS's behaviour and other stores'.

See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC
from functools import partial
from itertools import starmap
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from vsync_rotation.aws.failures import code_of, translated
from vsync_rotation.errors import BundleCorruptError, PermissionDeniedError, UnreachableError, VaultNotFoundError
from vsync_rotation.vault.ports import ETag, ObjectInfo, OpenObject, SmallObject, StoredVersion, Upload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# Pointers and cells are a few bytes, audit logs grow by a line; more is not ours, and would have to fit in memory.
MAX_SMALL_OBJECT: Final = 16 * 1024 * 1024
_CHUNK: Final = 128 * 1024
_ABSENT: Final = frozenset({"404", "NoSuchKey", "NotFound"})
# 412: the condition does not hold. 409: two conditional writes raced, and this one was not done. 404: nothing there
# to match (AWS, on If-Match), or an upload that somebody finished or aborted.
_LOST: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409", "NoSuchUpload", *_ABSENT})
_KEPT_HEADERS: Final = ("ContentType", "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage")


class Bucket:
    """Implements `vault.ports.ObjectStore`."""

    def __init__(self, client: "S3Client", bucket: str, endpoint_url: str) -> None:
        self._client = client
        self._bucket = bucket
        self._endpoint_url = endpoint_url
        self._quotes_etags = True

    def head(self, key: str) -> ObjectInfo | None:
        """What is there."""
        with self._reading("HeadObject", key):
            try:
                answer = self._client.head_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                self._require_absent(error)
                return None
        return _info(key, answer)

    def get(self, key: str) -> SmallObject | None:
        """The whole object.

        Raises:
            BundleCorruptError: it is larger than MAX_SMALL_OBJECT.
        """
        opened = self.open(key)
        if opened is None:
            return None
        if opened.info.size > MAX_SMALL_OBJECT:
            raise BundleCorruptError(
                f"{key} has {opened.info.size} bytes, more than the {MAX_SMALL_OBJECT} it may have",
                remedy="see what was written there, and put the right object back",
            )
        return SmallObject(opened.info, b"".join(opened.chunks))

    def open(self, key: str) -> OpenObject | None:
        """The object as a stream."""
        with self._reading("GetObject", key):
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                self._require_absent(error)
                return None
        return OpenObject(_info(key, answer), self._chunks(key, answer["Body"]))

    def put_if_absent(
        self, key: str, body: bytes, metadata: Mapping[str, str], headers: Mapping[str, str]
    ) -> ETag | None:
        """Write where nothing is."""
        return self._put(key, body, metadata, headers, {"IfNoneMatch": "*"})

    def replace(self, old: ObjectInfo, body: bytes, metadata: Mapping[str, str]) -> ETag | None:
        """Write over exactly what `old` describes.

        Ceph's gateway compares If-Match with the quotes, AWS and MinIO without: a 412 with the ETag unchanged is tried
        once more without quotes, and the store's way is remembered.
        """
        etag = self._put(old.key, body, metadata, old.headers, {"IfMatch": self._condition(old.etag)})
        if etag is not None or not self._quotes_etags:
            return etag
        there = self.head(old.key)
        if there is None or there.etag != old.etag:
            return None
        etag = self._put(old.key, body, metadata, old.headers, {"IfMatch": old.etag.strip('"')})
        self._quotes_etags = etag is None
        return etag

    def upload(self, key: str, parts: Iterable[bytes | bytearray], metadata: Mapping[str, str]) -> Upload:
        """Send in parts: invisible until published, aborted if anything fails."""
        with self._writing("CreateMultipartUpload", key):
            upload_id = self._client.create_multipart_upload(Bucket=self._bucket, Key=key, Metadata=dict(metadata))[
                "UploadId"
            ]
        begun = Upload(key, upload_id, ())
        try:
            return replace(begun, part_etags=tuple(starmap(partial(self._upload_part, begun), enumerate(parts, 1))))
        except Exception:
            self.discard(begun)
            raise

    def publish_if_absent(self, upload: Upload) -> ETag | None:
        """Complete the upload where nothing is. A lost condition, or an upload that is gone, is None."""
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(upload.part_etags, 1)]
        request = {**self._named_upload(upload), "MultipartUpload": {"Parts": parts}, "IfNoneMatch": "*"}
        etag = self._written("CompleteMultipartUpload", upload.key, self._client.complete_multipart_upload, request)
        if etag is None:
            self.discard(upload)
        return etag

    def discard(self, upload: Upload) -> None:
        """Abort the upload. Best effort: the bucket's lifecycle rule for dead uploads takes what stays."""
        with suppress(Exception):
            self._client.abort_multipart_upload(**self._named_upload(upload))

    def keys_after(self, prefix: str, after: str) -> Iterator[str]:
        """Keys in order, page by page."""
        with self._reading("ListObjectsV2", prefix):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=prefix, StartAfter=after
            )
            for page in pages:
                for item in page.get("Contents", []):
                    yield item["Key"]

    def versions(self, prefix: str) -> Iterator[StoredVersion]:
        """Every version and delete marker under the prefix, page by page; without versioning each object is one."""
        with self._reading("ListObjectVersions", prefix):
            pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefix)
            for page in pages:
                for item in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
                    yield StoredVersion(item["Key"], item["VersionId"], item["LastModified"].astimezone(UTC))

    def delete_version(self, version: StoredVersion) -> None:
        """Delete it for good."""
        with self._writing("DeleteObject", version.key):
            self._client.delete_object(Bucket=self._bucket, Key=version.key, VersionId=version.version_id)

    def _put(
        self,
        key: str,
        body: bytes,
        metadata: Mapping[str, str],
        headers: Mapping[str, str],
        condition: Mapping[str, str],
    ) -> ETag | None:
        target = {"Bucket": self._bucket, "Key": key, "Body": body, "Metadata": dict(metadata)}
        return self._written("PutObject", key, self._client.put_object, {**target, **headers, **condition})

    def _written(
        self, operation: str, key: str, write: Callable[..., Any], request: Mapping[str, object]
    ) -> ETag | None:
        with self._writing(operation, key):
            try:
                return ETag(write(**request)["ETag"])
            except ClientError as error:
                if code_of(error) in _LOST:
                    return None
                raise

    def _upload_part(self, upload: Upload, number: int, part: bytes | bytearray) -> str:
        with self._writing("UploadPart", upload.key):
            request = self._named_upload(upload) | {"PartNumber": number, "Body": part}
            return self._client.upload_part(**request)["ETag"]

    def _named_upload(self, upload: Upload) -> dict[str, Any]:
        return {"Bucket": self._bucket, "Key": upload.key, "UploadId": upload.upload_id}

    def _chunks(self, key: str, body: Any) -> Iterator[bytes]:
        with self._reading("GetObject", key):
            yield from body.iter_chunks(_CHUNK)

    def _condition(self, etag: ETag) -> str:
        return etag if self._quotes_etags else etag.strip('"')

    def _require_absent(self, error: ClientError) -> None:
        if code_of(error) == "NoSuchBucket":
            raise VaultNotFoundError(
                f"there is no bucket {self._bucket} at {self._endpoint_url}",
                remedy="correct bucket, region and endpoint in the config secret",
            ) from None
        if code_of(error) not in _ABSENT:
            raise error

    @contextmanager
    def _reading(self, operation: str, key: str) -> Iterator[None]:
        with (
            self._named(f"credentials accepted by S3 but cannot read {key}"),
            translated(self._endpoint_url, operation),
        ):
            yield

    @contextmanager
    def _writing(self, operation: str, key: str) -> Iterator[None]:
        with (
            self._named(f"credentials accepted by S3 but cannot write {key}"),
            translated(self._endpoint_url, operation),
        ):
            yield

    @contextmanager
    def _named(self, denial: str) -> Iterator[None]:
        try:
            yield
        except PermissionDeniedError as error:
            remedy = "check the policy on bucket and prefix, then let it be tried again"
            denied = f"{denial} ({error.what})"
            raise PermissionDeniedError(denied, remedy=remedy, code=error.code, not_done=error.not_done) from None
        except UnreachableError as error:
            unreachable = f"could not reach {self._endpoint_url} ({error.what})"
            raise UnreachableError(unreachable, remedy=error.remedy, code=error.code, not_done=error.not_done) from None


def _info(key: str, answer: Any) -> ObjectInfo:
    return ObjectInfo(
        key=key,
        etag=ETag(answer["ETag"]),
        size=answer["ContentLength"],
        last_modified=answer["LastModified"].astimezone(UTC),
        # HTTP names have no case, and some stores send them capitalised: what we look for is in lower case.
        metadata={name.lower(): value for name, value in answer.get("Metadata", {}).items()},
        headers={name: answer[name] for name in _KEPT_HEADERS if name in answer},
    )
