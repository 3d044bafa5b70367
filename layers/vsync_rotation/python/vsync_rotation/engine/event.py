"""The invocation of a rotation function, parsed.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeGuard

from vsync_rotation.errors import ContractError
from vsync_rotation.redacted import SecretText

# Secrets Manager: a secret is named by at most 2048 characters, a client request token has 32 to 64.
_MAX_SECRET_ID: Final = 2048
_MAX_TOKEN: Final = 64
# PutSecretValue takes a rotation token of these lengths; another would be refused when the key for it is already made.
_ROTATION_TOKEN_LENGTHS: Final = range(36, 257)


class Step(StrEnum):
    """The four steps, spelled as AWS's own rotation templates spell them (the guide prints snake case)."""

    CREATE = "createSecret"
    SET = "setSecret"
    TEST = "testSecret"
    FINISH = "finishSecret"


@dataclass(frozen=True, slots=True)
class RotationEvent:
    """One step of one rotation. The rotation token is sensitive and goes into PutSecretValue only."""

    secret_id: str
    version_id: str
    step: Step
    rotation_token: SecretText | None = field(default=None)

    @classmethod
    def parse(cls, event: object) -> "RotationEvent":
        """Read the event of the Secrets Manager service.

        Raises:
            ContractError: not such an event, or a step that is none of the four.
        """
        if not isinstance(event, Mapping):
            raise _unlike("is not an object")
        token = event.get("RotationToken")
        if token is not None and not (isinstance(token, str) and len(token) in _ROTATION_TOKEN_LENGTHS):
            raise _unlike("has a RotationToken that is not text of 36 to 256 characters")
        return cls(
            secret_id=_text(event, "SecretId", _MAX_SECRET_ID),
            version_id=_text(event, "ClientRequestToken", _MAX_TOKEN),
            step=_step(event.get("Step")),
            rotation_token=None if token is None else SecretText(token),
        )


def named_in(event: object) -> tuple[str | None, str | None]:
    """The secret and the version that an event names, as far as it does, for the report on one that is refused."""
    if not isinstance(event, Mapping):
        return None, None
    secret_id, version_id = event.get("SecretId"), event.get("ClientRequestToken")
    return (
        secret_id if _is_name(secret_id, _MAX_SECRET_ID) else None,
        version_id if _is_name(version_id, _MAX_TOKEN) else None,
    )


def _is_name(value: object, limit: int) -> TypeGuard[str]:
    """Whether a secret or a version can be called that: printable ASCII, which goes into logs and messages as it is."""
    return isinstance(value, str) and 0 < len(value) <= limit and value.isascii() and value.isprintable()


def _text(event: Mapping[object, object], name: str, limit: int) -> str:
    value = event.get(name)
    if not _is_name(value, limit):
        raise _unlike(f"has no {name} of 1 to {limit} printable ASCII characters")
    return value


def _step(value: object) -> Step:
    if not isinstance(value, str) or value not in set(Step):
        raise _unlike(f"names a Step that is none of {', '.join(Step)}")
    return Step(value)


def _unlike(finding: str) -> ContractError:
    return ContractError(
        f"the event {finding}",
        remedy="invoke this function through Secrets Manager (aws secretsmanager rotate-secret), not by hand",
    )
