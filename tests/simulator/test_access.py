"""Credentials and policies at the embedded AWS's door, beside what moto does without it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import boto3
import pytest

from simulator.server import server
from simulator.world import KeyPair, World

BUCKET = "some-bucket"


@contextmanager
def open_door(world: World) -> Iterator[None]:
    """moto without the gate."""
    doors = list(server().doors)
    server().doors.remove(world.gate.door)
    try:
        yield
    finally:
        server().doors[:] = doors


def user(world: World, *statements: dict[str, Any], name: str = "reader", path: str = "/vsync/") -> KeyPair:
    iam = world.client("iam")
    iam.create_user(UserName=name, Path=path)
    if statements:
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return KeyPair(key["AccessKeyId"], key["SecretAccessKey"])


def allow(action: str, resource: str, **condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement


@pytest.fixture
def bucket(world: World) -> str:
    s3 = world.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": world.region})
    s3.put_object(Bucket=BUCKET, Key="vault/latest", Body=b"x")
    s3.put_object(Bucket=BUCKET, Key="other/latest", Body=b"x")
    return BUCKET


CALLS: dict[str, tuple[Any, str]] = {
    "sts": (lambda client: client.get_caller_identity(), "InvalidClientTokenId"),
    "s3": (lambda client: client.get_object(Bucket=BUCKET, Key="vault/latest"), "InvalidAccessKeyId"),
    "iam": (lambda client: client.list_users(), "InvalidClientTokenId"),
    "secretsmanager": (lambda client: client.list_secrets(), "UnrecognizedClientException"),
}


@pytest.mark.parametrize("service", CALLS)
def test_an_unknown_key_is_refused_in_the_words_of_each_service(
    world: World, bucket: str, code_of: Any, service: str
) -> None:
    call, code = CALLS[service]
    assert code_of(lambda: call(world.client(service, KeyPair("NOSUCHKEY00000000000", "whatever")))) == code


@pytest.mark.parametrize("service", CALLS)
def test_an_inactive_key_is_refused_by_every_service(world: World, bucket: str, code_of: Any, service: str) -> None:
    pair, (call, code) = user(world), CALLS[service]
    client = world.client(service, pair)
    assert code_of(lambda: call(client)) == "none"
    world.client("iam").update_access_key(UserName="reader", AccessKeyId=pair.access_key_id, Status="Inactive")
    assert code_of(lambda: call(client)) == code
    world.client("iam").update_access_key(UserName="reader", AccessKeyId=pair.access_key_id, Status="Active")
    assert code_of(lambda: call(client)) == "none"


def test_moto_lets_an_inactive_key_pass(world: World, bucket: str, code_of: Any) -> None:
    pair = user(world)
    world.client("iam").update_access_key(UserName="reader", AccessKeyId=pair.access_key_id, Status="Inactive")
    with open_door(world):
        assert code_of(lambda: world.client("sts", pair).get_caller_identity()) == "none"


def test_a_head_with_an_unknown_key_is_a_bare_403(world: World, bucket: str, code_of: Any) -> None:
    client = world.client("s3", KeyPair("NOSUCHKEY00000000000", "whatever"))
    assert code_of(lambda: client.head_object(Bucket=BUCKET, Key="vault/latest")) == "403"


@pytest.mark.parametrize(
    ("service", "code"), [("sts", "SignatureDoesNotMatch"), ("secretsmanager", "InvalidSignatureException")]
)
def test_a_wrong_secret_access_key_is_refused(world: World, code_of: Any, service: str, code: str) -> None:
    pair = KeyPair(user(world).access_key_id, "not the secret access key")
    assert code_of(lambda: CALLS[service][0](world.client(service, pair))) == code


def test_identity_tells_the_users_arn_with_its_path(world: World) -> None:
    seen = world.client("sts", user(world)).get_caller_identity()
    assert seen["Arn"] == "arn:aws:iam::123456789012:user/vsync/reader"


def test_use_of_a_key_is_remembered_with_service_region_and_user(world: World, bucket: str) -> None:
    world.clock.stand_still()
    pair, iam = user(world), world.client("iam")
    never = iam.get_access_key_last_used(AccessKeyId=pair.access_key_id)
    assert (never["UserName"], never["AccessKeyLastUsed"]) == ("reader", {"ServiceName": "N/A", "Region": "N/A"})
    world.client("s3", pair).get_object(Bucket=BUCKET, Key="vault/latest")
    used = iam.get_access_key_last_used(AccessKeyId=pair.access_key_id)["AccessKeyLastUsed"]
    assert (used["ServiceName"], used["Region"], used["LastUsedDate"]) == ("s3", world.region, world.clock.now())


def test_a_third_key_is_refused_even_when_the_others_are_inactive(world: World, code_of: Any) -> None:
    iam, first = world.client("iam"), user(world)
    iam.create_access_key(UserName="reader")
    iam.update_access_key(UserName="reader", AccessKeyId=first.access_key_id, Status="Inactive")
    assert code_of(lambda: iam.create_access_key(UserName="reader")) == "LimitExceeded"


def test_policies_count_only_when_enforced(world: World, bucket: str, code_of: Any) -> None:
    client = world.client("s3", user(world))
    read = partial(client.get_object, Bucket=BUCKET, Key="vault/latest")
    assert code_of(read) == "none"
    world.enforce_iam()
    assert code_of(read) == "AccessDenied"
    assert [(denied.action, denied.resource) for denied in world.gate.denied] == [
        ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/vault/latest")
    ]


def test_a_secret_is_told_apart_by_its_arn(world: World, code_of: Any) -> None:
    sm = world.client("secretsmanager")
    mine, other = (sm.create_secret(Name=name, SecretString="a value")["ARN"] for name in ("mine", "other"))
    client = world.client("secretsmanager", user(world, allow("secretsmanager:GetSecretValue", mine)))
    world.enforce_iam()
    assert code_of(lambda: client.get_secret_value(SecretId="mine")) == "none"
    assert code_of(lambda: client.get_secret_value(SecretId=other)) == "AccessDeniedException"


def test_a_tag_condition_on_an_allow_is_evaluated(world: World, code_of: Any) -> None:
    sm = world.client("secretsmanager")
    for name in ("key", "passphrase"):
        sm.create_secret(Name=name, SecretString="a value", Tags=[{"Key": "kind", "Value": name}])
    only = {"secretsmanager:ResourceTag/kind": "key"}
    client = world.client("secretsmanager", user(world, allow("secretsmanager:GetSecretValue", "*", StringEquals=only)))
    world.enforce_iam()
    answers = [code_of(lambda n=name: client.get_secret_value(SecretId=n)) for name in ("key", "passphrase")]
    assert answers == ["none", "AccessDeniedException"]


def test_a_user_is_told_apart_by_its_arn_with_the_path(world: World, code_of: Any) -> None:
    pair = user(world, allow("iam:*AccessKey*", "arn:aws:iam::123456789012:user/vsync/*"), name="manager", path="/")
    target = user(world)
    user(world, name="stranger", path="/")
    client = world.client("iam", pair)
    world.enforce_iam()
    assert code_of(lambda: client.list_access_keys(UserName="reader")) == "none"
    assert code_of(lambda: client.get_access_key_last_used(AccessKeyId=target.access_key_id)) == "none"
    assert code_of(lambda: client.create_access_key(UserName="stranger")) == "AccessDenied"


def test_listing_is_narrowed_by_prefix(world: World, bucket: str, code_of: Any) -> None:
    prefix = {"s3:prefix": "vault/*"}
    client = world.client("s3", user(world, allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}", StringLike=prefix)))
    world.enforce_iam()
    assert code_of(lambda: client.list_objects_v2(Bucket=BUCKET, Prefix="vault/")) == "none"
    assert code_of(lambda: client.list_objects_v2(Bucket=BUCKET, Prefix="other/")) == "AccessDenied"
    assert code_of(lambda: client.list_objects_v2(Bucket=BUCKET)) == "AccessDenied"


@pytest.mark.parametrize(("may_list", "code"), [(True, "NoSuchKey"), (False, "AccessDenied")])
def test_an_absent_key_is_404_only_for_those_who_may_list(
    world: World, bucket: str, code_of: Any, may_list: bool, code: str
) -> None:
    statements = [allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/*")]
    statements += [allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}")] if may_list else []
    client = world.client("s3", user(world, *statements))
    world.enforce_iam()
    assert code_of(lambda: client.get_object(Bucket=BUCKET, Key="vault/absent")) == code


@pytest.mark.parametrize(("may_list", "code"), [(True, "NoSuchKey"), (False, "AccessDenied")])
def test_an_object_behind_a_delete_marker_is_absent(
    world: World, bucket: str, code_of: Any, may_list: bool, code: str
) -> None:
    world.client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    world.client("s3").delete_object(Bucket=BUCKET, Key="vault/latest")
    statements = [allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/*")]
    statements += [allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}")] if may_list else []
    client = world.client("s3", user(world, *statements))
    world.enforce_iam()
    assert code_of(lambda: client.get_object(Bucket=BUCKET, Key="vault/latest")) == code


def test_a_conditional_write_needs_to_read_as_well(world: World, bucket: str, code_of: Any) -> None:
    client = world.client("s3", user(world, allow("s3:PutObject", f"arn:aws:s3:::{BUCKET}/*")))
    etag = world.client("s3").head_object(Bucket=BUCKET, Key="vault/latest")["ETag"]
    world.enforce_iam()
    assert code_of(lambda: client.put_object(Bucket=BUCKET, Key="vault/latest", Body=b"y")) == "none"
    assert (
        code_of(lambda: client.put_object(Bucket=BUCKET, Key="vault/latest", Body=b"y", IfMatch=etag)) == "AccessDenied"
    )


def test_a_functions_policies_bind_it_and_not_the_operator(world: World, code_of: Any) -> None:
    world.client("secretsmanager").create_secret(Name="s", SecretString="a value")
    answers: list[str] = []

    def handler(_event: object, _context: object) -> None:
        client = boto3.client("secretsmanager")
        answers.append(code_of(lambda: client.describe_secret(SecretId="s")))
        answers.append(code_of(lambda: client.get_secret_value(SecretId="s")))

    policy = {"Version": "2012-10-17", "Statement": [allow("secretsmanager:DescribeSecret", "*")]}
    world.deploy("f", handler, policies=(policy,))
    world.enforce_iam()
    world.invoke("f", {})
    assert answers == ["none", "AccessDeniedException"]
    assert code_of(lambda: boto3.client("secretsmanager").get_secret_value(SecretId="s")) == "none"


def test_an_event_may_go_to_the_bus_that_is_named(world: World, code_of: Any) -> None:
    bus = "arn:aws:events:eu-central-1:123456789012:event-bus/default"
    client = world.client("events", user(world, allow("events:PutEvents", bus)))
    entry = {"Source": "tests", "DetailType": "d", "Detail": "{}"}
    world.enforce_iam()
    assert code_of(lambda: client.put_events(Entries=[entry])) == "none"
    assert code_of(lambda: client.put_events(Entries=[{**entry, "EventBusName": "other"}])) == "AccessDeniedException"


def test_every_event_of_a_request_is_asked_about(world: World, code_of: Any) -> None:
    ours = {"events:source": "ours"}
    client = world.client("events", user(world, allow("events:PutEvents", "*", StringEquals=ours)))
    world.enforce_iam()

    def code_for(*sources: str) -> str:
        entries = [{"Source": source, "DetailType": "d", "Detail": "{}"} for source in sources]
        return str(code_of(lambda: client.put_events(Entries=entries)))

    assert [code_for("ours", "ours"), code_for("ours", "theirs")] == ["none", "AccessDeniedException"]


def test_policies_of_a_users_groups_bind_it(world: World, code_of: Any) -> None:
    iam, client = world.client("iam"), world.client("secretsmanager", user(world))
    listing = json.dumps({"Version": "2012-10-17", "Statement": allow("secretsmanager:ListSecrets", "*")})
    denying = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    managed = iam.create_policy(
        PolicyName="d", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": denying})
    )
    for group in ("allowed", "denied", "others"):
        iam.create_group(GroupName=group)
    iam.put_group_policy(GroupName="allowed", PolicyName="p", PolicyDocument=listing)
    for group in ("denied", "others"):
        iam.attach_group_policy(GroupName=group, PolicyArn=managed["Policy"]["Arn"])
    world.enforce_iam()
    answers = [code_of(client.list_secrets)]
    for group in ("allowed", "denied"):
        iam.add_user_to_group(GroupName=group, UserName="reader")
        answers.append(code_of(client.list_secrets))
    assert answers == ["AccessDeniedException", "none", "AccessDeniedException"]


def test_a_kms_key_is_told_apart_by_its_arn(world: World, code_of: Any) -> None:
    kms = world.client("kms")
    mine, other = (kms.create_key()["KeyMetadata"] for _ in range(2))
    client = world.client("kms", user(world, allow("kms:DescribeKey", mine["Arn"])))
    world.enforce_iam()
    assert code_of(lambda: client.describe_key(KeyId=mine["KeyId"])) == "none"
    assert code_of(lambda: client.describe_key(KeyId=other["KeyId"])) == "AccessDeniedException"


def test_an_unsigned_request_is_refused(world: World, bucket: str, code_of: Any) -> None:
    from botocore import UNSIGNED
    from botocore.config import Config

    client = world.client("s3", config=Config(signature_version=UNSIGNED, s3={"addressing_style": "path"}))
    assert code_of(lambda: client.get_object(Bucket=BUCKET, Key="vault/latest")) == "AccessDenied"


def test_an_assumed_role_is_bound_by_its_policies(world: World, code_of: Any) -> None:
    iam = world.client("iam")
    arn = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    document = json.dumps({"Version": "2012-10-17", "Statement": allow("secretsmanager:ListSecrets", "*")})
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=document)
    given = world.client("sts").assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
    pair = KeyPair(given["AccessKeyId"], given["SecretAccessKey"])
    client = world.client("secretsmanager", pair, aws_session_token=given["SessionToken"])
    world.enforce_iam()
    assert code_of(client.list_secrets) == "none"
    assert code_of(lambda: client.create_secret(Name="s", SecretString="a value")) == "AccessDeniedException"


def test_a_new_key_fails_at_first_where_it_is_not_known_yet(world: World, code_of: Any) -> None:
    old = world.client("sts", user(world))
    world.propagation.delay("sts", uses=2)
    new = world.client("sts", user(world, name="second"))
    answers = [code_of(new.get_caller_identity) for _ in range(3)]
    assert answers == ["InvalidClientTokenId", "InvalidClientTokenId", "none"]
    assert code_of(old.get_caller_identity) == "none"


def test_one_success_of_a_new_key_does_not_prove_the_next(world: World, bucket: str, code_of: Any) -> None:
    world.propagation.refuse("s3", uses=[2])
    client = world.client("s3", user(world))
    answers = [code_of(lambda: client.get_object(Bucket=BUCKET, Key="vault/latest")) for _ in range(3)]
    assert answers == ["none", "InvalidAccessKeyId", "none"]


def test_services_without_resources_of_their_own_here_go_by_the_action(world: World, code_of: Any) -> None:
    pair = user(world, allow("cloudwatch:ListMetrics", "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:a"))
    client = world.client("cloudwatch", pair)
    world.enforce_iam()
    assert code_of(client.list_metrics) == "none"
    assert code_of(client.list_dashboards) == "AccessDeniedException"


def test_listing_secrets_is_allowed_for_all_or_not_at_all(world: World, code_of: Any) -> None:
    narrow = user(world, allow("secretsmanager:ListSecrets", "arn:aws:secretsmanager:*:*:secret:mine-*"))
    wide = user(world, allow("secretsmanager:ListSecrets", "*"), name="wide")
    world.enforce_iam()
    answers = [code_of(world.client("secretsmanager", pair).list_secrets) for pair in (narrow, wide)]
    assert answers == ["AccessDeniedException", "none"]


def test_a_role_is_told_apart_by_its_arn(world: World, code_of: Any) -> None:
    for name in ("mine", "other"):
        world.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    client = world.client("iam", user(world, allow("iam:GetRole", "arn:aws:iam::123456789012:role/mine")))
    world.enforce_iam()
    assert [code_of(lambda n=name: client.get_role(RoleName=n)) for name in ("mine", "other")] == [
        "none",
        "AccessDenied",
    ]


@pytest.mark.parametrize(
    ("call", "action", "resource"),
    [
        (lambda s3: s3.list_buckets(), "s3:ListAllMyBuckets", "*"),
        (lambda s3: s3.create_bucket(Bucket="new-bucket"), "s3:CreateBucket", "arn:aws:s3:::new-bucket"),
        (lambda s3: s3.get_bucket_location(Bucket=BUCKET), "s3:GetBucketLocation", f"arn:aws:s3:::{BUCKET}"),
        (
            lambda s3: s3.list_objects_v2(Bucket=BUCKET, Prefix="", StartAfter="", Delimiter=""),
            "s3:ListBucket",
            f"arn:aws:s3:::{BUCKET}",
        ),
        (lambda s3: s3.get_bucket_versioning(Bucket=BUCKET), "s3:GetBucketVersioning", f"arn:aws:s3:::{BUCKET}"),
        (lambda s3: s3.delete_bucket(Bucket=BUCKET), "s3:DeleteBucket", f"arn:aws:s3:::{BUCKET}"),
        (lambda s3: s3.delete_object(Bucket=BUCKET, Key="k"), "s3:DeleteObject", f"arn:aws:s3:::{BUCKET}/k"),
        (
            lambda s3: s3.abort_multipart_upload(Bucket=BUCKET, Key="k", UploadId="u"),
            "s3:AbortMultipartUpload",
            f"arn:aws:s3:::{BUCKET}/k",
        ),
        (
            lambda s3: s3.get_object(Bucket=BUCKET, Key="k", VersionId="v"),
            "s3:GetObjectVersion",
            f"arn:aws:s3:::{BUCKET}/k",
        ),
        (
            lambda s3: s3.copy_object(Bucket=BUCKET, Key="k", CopySource={"Bucket": BUCKET, "Key": "from"}),
            "s3:PutObject",
            f"arn:aws:s3:::{BUCKET}/k",
        ),
    ],
)
def test_s3_requests_are_put_in_iams_words(
    world: World, bucket: str, code_of: Any, call: Any, action: str, resource: str
) -> None:
    client = world.client("s3", user(world))
    world.enforce_iam()
    assert code_of(lambda: call(client)) == "AccessDenied"
    assert [(denied.action, denied.resource) for denied in world.gate.denied] == [(action, resource)]
