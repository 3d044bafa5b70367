"""All that a rotation could change in a world, read where it lies: every value, label, object, upload, key and tag."""

from typing import Any, Final

from moto.iam.models import iam_backends
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends

from simulator.world import World

Everything = dict[str, Any]
_GLOBAL: Final = "aws"


def everything(world: World, *, but_the_value_of: str | None = None) -> Everything:
    """As it is now. The value of one version may be left out: a pending one, which a refused rotation may have made."""
    return {
        "secrets": _secrets(world, but_the_value_of),
        "objects": _objects(world.account_id),
        "users": _users(world.account_id),
    }


def _secrets(world: World, skipped: str | None) -> Everything:
    kept = dict.values(secretsmanager_backends[world.account_id][world.region].secrets)
    return {
        secret.name: (
            {
                version_id: (
                    sorted(version["version_stages"]),
                    None if version_id == skipped else (version.get("secret_string"), version.get("secret_binary")),
                )
                for version_id, version in secret.versions.items()
            },
            secret.tags,
        )
        for secret in kept
    }


def _objects(account_id: str) -> Everything:
    return {
        bucket.name: (
            {key.name: (key.value, key.etag, dict(key.metadata)) for key in bucket.keys.values()},
            sorted(bucket.multiparts),
        )
        for bucket in s3_backends[account_id][_GLOBAL].buckets.values()
    }


def _users(account_id: str) -> Everything:
    backend = iam_backends[account_id][_GLOBAL]
    return {
        user.name: (
            {key.access_key_id: key.status for key in user.access_keys},
            backend.tagger.list_tags_for_resource(user.arn)["Tags"],
        )
        for user in backend.users.values()
    }
