"""What a bucket's name and a few of its objects' tell. Names of buckets are unique in all of AWS.

See: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html and
https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
"""

from collections.abc import Iterable
from typing import Final

from botocore.exceptions import ClientError

from vsync_rotation.aws.failures import code_of
from vsync_rotation_cli.aws.session import Session, asking

POINTERS: Final = ("manifest", "latest")  # of the runtime layout and the CLI's
_ABSENT: Final = frozenset({"404", "NoSuchBucket"})


def bucket_exists(session: Session, bucket: str) -> bool:
    """Whether there is a bucket of that name, ours or another account's."""
    with asking("S3", "HeadBucket"):
        try:
            session.s3.head_bucket(Bucket=bucket)
        except ClientError as error:
            if code_of(error) in _ABSENT:
                return False
            if code_of(error) in {"403", "301"}:
                return True  # another account's, or another region's
            raise
    return True


def is_certainly_empty_of_vaults(session: Session, bucket: str, prefixes: Iterable[str]) -> bool:
    """Whether no pointer of any layout lies under these prefixes; False as well where that could not be seen."""
    with asking("S3", "HeadObject"):
        return all(_is_absent(session, bucket, f"{prefix}{pointer}") for prefix in prefixes for pointer in POINTERS)


def _is_absent(session: Session, bucket: str, key: str) -> bool:
    try:
        session.s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        return code_of(error) in _ABSENT
    return False
