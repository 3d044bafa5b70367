"""A version's value is written once; storing one moves exactly the labels it names.

moto overwrites the value of a version as long as it is AWSPENDING, and on a put to AWSCURRENT takes every other label
off the version that loses it. The service keeps a value for ever: the same token with the same data is no-op, with
other data a refusal.

See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
"""

import json
import uuid
from typing import Any, Final

from moto.secretsmanager.models import SecretsManagerBackend

from simulator.corrections import announcements
from simulator.corrections.correction import Correction, Replacement, instead
from simulator.corrections.live_secrets import live_secret
from simulator.corrections.secret_versions import (
    CURRENT,
    MAX_LABELS_PER_VERSION,
    ServiceError,
    add_version,
    attach,
    has_value,
    invalid_parameter,
)

TOKEN_LENGTHS: Final = range(32, 65)
MAX_VALUE_BYTES: Final = 65_536


def _put_secret_value(
    self: Any,
    secret_id: str,
    secret_string: str | None,
    secret_binary: str | None,
    client_request_token: str | None,
    version_stages: list[str],
) -> str:
    secret = live_secret(self, secret_id)
    version_id = store(secret, client_request_token, _values(secret_string, secret_binary), version_stages)
    stages = secret.versions[version_id]["version_stages"]
    return json.dumps({"ARN": secret.arn, "Name": secret.name, "VersionId": version_id, "VersionStages": stages})


def _update_secret(
    self: Any,
    secret_id: str,
    secret_string: str | None = None,
    secret_binary: str | None = None,
    client_request_token: str | None = None,
    kms_key_id: str | None = None,
    description: str | None = None,
) -> str:
    secret = live_secret(self, secret_id)
    secret.update(description or secret.description, secret.tags, kms_key_id)
    answer = {"ARN": secret.arn, "Name": secret.name}
    values = _values(secret_string, secret_binary)
    if values:
        answer["VersionId"] = store(secret, client_request_token, values, [CURRENT])
    return json.dumps(answer)


def store(secret: Any, token: str | None, values: dict[str, str], labels: list[str]) -> str:
    """Store a value under the token's version and attach the labels; a repetition changes nothing.

    Raises:
        ServiceError: the token is in use for other data, or a limit is exceeded.
    """
    version_id = checked_token(token)
    _check_limits(values, labels)
    version = secret.versions.get(version_id)
    if version is not None and has_value(version):
        if {name: version.get(name) for name in values} == values:
            return version_id
        raise ServiceError(
            "ResourceExistsException",
            f"You can't use ClientRequestToken {version_id} because that value is already in use for a version of "
            f"secret {secret.arn}.",
        )
    first = not any(has_value(data) for data in secret.versions.values())
    add_version(secret, version_id, values)
    for label in [*labels, CURRENT] if first else labels:
        attach(secret, label, version_id)
    return version_id


def checked_token(token: str | None) -> str:
    """The version id a request asks for, or a new one."""
    if token is not None and len(token) not in TOKEN_LENGTHS:
        raise invalid_parameter("ClientRequestToken must be 32-64 characters long.")
    return token or str(uuid.uuid4())


def _check_limits(values: dict[str, str], labels: list[str]) -> None:
    if len(labels) > MAX_LABELS_PER_VERSION:
        raise invalid_parameter(f"A version can have at most {MAX_LABELS_PER_VERSION} staging labels.")
    if any(len(value.encode()) > MAX_VALUE_BYTES for value in values.values()):
        raise invalid_parameter(f"The secret value can't be longer than {MAX_VALUE_BYTES} bytes.")


def _values(secret_string: str | None, secret_binary: str | None) -> dict[str, str]:
    given = {"secret_string": secret_string, "secret_binary": secret_binary}
    return {name: value for name, value in given.items() if value is not None}


def _announced(before: Any) -> Any:
    def create_secret(self: Any, name: str, secret_string: str | None, *args: Any, **kwargs: Any) -> Any:
        answer = before(self, name, secret_string, *args, **kwargs)
        if secret_string is not None:
            announcements.secret_born.tell(secret_string)
        return answer

    return create_secret


CORRECTION = Correction(
    "a version's value is written once",
    (
        Replacement(SecretsManagerBackend, "put_secret_value", instead(_put_secret_value)),
        Replacement(SecretsManagerBackend, "update_secret", instead(_update_secret)),
        Replacement(SecretsManagerBackend, "create_secret", _announced),
    ),
)
