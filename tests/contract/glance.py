"""Everything the embedded AWS holds of one vault, seen at once.

Read beside the API: a history looks after every step of every function, and each question over the API would cost as
much as a request of the function itself. `test_the_glance.py` holds it to what the API says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from moto.iam.models import iam_backends
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends

from simulator.vault_bytes import Blob
from simulator.vaults import Vault
from simulator.world import ACCOUNT_ID, World


class Side(StrEnum):
    """The two secrets of a vault: each is rotated by a function of its own."""

    KEY = "key"
    PASSPHRASE = "passphrase"


@dataclass(frozen=True, slots=True)
class SecretSeen:
    """A secret. Versions without a label are there too; one without a value has None."""

    labels: Mapping[str, frozenset[str]]
    values: Mapping[str, str | None] = field(repr=False)
    tags: Mapping[str, str]
    rotation_off: bool

    def holder(self, label: str) -> str | None:
        return next((version for version, labels in self.labels.items() if label in labels), None)

    def value(self, label: str) -> str | None:
        holder = self.holder(label)
        return None if holder is None else self.values[holder]


@dataclass(frozen=True, slots=True)
class KeySeen:
    """An access key of the vault's user. `was_used`: IAM knows of a last use."""

    status: str
    created_at: datetime
    was_used: bool


@dataclass(frozen=True, slots=True)
class ObjectSeen:
    """An object of the bucket. `made_for`: the version of the passphrase that a rotation staged it for."""

    body: bytes = field(repr=False)
    etag: str
    made_for: str | None


@dataclass(frozen=True, slots=True)
class Glance:
    """One moment."""

    at: datetime
    secrets: Mapping[Side, SecretSeen]
    keys: Mapping[str, KeySeen]
    user_tags: Mapping[str, str]
    objects: Mapping[str, ObjectSeen]

    def statuses(self) -> dict[str, str]:
        """Key id to status."""
        return {key_id: key.status for key_id, key in self.keys.items()}

    def key_in(self, label: str) -> str | None:
        """The access key id in the config secret's version with this label."""
        value = self.secrets[Side.KEY].value(label)
        return None if value is None else key_id_of(value)

    @property
    def passphrase(self) -> str:
        """VSYNC_PASSPHRASE as it is now."""
        value = self.secrets[Side.PASSPHRASE].value("AWSCURRENT")
        assert value is not None, "no version of the passphrase is AWSCURRENT with a value"
        return value


@cache
def key_id_of(config: str) -> str:
    """The access key id inside a blob."""
    return str(Blob.decode(config)["accessKeyId"])


def glance(vault: Vault) -> Glance:
    """Look at the vault now."""
    user = iam_backends[ACCOUNT_ID]["aws"].users[vault.iam_user]
    tags = iam_backends[ACCOUNT_ID]["aws"].tagger.list_tags_for_resource(user.arn)["Tags"]
    names = {Side.KEY: vault.config_secret, Side.PASSPHRASE: vault.passphrase_secret}
    bucket = s3_backends[ACCOUNT_ID]["aws"].buckets[vault.bucket]
    return Glance(
        at=vault.world.clock.now(),
        secrets={side: secret_seen(vault.world, name) for side, name in names.items()},
        keys={key.access_key_id: _key(key) for key in user.access_keys},
        user_tags=_tags(tags),
        objects={key.name: _object(key) for key in bucket.keys.values()},
    )


def secret_seen(world: World, name: str) -> SecretSeen:
    """Look at one secret now."""
    secret: Any = secretsmanager_backends[ACCOUNT_ID][world.region].secrets[name]
    return SecretSeen(
        labels={version: frozenset(data["version_stages"]) for version, data in secret.versions.items()},
        values={version: data.get("secret_string") for version, data in secret.versions.items()},
        tags=_tags(secret.tags or []),
        rotation_off=bool(secret.rotation_requested and not secret.rotation_enabled),
    )


def _key(key: Any) -> KeySeen:
    return KeySeen(key.status, key.create_date.replace(tzinfo=UTC), key.last_used is not None)


def _object(key: Any) -> ObjectSeen:
    return ObjectSeen(key.value, key.etag, key.metadata.get("x-amz-meta-vsync-rotation-version"))


def _tags(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}
