"""A bucket with a vault in it, an IAM user that may read it, and the two secrets an application boots from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from botocore.exceptions import ClientError

from simulator.application import Booted, boot, pull
from simulator.inventory import objects
from simulator.laptop import Laptop
from simulator.vault_bytes import Blob, blob_credentials
from simulator.world import ACCOUNT_ID, World

FAST_ITERATIONS: Final = 1000  # the least the formats accept; 600,000 would make every test wait for the key
SALT: Final = "c2FsdC1vZi1hLXRlc3QtdmF1"
FIRST_PASSPHRASE: Final = "first-passphrase-of-a-vault-made-for-tests"  # noqa: S105 - opens test vaults only
FIRST_TIMESTAMP: Final = "20260101-000000"
VALUES: Final = {"DATABASE_URL": "postgres://db.example/app", "GREETING": "hello"}


class Layout(StrEnum):
    """How a vault is laid out in its bucket."""

    RUNTIME = "runtime"
    CLI = "cli"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Vault:
    """Where a vault is and how to get at it. `laptop` holds the first passphrase."""

    world: World = field(repr=False)
    layout: Layout
    bucket: str
    prefix: str
    repo: str
    env: str
    iam_user: str
    config_secret: str
    passphrase_secret: str
    laptop: Laptop

    def config(self) -> str:
        """VSYNC_CONFIG as it is now."""
        return self._current(self.config_secret)

    def passphrase(self) -> str:
        """VSYNC_PASSPHRASE as it is now."""
        return self._current(self.passphrase_secret)

    def blob(self) -> Blob:
        return Blob.decode(self.config())

    def boot(self) -> Booted:
        """An application starts with the two values as they are now, from the layout that is there."""
        if self.layout is Layout.CLI:
            return self.pull()
        return boot(self.config(), self.passphrase())

    def pull(self) -> Booted:
        """The CLI fetches with the two values as they are now."""
        return pull(self.config(), self.passphrase(), f"{self.repo}/{self.env.lower()}/")

    def laptop_with(self, passphrase: str) -> Laptop:
        """A laptop that was given this passphrase."""
        return replace(self.laptop, passphrase=passphrase)

    def objects(self) -> dict[str, bytes]:
        """Every object of the bucket."""
        return objects(ACCOUNT_ID, self.bucket)

    def _current(self, secret: str) -> str:
        value = self.world.client("secretsmanager").get_secret_value(SecretId=secret, VersionStage="AWSCURRENT")
        return str(value["SecretString"])


def make_vault(
    world: World,
    layout: Layout = Layout.BOTH,
    *,
    repo: str = "acme_web",
    env: str = "prod",
    bucket: str = "vault-bucket",
    prefix: str | None = None,
    payload: bytes | None = None,
    iterations: int = FAST_ITERATIONS,
    timestamp: str = FIRST_TIMESTAMP,
    extra_fields: Mapping[str, Any] | None = None,
    key_tags: Mapping[str, str] | None = None,
    passphrase_tags: Mapping[str, str] | None = None,
) -> Vault:
    """Make bucket, reader user with one key, vault and both secrets, tagged for rotation.

    `prefix` is by default `<repo>/<env>/`; `payload` replaces the bytes of the bundle in every layout; `extra_fields`
    go into the blob; the tags are added to those that say which kind of secret it is.
    """
    if blob_credentials not in world.secrets.expanders:
        world.secrets.expanders.append(blob_credentials)
    where = f"{repo}/{env}/" if prefix is None else prefix
    s3 = world.client("s3")
    _make_bucket(world, s3, bucket)
    laptop = Laptop(s3, bucket, f"{repo}/{env.lower()}/", where, SALT, FIRST_PASSPHRASE, iterations)
    _fill(laptop, layout, timestamp, payload)
    user = f"vsync-{repo}-{env}-reader"
    location = {"v": 1, "endpoint": world.endpoint_url, "region": world.region, "bucket": bucket}
    rest = {"prefix": where, "env": env, "salt": SALT, "iterations": iterations, **(extra_fields or {})}
    blob = Blob({**location, **_make_reader(world, user, bucket, where), **rest})
    config, passphrase = f"{repo}/{env}/VSYNC_CONFIG", f"{repo}/{env}/VSYNC_PASSPHRASE"
    kind = "vsync-rotation:kind"
    _make_secret(world, config, blob.encode(), {kind: "iam-access-key", "vsync-rotation:iam-user": user}, key_tags)
    tags = {kind: "vault-passphrase", "vsync-rotation:config-secret": config, "vsync-rotation:repo": repo}
    _make_secret(world, passphrase, FIRST_PASSPHRASE, tags, passphrase_tags)
    return Vault(world, layout, bucket, where, repo, env, user, config, passphrase, laptop)


def _fill(laptop: Laptop, layout: Layout, timestamp: str, payload: bytes | None) -> None:
    if layout is not Layout.CLI:
        laptop.publish_payload(timestamp, payload or json.dumps({"kv": VALUES, "assets": {}}).encode())
    if layout is not Layout.RUNTIME:
        if payload is None:
            laptop.push(timestamp, {"infra/vault/prod/.env.prod": b"GREETING=hello\n"})
        else:
            laptop.push_payload(timestamp, payload)


def _make_bucket(world: World, s3: Any, bucket: str) -> None:
    try:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": world.region})
    except ClientError as error:
        if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
            raise


def _make_reader(world: World, user: str, bucket: str, prefix: str) -> dict[str, str]:
    """The user, its policy and its first key, as the blob's two fields."""
    iam = world.client("iam")
    iam.create_user(UserName=user, Path="/vsync/")
    arn = f"arn:aws:s3:::{bucket}"
    only_here = {"StringLike": {"s3:prefix": f"{prefix}*"}}
    statements = [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{arn}/{prefix}*"},
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": arn, "Condition": only_here},
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName=user, PolicyName="read-the-vault", PolicyDocument=document)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    return {"accessKeyId": key["AccessKeyId"], "secretAccessKey": key["SecretAccessKey"]}


def _make_secret(world: World, name: str, value: str, tags: Mapping[str, str], more: Mapping[str, str] | None) -> None:
    pairs = [{"Key": key, "Value": text} for key, text in {**tags, **(more or {})}.items()]
    world.client("secretsmanager").create_secret(Name=name, SecretString=value, Tags=pairs)
