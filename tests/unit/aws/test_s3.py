"""What S3 stores answer, read as the vault needs it."""

import io
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from vsync_rotation.aws.s3 import MAX_SMALL_OBJECT, Bucket
from vsync_rotation.errors import BundleCorruptError, PermissionDeniedError, RotationError, VaultNotFoundError

BODY = b"20260501-091500"


@pytest.fixture
def client() -> Any:
    return boto3.client("s3", region_name="eu-central-1", aws_access_key_id="testing", aws_secret_access_key="testing")


def answer(**changes: object) -> dict[str, object]:
    head: dict[str, object] = {
        "ETag": '"e"',
        "ContentLength": len(BODY),
        "LastModified": datetime(2026, 5, 1, tzinfo=UTC),
        "Metadata": {},
    }
    return head | changes


def bucket(client: Any) -> Bucket:
    return Bucket(client, "vault", "https://s3.example")


def test_metadata_names_have_no_case(client: Any) -> None:
    with Stubber(client) as stub:
        stub.add_response("head_object", answer(Metadata={"Vsync-Rotation-Version": "v", "Gen": "3"}))
        info = bucket(client).head("p/latest")
    assert info is not None
    assert info.metadata == {"vsync-rotation-version": "v", "gen": "3"}


@pytest.mark.parametrize("code", ["404", "NoSuchKey"])
def test_only_the_stores_own_not_found_is_absent(client: Any, code: str) -> None:
    with Stubber(client) as stub:
        stub.add_client_error("head_object", code, http_status_code=404)
        assert bucket(client).head("p/latest") is None


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("403", 403, PermissionDeniedError),
        ("NoSuchBucket", 404, VaultNotFoundError),
        ("InternalError", 500, RotationError),
    ],
)
def test_anything_else_is_not_absent(client: Any, code: str, status: int, error: type[RotationError]) -> None:
    with Stubber(client) as stub:
        stub.add_client_error("get_object", code, http_status_code=status)
        with pytest.raises(error):
            bucket(client).get("p/latest")


def test_a_denial_names_what_cannot_be_read(client: Any) -> None:
    with Stubber(client) as stub:
        stub.add_client_error("head_object", "403", http_status_code=403)
        with pytest.raises(PermissionDeniedError, match="credentials accepted by S3 but cannot read p/manifest"):
            bucket(client).head("p/manifest")


def test_a_small_object_that_is_large_is_not_read(client: Any) -> None:
    body = StreamingBody(io.BytesIO(), 0)
    with Stubber(client) as stub:
        stub.add_response("get_object", answer(ContentLength=MAX_SMALL_OBJECT + 1, Body=body))
        with pytest.raises(BundleCorruptError, match="p/latest has 16777217 bytes"):
            bucket(client).get("p/latest")
