"""Makes in the embedded AWS what the templates make, and what the deployment file says is there already."""

import json
from collections.abc import Mapping
from typing import Any, Final

from moto.kms.models import kms_backends
from moto.secretsmanager.models import secretsmanager_backends

from cdk.config.model import Adopted, Deployment
from cdk.config.model import Vault as Described
from cdk.names import FUNCTIONS
from cdk.rendered_identities import identities
from cdk.rendering import Rendering, Template
from cdk.secret_tags import config_secret_tags, passphrase_secret_tags
from simulator.laptop import Laptop
from simulator.vault_bytes import Blob, blob_credentials
from simulator.vaults import FAST_ITERATIONS, FIRST_PASSPHRASE, FIRST_TIMESTAMP, SALT, Layout, Vault
from simulator.world import ACCOUNT_ID, World
from tests.contract.passphrase_rotation import NOON
from tests.contract.restart.cluster import LocalCluster
from tests.infrastructure.privilege.account import Account

FILES: Final = {"infra/vault/prod/.env.prod": b"GREETING=hello\n"}
VALUES: Final = {"GREETING": "hello"}
# By the vault's id. What is not named has both layouts.
LAYOUTS: Final = {"acme_old/prod": Layout.RUNTIME, "acme_edge/prod": Layout.CLI}
# Its reader's user has no key yet.
WITHOUT_KEY: Final = "acme_web/prod"


def furnish(world: World, deployment: Deployment, templates: Mapping[str, Template], cluster: LocalCluster) -> Account:
    """An account in which the surviving stacks were deployed and the values seeded, at NOON."""
    world.reset()
    world.clock.stand_still(NOON)
    world.secrets.expanders.append(blob_credentials)
    given: dict[tuple[str, str], Mapping[str, str]] = {}
    rendering = Rendering(templates, ACCOUNT_ID, world.region, given=given)
    _make_keys(world, deployment, rendering, given)
    _make_buckets(world, deployment, rendering)
    _make_secrets(world, rendering, given)
    _make_adopted(world, deployment, templates)
    found = {identity.name: identity for identity in identities(rendering)}
    roles = {folder: next(i for name, i in found.items() if name.endswith(f"-{folder}")) for folder in FUNCTIONS}
    readers = {name: identity for name, identity in found.items() if identity.made.type == "AWS::IAM::User"}
    for reader in readers.values():
        _make_user(world, reader.name, reader.made.properties["Path"], reader.inline)
    vaults = {described.id: _fill(world, described) for described in deployment.vaults}
    for policy in rendering.resources("AWS::SecretsManager::ResourcePolicy"):
        said = policy.properties
        world.client("secretsmanager").put_resource_policy(
            SecretId=said["SecretId"], ResourcePolicy=json.dumps(said["ResourcePolicy"])
        )
    return Account(world, deployment, rendering, roles, readers, vaults, cluster)


def _make_keys(
    world: World, deployment: Deployment, rendering: Rendering, given: dict[tuple[str, str], Mapping[str, str]]
) -> None:
    kms = world.client("kms")
    for stack, template in rendering.templates.items():
        for logical_id, resource in template.get("Resources", {}).items():
            if resource["Type"] == "AWS::KMS::Key":
                made = kms.create_key()["KeyMetadata"]
                given[stack, logical_id] = {"Ref": made["KeyId"], "KeyId": made["KeyId"], "Arn": made["Arn"]}
    named = {vault.store.kms_key for vault in deployment.vaults}
    named |= {
        r.kms_key for v in deployment.vaults for r in (v.config_secret, v.passphrase_secret) if isinstance(r, Adopted)
    }
    backend = kms_backends[ACCOUNT_ID][world.region]
    for arn in sorted(filter(None, named)):
        key = backend.keys.pop(kms.create_key()["KeyMetadata"]["KeyId"])
        key.id, key.arn = arn.rpartition("/")[2], arn
        backend.keys[key.id] = key


def _make_buckets(world: World, deployment: Deployment, rendering: Rendering) -> None:
    s3 = world.client("s3")
    made = {found.properties["BucketName"]: found.properties for found in rendering.resources("AWS::S3::Bucket")}
    for store in (vault.store for vault in deployment.vaults):
        s3.create_bucket(Bucket=store.bucket, CreateBucketConfiguration={"LocationConstraint": world.region})
        if store.bucket in made:
            status = made[store.bucket]["VersioningConfiguration"]["Status"]
            s3.put_bucket_versioning(Bucket=store.bucket, VersioningConfiguration={"Status": status})
        if store.kms_key is not None:
            by_key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": store.kms_key}
            rules = [{"ApplyServerSideEncryptionByDefault": by_key}]
            s3.put_bucket_encryption(Bucket=store.bucket, ServerSideEncryptionConfiguration={"Rules": rules})


def _make_secrets(world: World, rendering: Rendering, given: dict[tuple[str, str], Mapping[str, str]]) -> None:
    """Without values, as the stacks make them."""
    for secret in rendering.resources("AWS::SecretsManager::Secret"):
        wanted = {name: secret.properties[name] for name in ("Name", "KmsKeyId", "Tags") if name in secret.properties}
        arn = world.client("secretsmanager").create_secret(**wanted)["ARN"]
        given[secret.stack, secret.logical_id] = {"Ref": arn, "Id": arn}


def _make_adopted(world: World, deployment: Deployment, templates: Mapping[str, Template]) -> None:
    """What is there already, with the tags that adopting applies."""
    (served_by,) = (stack for stack in templates if "-rotation-" in stack.removeprefix(deployment.stack_prefix))
    for vault in deployment.vaults:
        tags = (config_secret_tags(vault, served_by), passphrase_secret_tags(vault, served_by))
        for secret, of_secret in zip((vault.config_secret, vault.passphrase_secret), tags, strict=True):
            if isinstance(secret, Adopted):
                listed = [{"Key": key, "Value": value} for key, value in of_secret.items()]
                made = world.client("secretsmanager").create_secret(
                    Name=secret.name, Tags=listed, KmsKeyId=secret.kms_key
                )
                secretsmanager_backends[ACCOUNT_ID][world.region].secrets[made["ARN"]].arn = secret.arn
        if isinstance(vault.reader, Adopted):
            path = vault.reader.arn.partition(":user")[2].removesuffix(vault.reader.name)
            _make_user(world, vault.reader.name, path, {"own": _read_all(vault.store.bucket)})


def _make_user(world: World, name: str, path: str, policies: Mapping[str, Any]) -> None:
    iam = world.client("iam")
    iam.create_user(UserName=name, Path=path)
    for policy, document in policies.items():
        iam.put_user_policy(UserName=name, PolicyName=policy, PolicyDocument=json.dumps(document))


def _read_all(bucket: str, *actions: str) -> dict[str, Any]:
    """What users have that no stack makes: their whole bucket."""
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    allowed = ["s3:GetObject", "s3:ListBucket", *actions]
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": allowed, "Resource": resources}]}


def _fill(world: World, described: Described) -> Vault:
    """Push the vault and seed its values."""
    store, layout = described.store, LAYOUTS.get(described.id, Layout.BOTH)
    s3, sm = world.client("s3"), world.client("secretsmanager")
    laptop = Laptop(s3, store.bucket, described.cli_prefix, store.prefix, SALT, FIRST_PASSPHRASE, FAST_ITERATIONS)
    if layout is not Layout.CLI:
        laptop.publish(FIRST_TIMESTAMP, VALUES)
    if layout is not Layout.RUNTIME:
        laptop.push(FIRST_TIMESTAMP, FILES)
    reader = described.reader.name if described.reader else f"{described.repo}-reader-of-the-other-store"
    if described.reader is None:
        _make_user(world, reader, "/other-store/", {"own": _read_all(store.bucket)})
    place = {"v": 1, "endpoint": world.endpoint_url, "region": store.region, "bucket": store.bucket}
    rest = {"prefix": store.prefix, "env": described.env, "salt": SALT, "iterations": FAST_ITERATIONS}
    if described.id == WITHOUT_KEY:
        config = json.dumps({**place, **rest})
    else:
        config = Blob({**place, **_credentials(world, reader), **rest}).encode()
    sm.put_secret_value(SecretId=described.config_secret.name, SecretString=config)
    sm.put_secret_value(SecretId=described.passphrase_secret.name, SecretString=FIRST_PASSPHRASE)
    if described.writer_secret is not None:
        sm.put_secret_value(SecretId=described.writer_secret.name, SecretString=_writer(world, described))
    return Vault(
        world=world,
        layout=layout,
        bucket=store.bucket,
        prefix=store.prefix,
        repo=described.repo,
        env=described.env,
        iam_user=reader,
        config_secret=described.config_secret.name,
        passphrase_secret=described.passphrase_secret.name,
        laptop=laptop,
    )


def _credentials(world: World, user: str) -> dict[str, str]:
    key = world.client("iam").create_access_key(UserName=user)["AccessKey"]
    return {"accessKeyId": key["AccessKeyId"], "secretAccessKey": key["SecretAccessKey"]}


def _writer(world: World, described: Described) -> str:
    """Credentials of the other store, which is played by another bucket here and known to no role."""
    user = f"{described.repo}-writer-of-the-other-store"
    _make_user(world, user, "/other-store/", {"own": _read_all(described.store.bucket, "s3:PutObject")})
    key = _credentials(world, user)
    return json.dumps({"AWS_ACCESS_KEY_ID": key["accessKeyId"], "AWS_SECRET_ACCESS_KEY": key["secretAccessKey"]})
