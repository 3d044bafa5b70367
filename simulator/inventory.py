"""What the world keeps, read from where it lies: no request, so looking changes no record and costs next to nothing."""

from collections.abc import Iterator
from typing import Any

from moto.iam.models import iam_backends
from moto.s3.models import FakeKey, s3_backends
from moto.secretsmanager.models import secretsmanager_backends


def objects(account_id: str, bucket: str) -> dict[str, bytes]:
    """Every object of the bucket as a listing shows it: the latest version, none behind a delete marker."""
    found = s3_backends[account_id]["aws"].buckets[bucket].keys.values()
    return {key.name: key.value for key in found if isinstance(key, FakeKey)}


def open_texts(account_id: str) -> Iterator[tuple[str, str]]:
    """Tags and object metadata, in which nothing may be a secret: where, and what stands there."""
    yield from _secrets(account_id)
    yield from _users(account_id)
    yield from _objects(account_id)


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
        for key in bucket.keys.values():
            place = f"object {bucket.name}/{key.name}"
            yield f"name of {place}", key.name
            yield from ((f"metadata {name} of {place}", str(value)) for name, value in key.metadata.items())
            yield from _tags(place, backend.tagger.list_tags_for_resource(key.arn)["Tags"])


def _tags(place: str, tags: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for tag in tags:
        yield f"tag {tag['Key']} of {place}", f"{tag['Key']}={tag['Value']}"
