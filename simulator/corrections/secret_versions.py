"""The versions of one secret and their staging labels: the vocabulary of the Secrets Manager corrections."""

import time
from typing import Any, Final

from moto.secretsmanager.exceptions import SecretsManagerClientError

from simulator.corrections import announcements

CURRENT: Final = "AWSCURRENT"
PENDING: Final = "AWSPENDING"
PREVIOUS: Final = "AWSPREVIOUS"
MAX_LABELS_PER_VERSION: Final = 20


class ServiceError(SecretsManagerClientError):
    """An error of Secrets Manager: HTTP 400 whatever the code, unlike moto's 404 for what is not found."""

    code = 400


def not_found(message: str = "Secrets Manager can't find the specified secret.") -> ServiceError:
    return ServiceError("ResourceNotFoundException", message)


def invalid_parameter(message: str) -> ServiceError:
    return ServiceError("InvalidParameterException", message)


def invalid_request(message: str) -> ServiceError:
    return ServiceError("InvalidRequestException", message)


def holder(secret: Any, label: str) -> str | None:
    """The version the label is attached to."""
    return next((version for version, data in secret.versions.items() if label in data["version_stages"]), None)


def has_value(version: dict[str, Any]) -> bool:
    return "secret_string" in version or "secret_binary" in version


def add_version(secret: Any, version_id: str, values: dict[str, Any]) -> None:
    """Make the version, or give one that is still empty its value."""
    version = secret.versions.setdefault(
        version_id, {"createdate": time.time(), "version_id": version_id, "version_stages": []}
    )
    version.update(values)
    secret.last_changed_date = time.time()
    for value in values.values():
        announcements.secret_born.tell(value)


def remove_version(secret: Any, version_id: str) -> None:
    secret.versions.pop(version_id, None)


def detach(secret: Any, label: str) -> None:
    version_id = holder(secret, label)
    if version_id is not None:
        secret.versions[version_id]["version_stages"].remove(label)
        if label == CURRENT:
            secret.set_default_version_id(None)


def attach(secret: Any, label: str, version_id: str) -> None:
    """Move the label here, from wherever it is; AWSPREVIOUS follows AWSCURRENT to the version that lost it."""
    loser = holder(secret, label)
    if loser == version_id:
        return
    detach(secret, label)
    secret.versions[version_id]["version_stages"].append(label)
    if label == CURRENT:
        secret.set_default_version_id(version_id)
        _previous_follows(secret, loser, version_id)
        announcements.current_moved.tell(secret, version_id)
    announcements.label_moved.tell(secret, label, version_id)


def _previous_follows(secret: Any, loser: str | None, winner: str) -> None:
    if loser is not None:
        attach(secret, PREVIOUS, loser)
    if holder(secret, PREVIOUS) == winner:
        detach(secret, PREVIOUS)
