"""What an S3 request asks for, in IAM's words. Path-style addresses only.

See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from typing import Final
from urllib.parse import unquote

from simulator.access.policy import Question
from simulator.access.s3_encryption import key_uses
from simulator.doors import Incoming

_BUCKET_GET: Final = {
    "versions": "ListBucketVersions",
    "uploads": "ListBucketMultipartUploads",
    "location": "GetBucketLocation",
}
# Parameters of a listing, which may be empty; any other empty one names a part of the bucket's configuration.
_OF_LISTING: Final = {
    "continuation-token",
    "delimiter",
    "encoding-type",
    "fetch-owner",
    "list-type",
    "marker",
    "max-keys",
    "prefix",
    "start-after",
}
_OBJECT: Final = {
    ("GET", "tagging"): "GetObjectTagging",
    ("GET", "attributes"): "GetObjectAttributes",
    ("GET", "uploadId"): "ListMultipartUploadParts",
    ("GET", "versionId"): "GetObjectVersion",
    ("HEAD", "versionId"): "GetObjectVersion",
    ("PUT", "tagging"): "PutObjectTagging",
    ("PUT", "acl"): "PutObjectAcl",
    ("DELETE", "uploadId"): "AbortMultipartUpload",
    ("DELETE", "tagging"): "DeleteObjectTagging",
    ("DELETE", "versionId"): "DeleteObjectVersion",
}
_OBJECT_DEFAULT: Final = {
    "GET": "GetObject",
    "HEAD": "GetObject",
    "PUT": "PutObject",
    "POST": "PutObject",
    "DELETE": "DeleteObject",
}


def bucket_and_key(incoming: Incoming) -> tuple[str, str]:
    bucket, _, key = incoming.path.lstrip("/").partition("/")
    return bucket, key


def s3_questions(account_id: str, incoming: Incoming) -> list[Question]:
    """Everything that must be allowed for this request, uses of a customer's key included."""
    bucket, key = bucket_and_key(incoming)
    if not bucket:
        return [Question("s3:ListAllMyBuckets", "*")]
    if not key:
        return [_about_bucket(incoming, bucket)]
    return [
        _about_object(incoming, bucket, key),
        *_also_reads(incoming, bucket, key),
        *key_uses(account_id, incoming, bucket, key),
    ]


def may_list(bucket: str, key: str) -> Question:
    """What decides between "not there" and "denied" for a key that does not exist.

    AWS asks for ListBucket here; the key stands in as `s3:prefix`, so that a statement narrowed to a vault's prefix
    counts for keys under it.
    """
    return Question("s3:ListBucket", f"arn:aws:s3:::{bucket}", {"s3:prefix": key})


def _about_bucket(incoming: Incoming, bucket: str) -> Question:
    resource = f"arn:aws:s3:::{bucket}"
    query = incoming.query
    if incoming.method == "POST" and "delete" in query:
        return Question("s3:DeleteObject", f"{resource}/*")
    if incoming.method in {"GET", "HEAD"}:
        special = next((name for name in _BUCKET_GET if name in query), None)
        subresource = next((name for name in query if not query[name] and name not in _OF_LISTING), None)
        action = _BUCKET_GET[special] if special else f"GetBucket{subresource.title()}" if subresource else "ListBucket"
        names = {"prefix": "s3:prefix", "delimiter": "s3:delimiter", "max-keys": "s3:max-keys"}
        return Question(f"s3:{action}", resource, {names[n]: query[n] for n in names if n in query})
    subresource = next(iter(query), "").title()
    verb = {"PUT": "PutBucket" if subresource else "CreateBucket", "DELETE": "DeleteBucket"}[incoming.method]
    return Question(f"s3:{verb}{subresource}", resource)


def _about_object(incoming: Incoming, bucket: str, key: str) -> Question:
    query = incoming.query
    action = next(
        (action for (method, name), action in _OBJECT.items() if method == incoming.method and name in query),
        _OBJECT_DEFAULT[incoming.method],
    )
    return Question(f"s3:{action}", f"arn:aws:s3:::{bucket}/{key}")


def _also_reads(incoming: Incoming, bucket: str, key: str) -> list[Question]:
    """A condition on the present object and a copy need to read as well."""
    also: list[Question] = []
    if incoming.method in {"PUT", "POST"} and "if-match" in incoming.headers:
        also.append(Question("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}"))
    source = incoming.headers.get("x-amz-copy-source")
    if source:
        also.append(Question("s3:GetObject", f"arn:aws:s3:::{unquote(source).lstrip('/').partition('?')[0]}"))
    if incoming.method == "PUT" and "x-amz-tagging" in incoming.headers:
        also.append(Question("s3:PutObjectTagging", f"arn:aws:s3:::{bucket}/{key}"))
    return also
