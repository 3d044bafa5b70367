"""Whether a bucket's name is free. Names of buckets are unique in all of AWS, so that it may be somebody else's.

See: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
"""

from typing import Final

from botocore.exceptions import ClientError

from vsync_rotation.aws.failures import code_of
from vsync_rotation_cli.aws.session import Session, asking

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
