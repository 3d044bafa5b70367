"""Conditional writes and metadata of S3, corrected and as moto has them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from simulator.server import server
from simulator.world import World

BUCKET, KEY = "some-bucket", "vault/latest"


@pytest.fixture
def s3(world: World) -> Any:
    client = world.client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": world.region})
    return client


@contextmanager
def open_door(world: World) -> Iterator[None]:
    doors = list(server().doors)
    server().doors.remove(world.s3.door)
    try:
        yield
    finally:
        server().doors[:] = doors


def put(s3: Any, body: bytes, **condition: str) -> str:
    return str(s3.put_object(Bucket=BUCKET, Key=KEY, Body=body, **condition)["ETag"])


def upload(s3: Any, **condition: str) -> None:
    upload_id = s3.create_multipart_upload(Bucket=BUCKET, Key=KEY)["UploadId"]
    part = s3.upload_part(Bucket=BUCKET, Key=KEY, UploadId=upload_id, PartNumber=1, Body=b"whole")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(Bucket=BUCKET, Key=KEY, UploadId=upload_id, MultipartUpload=parts, **condition)


def body(s3: Any) -> bytes:
    return bytes(s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read())


def test_a_put_if_match_needs_the_present_etag(s3: Any, code_of: Any) -> None:
    old = put(s3, b"one")
    put(s3, b"two", IfMatch=old)
    assert code_of(lambda: put(s3, b"three", IfMatch=old)) == "PreconditionFailed"
    assert body(s3) == b"two"


def test_a_put_if_match_of_an_absent_key_is_not_found(s3: Any, code_of: Any) -> None:
    assert code_of(lambda: put(s3, b"one", IfMatch='"0"')) == "NoSuchKey"


def test_a_put_if_absent_loses_against_what_is_there(s3: Any, code_of: Any) -> None:
    put(s3, b"one", IfNoneMatch="*")
    assert code_of(lambda: put(s3, b"two", IfNoneMatch="*")) == "PreconditionFailed"


def test_completing_an_upload_honours_both_conditions(s3: Any, code_of: Any) -> None:
    upload(s3, IfNoneMatch="*")
    assert code_of(lambda: upload(s3, IfNoneMatch="*")) == "PreconditionFailed"
    assert code_of(lambda: upload(s3, IfMatch='"0"')) == "PreconditionFailed"
    upload(s3, IfMatch=s3.head_object(Bucket=BUCKET, Key=KEY)["ETag"])


def test_completing_an_upload_over_an_absent_key_is_not_found(s3: Any, code_of: Any) -> None:
    assert code_of(lambda: upload(s3, IfMatch='"0"')) == "NoSuchKey"


def test_moto_completes_an_upload_whatever_if_match_says(world: World, s3: Any, code_of: Any) -> None:
    put(s3, b"one")
    with open_door(world):
        assert code_of(lambda: upload(s3, IfMatch='"0"')) == "none"


def test_as_ceph_has_it_a_quoted_etag_never_matches(world: World, s3: Any, code_of: Any) -> None:
    etag = put(s3, b"one")
    world.s3.quoted_etags_never_match = True
    assert code_of(lambda: put(s3, b"two", IfMatch=etag)) == "PreconditionFailed"
    put(s3, b"two", IfMatch=etag.strip('"'))
    assert code_of(lambda: put(s3, b"three", IfMatch=etag.strip('"'))) == "PreconditionFailed"
    assert body(s3) == b"two"


def test_metadata_of_users_is_kept(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"x", Metadata={"gen": "3", "with_underscore": "yes"})
    assert s3.head_object(Bucket=BUCKET, Key=KEY)["Metadata"] == {"gen": "3", "with_underscore": "yes"}
