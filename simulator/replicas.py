"""Services whose reads may answer late, each as what it takes to remember an earlier condition and to show it again.

S3 is not among them: it is strongly consistent. What STS and S3 know of a new access key is
`simulator.access.propagation`.

See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel
"""

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from moto.iam.models import IAMBackend, iam_backends
from moto.secretsmanager.models import secretsmanager_backends

from simulator.doors import Incoming

READS = ("BatchGet", "Describe", "Get", "Head", "List")


class Replica(Protocol):
    """Remembers conditions of a service and shows one of them again."""

    def is_changed_by(self, incoming: Incoming, operation: str) -> bool:
        """Whether the request may change what this replica remembers."""

    def capture(self) -> Any:
        """The present condition, for `showing`."""

    def showing(self, condition: Any) -> Any:
        """A context in which the service is as it was then."""


def is_read(operation: str) -> bool:
    """Whether an operation only reads, by its name as AWS gives it."""
    return operation.startswith(READS)


@dataclass(frozen=True, slots=True)
class Secrets:
    """Every secret: versions with labels and values, tags, rotation status."""

    account_id: str

    def is_changed_by(self, incoming: Incoming, operation: str) -> bool:
        return incoming.service == "secretsmanager" and not is_read(operation)

    def capture(self) -> dict[str, dict[str, Any]]:
        stores = {region: backend.secrets for region, backend in secretsmanager_backends[self.account_id].items()}
        return {
            region: {name: _copy_of_secret(secret) for name, secret in dict.items(store)}
            for region, store in stores.items()
        }

    @contextmanager
    def showing(self, condition: Mapping[str, Mapping[str, Any]]) -> Iterator[None]:
        stores = {region: backend.secrets for region, backend in secretsmanager_backends[self.account_id].items()}
        present = {region: dict(dict.items(store)) for region, store in stores.items()}
        _fill(stores, condition)
        try:
            yield
        finally:
            _fill(stores, present)


@dataclass(frozen=True, slots=True)
class Users:
    """Every IAM user: its tags, its access keys and their statuses."""

    account_id: str

    @property
    def _iam(self) -> IAMBackend:
        return iam_backends[self.account_id]["aws"]

    def is_changed_by(self, incoming: Incoming, operation: str) -> bool:
        return incoming.service == "iam" and not is_read(operation)

    def capture(self) -> tuple[dict[str, Any], dict[str, Any]]:
        users = {name: copy.copy(user) for name, user in self._iam.users.items()}
        for user in users.values():
            user.access_keys = [copy.copy(key) for key in user.access_keys]
        return users, {arn: dict(tags) for arn, tags in self._iam.tagger.tags.items()}

    @contextmanager
    def showing(self, condition: tuple[dict[str, Any], dict[str, Any]]) -> Iterator[None]:
        iam = self._iam
        present = iam.users, iam.tagger.tags
        iam.users, iam.tagger.tags = condition
        try:
            yield
        finally:
            iam.users, iam.tagger.tags = present


@dataclass(frozen=True, slots=True)
class KeyUses:
    """When each access key was last used; a request it signs changes that. Whether a key exists is told at once."""

    account_id: str

    def _keys(self) -> dict[str, Any]:
        return iam_backends[self.account_id]["aws"].access_keys

    def is_changed_by(self, incoming: Incoming, operation: str) -> bool:  # noqa: ARG002 - the protocol's signature
        return incoming.key_id in self._keys()

    def capture(self) -> dict[str, Any]:
        return {key_id: key.last_used for key_id, key in self._keys().items()}

    @contextmanager
    def showing(self, condition: Mapping[str, Any]) -> Iterator[None]:
        keys, present = self._keys(), self.capture()
        for key_id, key in keys.items():
            key.last_used = condition.get(key_id)
        try:
            yield
        finally:
            for key_id, last_used in present.items():
                keys[key_id].last_used = last_used


def _copy_of_secret(secret: Any) -> Any:
    earlier = copy.copy(secret)
    earlier.versions = {
        version_id: {**version, "version_stages": list(version["version_stages"])}
        for version_id, version in secret.versions.items()
    }
    earlier.tags = copy.deepcopy(secret.tags)
    return earlier


def _fill(stores: Mapping[str, Any], condition: Mapping[str, Mapping[str, Any]]) -> None:
    """moto's store has its own ways of finding an item; the plain dictionary's are what is meant here."""
    for region, store in stores.items():
        dict.clear(store)
        dict.update(store, condition.get(region, {}))
