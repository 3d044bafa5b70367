"""What the world keeps, read from where it lies: no request, so looking changes no record and costs next to nothing."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.iam.models import iam_backends
from moto.s3.models import FakeKey, s3_backends
from moto.secretsmanager.models import secretsmanager_backends


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What IAM holds of an access key; `used_at` is None for one that was never used."""

    key_id: str
    active: bool
    made_at: datetime
    used_at: datetime | None


def access_keys(account_id: str, user: str) -> list[KeyFacts]:
    """The user's access keys, inactive ones included."""
    found = iam_backends[account_id]["aws"].users[user].access_keys
    return [
        KeyFacts(
            key.access_key_id,
            key.status == "Active",
            key.create_date.replace(tzinfo=UTC),
            None if key.last_used is None else key.last_used.timestamp.replace(tzinfo=UTC),
        )
        for key in found
    ]


def objects(account_id: str, bucket: str) -> dict[str, bytes]:
    """Every object of the bucket as a listing shows it: the latest version, none behind a delete marker."""
    found = s3_backends[account_id]["aws"].buckets[bucket].keys.values()
    return {key.name: key.value for key in found if isinstance(key, FakeKey)}


def current_value(account_id: str, secret_name: str) -> str | None:
    """The text that AWSCURRENT labels; None if there is none."""
    for backend in secretsmanager_backends[account_id].values():
        for secret in dict.values(backend.secrets):
            if secret.name == secret_name:
                versions = secret.versions.values()
                return next((v["secret_string"] for v in versions if "AWSCURRENT" in v["version_stages"]), None)
    return None


def open_texts(account_id: str) -> Iterator[tuple[str, str]]:
    """Tags, object metadata and plain parameters, in which nothing may be a secret: where, and what stands there."""
    yield from _secrets(account_id)
    yield from _users(account_id)
    yield from _objects(account_id)
    yield from _parameters(account_id)


def _secrets(account_id: str) -> Iterator[tuple[str, str]]:
    for backend in secretsmanager_backends[account_id].values():
        for secret in dict.values(backend.secrets):
            place = f"secret {secret.name}"
            yield f"description of {place}", secret.description or ""
            yield from _tags(place, secret.tags or [])


def _users(account_id: str) -> Iterator[tuple[str, str]]:
    backend = iam_backends[account_id]["aws"]
    for user in backend.users.values():
        yield from _tags(f"IAM user {user.name}", backend.tagger.list_tags_for_resource(user.arn)["Tags"])


def _objects(account_id: str) -> Iterator[tuple[str, str]]:
    backend = s3_backends[account_id]["aws"]
    for bucket in backend.buckets.values():
        versions = (key for name in list(bucket.keys) for key in bucket.keys.getlist(name))
        for key in (version for version in versions if isinstance(version, FakeKey)):
            place = f"object {bucket.name}/{key.name}"
            yield f"name of {place}", key.name
            yield from ((f"metadata {name} of {place}", str(value)) for name, value in key.metadata.items())
            yield from _tags(place, backend.tagger.list_tags_for_resource(key.arn)["Tags"])


def _parameters(account_id: str) -> Iterator[tuple[str, str]]:
    """Every version of each parameter; a SecureString is there to keep a secret."""
    # moto's SSM takes longer to load than everything else here together; not loaded, it holds nothing.
    ssm = sys.modules.get("moto.ssm.models")
    if ssm is None:
        return
    for backend in ssm.ssm_backends[account_id].values():
        for versions in dict.values(backend._parameters):  # noqa: SLF001 - moto offers no way to list them all
            for parameter in versions:
                place = f"parameter {parameter.name}"
                yield f"description of {place}", parameter.description or ""
                if parameter.parameter_type != "SecureString":
                    yield f"value of {place}", parameter.value


def _tags(place: str, tags: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for tag in tags:
        yield f"tag {tag['Key']} of {place}", f"{tag['Key']}={tag['Value']}"
