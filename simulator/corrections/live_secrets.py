"""Operations find a secret by its name or full ARN only, and a secret scheduled for deletion refuses them.

moto also accepts an ARN without the six random characters, and lets a deleted secret take new values and labels.

See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
"""

from typing import Any

from moto.secretsmanager.models import FakeSecret, ReplicaSecret, SecretsManagerBackend, SecretsStore

from simulator.corrections.correction import Correction, Replacement, instead
from simulator.corrections.secret_versions import invalid_request, not_found


def live_secret(backend: Any, secret_id: str) -> Any:
    """The secret, which is not scheduled for deletion.

    Raises:
        ServiceError: ResourceNotFoundException or InvalidRequestException.
    """
    secret = backend.secrets.get(secret_id)
    if secret is None:
        raise not_found()
    if secret.is_deleted():
        raise invalid_request("You can't perform this operation on the secret because it was marked for deletion.")
    return secret


def _find(store: Any, key: str) -> Any:
    return next((secret for secret in dict.values(store) if key in {secret.arn, secret.name}), None)


def _getitem(self: Any, key: str) -> FakeSecret | ReplicaSecret:
    secret = _find(self, key)
    if secret is None:
        raise not_found()
    return secret  # type: ignore[no-any-return] # moto's store holds either class


def _contains(self: Any, key: str) -> bool:
    return _find(self, key) is not None


def _pop(self: Any, key: str) -> Any:
    secret = _find(self, key)
    return None if secret is None else dict.pop(self, secret.name, None)


def _describe_secret(self: Any, secret_id: str) -> Any:
    """A deleted secret is still described: that is how its date of deletion is known."""
    return self.secrets[secret_id]


def _only_live(before: Any) -> Any:
    def on_a_live_secret(self: Any, secret_id: str, *details: Any) -> Any:
        live_secret(self, secret_id)
        return before(self, secret_id, *details)

    return on_a_live_secret


CORRECTION = Correction(
    "names and full ARNs of live secrets only",
    (
        Replacement(SecretsStore, "__getitem__", instead(_getitem)),
        Replacement(SecretsStore, "__contains__", instead(_contains)),
        Replacement(SecretsStore, "get", instead(_find)),
        Replacement(SecretsStore, "pop", instead(_pop)),
        Replacement(SecretsManagerBackend, "describe_secret", instead(_describe_secret)),
        Replacement(SecretsManagerBackend, "put_resource_policy", _only_live),
        Replacement(SecretsManagerBackend, "tag_resource", _only_live),
        Replacement(SecretsManagerBackend, "untag_resource", _only_live),
    ),
)
