"""The passphrase rotation's ports in memory: all of its own work and none of the SDK's."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from tests.unit.vault.bucket import MemoryBucket
from vsync_rotation.engine.ports import SecretDescription, SecretVersion
from vsync_rotation.formats.credentials import Credentials
from vsync_rotation.formats.vault_config import VaultPlace
from vsync_rotation.redacted import SecretText

CREATED_AT = datetime(2026, 5, 1, 9, 15, tzinfo=UTC)


@dataclass
class MemorySecrets:
    """Secrets by name; each has its values by version, and its labels in its description."""

    descriptions: dict[str, SecretDescription] = field(default_factory=dict)
    values: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, name: str, value: str, tags: dict[str, str]) -> None:
        labels = {"first": frozenset({"AWSCURRENT"}), "second": frozenset({"AWSPENDING"})}
        self.descriptions[name] = SecretDescription(name, name, True, False, tags, labels)
        self.values[name, "first"] = value

    def describe(self, secret_id: str) -> SecretDescription:
        return self.descriptions[secret_id]

    def find(self, secret_id: str, *, version_id: str, label: str) -> SecretVersion | None:
        return self.find_version(secret_id, version_id)

    def find_labelled(self, secret_id: str, label: str) -> SecretVersion | None:
        holder = self.descriptions[secret_id].holder(label)
        return None if holder is None else self.find_version(secret_id, holder)

    def find_version(self, secret_id: str, version_id: str) -> SecretVersion | None:
        value = self.values.get((secret_id, version_id))
        return None if value is None else SecretVersion(version_id, SecretText(value), CREATED_AT)

    def version_ids(self, secret_id: str) -> tuple[str, ...]:
        return tuple(self.descriptions[secret_id].labels)

    def put_pending(self, secret_id: str, *, version_id: str, value: SecretText, rotation_token: str | None) -> None:
        self.values[secret_id, version_id] = value.reveal()

    def move_current(self, secret_id: str, *, to: str, away_from: str) -> None:
        labels = {away_from: frozenset({"AWSPREVIOUS"}), to: frozenset({"AWSCURRENT", "AWSPENDING"})}
        self.descriptions[secret_id] = replace(self.descriptions[secret_id], labels=labels)


@dataclass
class ListedBucket(MemoryBucket):
    """A bucket whose keys can be listed too, as the port wants it."""

    def keys_after(self, prefix: str, after: str) -> Iterator[str]:
        yield from sorted(key for key in self.objects if key.startswith(prefix) and key > after)


@dataclass(frozen=True)
class OneStore:
    """Every vault's bucket is this one."""

    store: Any

    def is_aws(self, place: VaultPlace) -> bool:
        return True

    def as_function(self, place: VaultPlace) -> Any:
        return self.store

    def as_writer(self, credentials: Credentials, place: VaultPlace) -> Any:
        return self.store

    def as_probe(self, credentials: Credentials, place: VaultPlace) -> Any:
        return self.store
