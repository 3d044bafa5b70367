"""Trust policies and the policies of keys, secrets, buckets, queues, topics and functions: each exactly as it should be.

`test_beside` says what they are for and judges them. Here they are pinned whole, since what is added to one of them may
let somebody in of whom no test there thinks.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cdk.rendered_identities import Identity
from cdk.rendering import Resource
from simulator.access.conditions import texts
from simulator.access.policy import statements
from tests.infrastructure.assemblies import Assembled
from tests.infrastructure.privilege.documents import normal, with_documents
from tests.infrastructure.privilege.pinned_documents import (
    ACCOUNT,
    HERE,
    KEYS,
    READERS,
    TRUSTED,
    on_bucket,
    on_queue,
    on_secret,
    on_topic,
)
from tests.infrastructure.privilege.served import Served


def test_a_role_is_taken_on_by_whom_it_is_for(proven_bearers: Mapping[str, Identity]) -> None:
    found = {
        bearer: [normal(said) for said in statements(identity.made.properties["AssumeRolePolicyDocument"])]
        for bearer, identity in proven_bearers.items()
        if identity.made.type == "AWS::IAM::Role"
    }
    assert found == TRUSTED


def _pinned(resource: Resource, proven: Assembled) -> list[dict[str, Any]]:
    """What the policy of this resource has to be; the name of what it is on is in the resource itself."""
    match resource.type:
        case "AWS::KMS::Key":
            return KEYS[resource.logical_id]
        case "AWS::SecretsManager::ResourcePolicy":
            return on_secret(_name_of_secret(proven, resource.properties["SecretId"]))
        case "AWS::SQS::QueuePolicy":
            (url,) = resource.properties["Queues"]
            return on_queue(f"arn:aws:sqs:{HERE}:{url.rpartition('/')[2]}")
        case "AWS::SNS::TopicPolicy":
            return on_topic(*resource.properties["Topics"])
        case "AWS::S3::BucketPolicy":
            return on_bucket(resource.properties["Bucket"])
    raise AssertionError(f"{resource.logical_id}: nobody said what the policy of {resource.type} has to be")


def test_a_resources_policy_is_exactly_this(proven: Assembled) -> None:
    looked_at: dict[str, int] = {}
    for resource, found in with_documents(proven):
        if resource.type not in {"AWS::IAM::Role", "AWS::IAM::User"}:
            (document,) = found
            assert [normal(said) for said in statements(document)] == _pinned(resource, proven), resource.logical_id
            looked_at[resource.type] = looked_at.get(resource.type, 0) + 1
    assert looked_at == {
        "AWS::KMS::Key": len(KEYS),
        "AWS::SecretsManager::ResourcePolicy": len(READERS),
        "AWS::SQS::QueuePolicy": 2,
        "AWS::SNS::TopicPolicy": 2,
        "AWS::S3::BucketPolicy": 1,
    }


def test_functions_are_invoked_for_exactly_these(proven: Assembled) -> None:
    served, rendering = Served.by(proven, 1), proven.rendering
    for_what = [
        *(("rotate_iam_access_key", "secretsmanager", arn) for arn in served.secrets(served.rotating_configs)),
        *(("rotate_vault_passphrase", "secretsmanager", arn) for arn in served.secrets(served.passphrases)),
        ("restart_consumers", "events", served.made("AWS::Events::Rule", "Restarts")),
    ]
    wanted = [
        {
            "Action": "lambda:InvokeFunction",
            "FunctionName": served.function(folder),
            "Principal": f"{service}.amazonaws.com",
            "SourceAccount": ACCOUNT,
            "SourceArn": arn,
        }
        for folder, service, arn in for_what
    ]
    found = [dict(permission.properties) for permission in rendering.resources("AWS::Lambda::Permission")]
    assert sorted(found, key=str) == sorted(wanted, key=str)


def test_a_secrets_policy_may_never_become_a_public_one(proven: Assembled) -> None:
    for policy in proven.rendering.resources("AWS::SecretsManager::ResourcePolicy"):
        assert policy.properties["BlockPublicPolicy"] is True


def test_a_bucket_keeps_every_version_and_is_nobody_elses(proven: Assembled) -> None:
    (made,) = proven.rendering.resources("AWS::S3::Bucket")
    found = {name: made.properties[name] for name in made.properties if name not in {"BucketEncryption", "Tags"}}
    upload = {"DaysAfterInitiation": 7}
    rule = {"Id": "abort-dead-uploads", "Status": "Enabled", "AbortIncompleteMultipartUpload": upload}
    assert found == {
        "BucketName": "acme-web-vault",
        "VersioningConfiguration": {"Status": "Enabled"},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        # None deletes by age: it would delete the live bundle of a quiet vault.
        "LifecycleConfiguration": {"Rules": [rule]},
    }


@pytest.mark.parametrize("name", ["example", "everything", "many", "every_permission"])
def test_nothing_is_allowed_to_another_account(of: Callable[[str], Assembled], name: str) -> None:
    """Whatever a policy allows names the deployment's own account, or a service, or everybody in the account."""
    account = of(name).deployment.account
    for resource, found in with_documents(of(name)):
        for said in (said for document in found for said in statements(document) if said["Effect"] == "Allow"):
            assert set(re.findall(r"(?<![\w-])\d{12}(?![\w-])", str(said))) <= {account}, (resource, said)
            principal = said.get("Principal", {})
            assert isinstance(principal, Mapping), resource
            if "*" in texts(principal.get("AWS", ())):
                assert said["Condition"]["StringEquals"]["kms:CallerAccount"] == account, resource


def _name_of_secret(proven: Assembled, arn: str) -> str:
    (name,) = (
        str(secret.properties["Name"])
        for secret in proven.rendering.resources("AWS::SecretsManager::Secret")
        if proven.rendering.attribute(secret.stack, secret.logical_id, "Ref") == arn
    )
    return name
