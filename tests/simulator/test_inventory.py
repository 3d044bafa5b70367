"""What the world keeps, read beside the API: it is what the API tells, and no request is made for it."""

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from simulator.inventory import access_keys, current_value, open_texts
from simulator.world import World


@pytest.fixture
def iam(world: World) -> Any:
    world.clock.stand_still(datetime(2026, 5, 1, 12, tzinfo=UTC))
    client = world.client("iam")
    client.create_user(UserName="reader")
    return client


def test_keys_are_told_with_status_age_and_last_use(world: World, iam: Any) -> None:
    used, unused = (iam.create_access_key(UserName="reader")["AccessKey"] for _ in range(2))
    world.clock.advance(3600)
    credentials = {"aws_access_key_id": used["AccessKeyId"], "aws_secret_access_key": used["SecretAccessKey"]}
    boto3.client("sts", endpoint_url=world.endpoint_url, **credentials).get_caller_identity()
    iam.update_access_key(UserName="reader", AccessKeyId=unused["AccessKeyId"], Status="Inactive")
    made = datetime(2026, 5, 1, 12, tzinfo=UTC)
    before = len(world.requests)
    assert [(k.key_id, k.active, k.made_at, k.used_at) for k in access_keys(world.account_id, "reader")] == [
        (used["AccessKeyId"], True, made, datetime(2026, 5, 1, 13, tzinfo=UTC)),
        (unused["AccessKeyId"], False, made, None),
    ]
    assert len(world.requests) == before


def test_the_use_of_a_key_may_be_told_hours_late(world: World, iam: Any) -> None:
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    world.staleness.late_by_seconds("iam:GetAccessKeyLastUsed", 4 * 3600)
    credentials = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    boto3.client("sts", endpoint_url=world.endpoint_url, **credentials).get_caller_identity()
    ask = boto3.client("iam").get_access_key_last_used
    world.deploy("asks", lambda *_: ask(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]["ServiceName"])
    told = []
    for _ in range(3):
        told.append(world.invoke("asks", {}))
        world.clock.advance(2.1 * 3600)
    assert told == ["N/A", "N/A", "sts"]


def test_the_current_value_follows_the_label(world: World, sm: Any) -> None:
    sm.create_secret(Name="s", SecretString="one value")
    assert current_value(world.account_id, "s") == "one value"
    sm.put_secret_value(SecretId="s", SecretString="another", VersionStages=["AWSPENDING"])
    assert current_value(world.account_id, "s") == "one value"
    sm.put_secret_value(SecretId="s", SecretString="a third")
    assert current_value(world.account_id, "s") == "a third"
    assert current_value(world.account_id, "other") is None


def test_metadata_of_every_stored_version_is_open_and_a_delete_marker_has_none(world: World) -> None:
    s3 = world.client("s3")
    s3.create_bucket(Bucket="b-ucket", CreateBucketConfiguration={"LocationConstraint": world.region})
    s3.put_bucket_versioning(Bucket="b-ucket", VersioningConfiguration={"Status": "Enabled"})
    for note in ("first", "second"):
        s3.put_object(Bucket="b-ucket", Key="k", Body=b"x", Metadata={"note": note})
    s3.delete_object(Bucket="b-ucket", Key="k")
    texts = [text for where, text in open_texts(world.account_id) if where.startswith("metadata")]
    assert [note for note in ("first", "second") if note in texts] == ["first", "second"]
