"""Customers' KMS keys: whoever reads or writes what they encrypt needs them, by way of the service that asks."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from simulator.world import KeyPair, World
from tests.simulator.test_access import allow, user

BUCKET, REGION = "encrypted-bucket", "eu-central-1"
Code = Callable[[Callable[[], object]], str]


@pytest.fixture
def key(world: World) -> str:
    return str(world.client("kms").create_key()["KeyMetadata"]["Arn"])


@pytest.fixture
def secret(world: World, key: str) -> str:
    made = world.client("secretsmanager").create_secret(Name="s", SecretString="a value", KmsKeyId=key)
    return str(made["ARN"])


def encrypted_bucket(world: World, key: str, *, bucket_key: bool = False) -> None:
    s3 = world.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": world.region})
    by_key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rule = {"ApplyServerSideEncryptionByDefault": by_key, "BucketKeyEnabled": bucket_key}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_object(Bucket=BUCKET, Key="vault/latest", Body=b"x")


def may_use(key: str, service: str, *operations: str, **context: str) -> dict[str, Any]:
    """A statement for uses of the key by way of this service, in this encryption context."""
    wanted = {"kms:ViaService": f"{service}.{REGION}.amazonaws.com"}
    wanted |= {f"kms:EncryptionContext:{name.replace('__', ':')}": value for name, value in context.items()}
    return {
        "Effect": "Allow",
        "Action": [f"kms:{operation}" for operation in operations],
        "Resource": key,
        "Condition": {"StringEquals": wanted},
    }


def uses(world: World) -> list[tuple[str, dict[str, str]]]:
    """What was asked of keys: the action and the encryption context."""
    prefix = "kms:EncryptionContext:"
    return [
        (
            asked.question.action,
            {n.removeprefix(prefix): v for n, v in asked.question.context.items() if n.startswith(prefix)},
        )
        for asked in world.gate.asked
        if asked.question.action.startswith("kms:")
    ]


ALL_OF_S3 = allow("s3:*", "*")
ALL_OF_SECRETS = allow("secretsmanager:*", "*")


def test_a_value_under_a_customers_key_is_read_only_with_the_key(
    world: World, code_of: Code, key: str, secret: str
) -> None:
    without = user(world, ALL_OF_SECRETS)
    with_key = user(world, ALL_OF_SECRETS, may_use(key, "secretsmanager", "Decrypt", SecretARN=secret), name="with-key")
    elsewhere = user(world, ALL_OF_SECRETS, may_use(key, "s3", "Decrypt", SecretARN=secret), name="elsewhere")
    of_another = may_use(key, "secretsmanager", "Decrypt", SecretARN=f"{secret}-of-another")
    other = user(world, ALL_OF_SECRETS, of_another, name="other")
    world.enforce_iam()

    def reads(pair: KeyPair) -> str:
        return code_of(lambda: world.client("secretsmanager", pair).get_secret_value(SecretId="s"))

    assert [reads(pair) for pair in (with_key, without, elsewhere, other)] == ["none"] + ["AccessDeniedException"] * 3


def test_describing_a_secret_asks_nothing_of_its_key(world: World, code_of: Code, secret: str) -> None:
    client = world.client("secretsmanager", user(world, ALL_OF_SECRETS))
    world.enforce_iam()
    assert code_of(lambda: client.describe_secret(SecretId="s")) == "none"
    assert code_of(lambda: client.list_secret_version_ids(SecretId="s")) == "none"
    assert uses(world) == []


def test_the_context_of_a_value_names_secret_and_version(world: World, secret: str) -> None:
    client = world.client("secretsmanager", user(world, ALL_OF_SECRETS, allow("kms:*", "*")))
    world.enforce_iam()
    first = client.get_secret_value(SecretId="s")["VersionId"]
    token = "22222222-2222-4222-8222-222222222222"
    for _ in range(2):  # the second finds a value there, and compares
        client.put_secret_value(
            SecretId="s", ClientRequestToken=token, SecretString="another value", VersionStages=["AWSPENDING"]
        )
    client.get_secret_value(SecretId="s", VersionStage="AWSPENDING")

    def of(version: str) -> dict[str, str]:
        return {"SecretARN": secret, "SecretVersionId": version}

    assert uses(world) == [
        ("kms:Decrypt", of(first)),
        ("kms:GenerateDataKey", of(token)),
        ("kms:GenerateDataKey", of(token)),
        ("kms:Decrypt", of(token)),
        ("kms:Decrypt", of(token)),
    ]


def test_a_version_without_a_value_has_nothing_to_decrypt(world: World, code_of: Code, secret: str) -> None:
    world.begin_rotation("s")
    client = world.client("secretsmanager", user(world, ALL_OF_SECRETS))
    world.enforce_iam()
    read = {"SecretId": "s", "VersionStage": "AWSPENDING"}
    assert code_of(lambda: client.get_secret_value(**read)) == "ResourceNotFoundException"
    assert uses(world) == []


def test_a_secret_under_the_key_that_aws_manages_asks_nothing(world: World, code_of: Code) -> None:
    world.client("secretsmanager").create_secret(Name="managed", SecretString="a value")
    client = world.client("secretsmanager", user(world, ALL_OF_SECRETS))
    world.enforce_iam()
    assert code_of(lambda: client.get_secret_value(SecretId="managed")) == "none"


def test_a_key_that_does_not_exist_is_an_error(world: World) -> None:
    world.client("secretsmanager").create_secret(Name="s", SecretString="a value", KmsKeyId="alias/nobody-made-it")
    client = world.client("secretsmanager", user(world, ALL_OF_SECRETS))
    world.enforce_iam()
    with pytest.raises(LookupError, match="alias/nobody-made-it"):
        client.get_secret_value(SecretId="s")


@pytest.mark.parametrize("bucket_key", [False, True])
def test_an_objects_context_is_its_arn_or_with_a_bucket_key_its_buckets(
    world: World, code_of: Code, key: str, bucket_key: bool
) -> None:
    encrypted_bucket(world, key, bucket_key=bucket_key)
    arn = f"arn:aws:s3:::{BUCKET}" if bucket_key else f"arn:aws:s3:::{BUCKET}/vault/latest"
    pair = user(world, ALL_OF_S3, may_use(key, "s3", "Decrypt", "GenerateDataKey", aws__s3__arn=arn))
    client = world.client("s3", pair)
    world.enforce_iam()
    assert code_of(lambda: client.get_object(Bucket=BUCKET, Key="vault/latest")) == "none"
    assert code_of(lambda: client.put_object(Bucket=BUCKET, Key="vault/latest", Body=b"y")) == "none"
    other = code_of(lambda: client.put_object(Bucket=BUCKET, Key="other/latest", Body=b"y"))
    assert other == ("none" if bucket_key else "AccessDenied")


def test_a_head_needs_no_key(world: World, code_of: Code, key: str) -> None:
    encrypted_bucket(world, key)
    client = world.client("s3", user(world, ALL_OF_S3))
    world.enforce_iam()
    assert code_of(lambda: client.head_object(Bucket=BUCKET, Key="vault/latest")) == "none"
    assert code_of(lambda: client.get_object(Bucket=BUCKET, Key="vault/latest")) == "AccessDenied"
    assert code_of(lambda: client.get_object(Bucket=BUCKET, Key="vault/absent")) == "NoSuchKey"


def test_an_upload_in_parts_makes_a_data_key_and_decrypts_its_parts(world: World, key: str) -> None:
    encrypted_bucket(world, key)
    client = world.client("s3", user(world, ALL_OF_S3, allow("kms:*", "*")))
    world.enforce_iam()
    where = {"Bucket": BUCKET, "Key": "vault/big"}
    upload = client.create_multipart_upload(**where)["UploadId"]
    part = client.upload_part(**where, UploadId=upload, PartNumber=1, Body=b"x")["ETag"]
    done = {"Parts": [{"PartNumber": 1, "ETag": part}]}
    client.complete_multipart_upload(**where, UploadId=upload, MultipartUpload=done)
    client.abort_multipart_upload(**where, UploadId=client.create_multipart_upload(**where)["UploadId"])
    assert [action for action, _ in uses(world)] == [
        "kms:GenerateDataKey",
        "kms:Decrypt",
        "kms:Decrypt",
        "kms:GenerateDataKey",
    ]


def test_an_object_is_read_with_the_key_it_was_written_with(world: World, code_of: Code, key: str) -> None:
    encrypted_bucket(world, key)
    later = str(world.client("kms").create_key()["KeyMetadata"]["Arn"])
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": later}}
    world.client("s3").put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    client = world.client("s3", user(world, ALL_OF_S3, allow("kms:Decrypt", key), allow("kms:GenerateDataKey", later)))
    world.enforce_iam()
    assert code_of(lambda: client.get_object(Bucket=BUCKET, Key="vault/latest")) == "none"
    assert code_of(lambda: client.put_object(Bucket=BUCKET, Key="vault/latest", Body=b"y")) == "none"
    assert code_of(lambda: client.get_object(Bucket=BUCKET, Key="vault/latest")) == "AccessDenied"


def test_a_copy_needs_the_key_of_what_it_copies(world: World, code_of: Code, key: str) -> None:
    encrypted_bucket(world, key)
    source = f"arn:aws:s3:::{BUCKET}/vault/latest"
    writing = may_use(key, "s3", "GenerateDataKey", aws__s3__arn=f"arn:aws:s3:::{BUCKET}/vault/copy")
    copy = {"Bucket": BUCKET, "Key": "vault/copy", "CopySource": {"Bucket": BUCKET, "Key": "vault/latest"}}
    with_source = user(world, ALL_OF_S3, writing, may_use(key, "s3", "Decrypt", aws__s3__arn=source))
    without = user(world, ALL_OF_S3, writing, name="without")
    world.enforce_iam()
    answers = [code_of(partial(world.client("s3", pair).copy_object, **copy)) for pair in (with_source, without)]
    assert answers == ["none", "AccessDenied"]


def test_a_direct_use_of_a_key_comes_by_way_of_no_service(world: World, code_of: Code, key: str, secret: str) -> None:
    client = world.client("kms", user(world, may_use(key, "secretsmanager", "GenerateDataKey", SecretARN=secret)))
    world.enforce_iam()
    context = {"SecretARN": secret}
    asked = code_of(lambda: client.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=context))
    assert asked == "AccessDeniedException"
    assert uses(world) == [("kms:GenerateDataKey", context)]
