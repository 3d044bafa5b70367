"""Uses of KMS keys: asked for directly, or by a service on behalf of its caller.

A service that encrypts with a customer's key asks KMS in the caller's name, so that the caller needs the permission;
`kms:ViaService` and the encryption context tell such a use from a direct one. Keys that AWS manages ask nothing.

See: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""

from collections.abc import Mapping
from typing import Final

from moto.kms.models import kms_backends

from simulator.access.parsing import json_of, operation_of
from simulator.access.policy import ANY_RESOURCE, Question
from simulator.doors import Incoming

_MANAGED_BY_AWS: Final = "alias/aws/"


def kms_questions(account_id: str, incoming: Incoming) -> list[Question]:
    """What a request to KMS itself asks for. With an encryption context where there is one."""
    asked = json_of(incoming)
    key_id = str(asked.get("KeyId", ""))
    key = _arn_of(account_id, incoming.region, key_id) or key_id or ANY_RESOURCE
    return [Question(f"kms:{operation_of(incoming)}", key, _encryption_context(asked.get("EncryptionContext", {})))]


def uses_of_key(
    account_id: str, incoming: Incoming, key_id: str | None, operations: tuple[str, ...], context: Mapping[str, str]
) -> list[Question]:
    """What the service that is asked asks of a key for its caller. Nothing for a key that AWS manages.

    Raises:
        LookupError: there is no such key; moto would take any.
    """
    if key_id is None or _MANAGED_BY_AWS in key_id:
        return []
    arn = _arn_of(account_id, incoming.region, key_id)
    if arn is None:
        raise LookupError(f"{incoming.service} is to use the KMS key {key_id}, and there is no such key")
    via = {"kms:ViaService": f"{incoming.service}.{incoming.region}.amazonaws.com", "kms:CallerAccount": account_id}
    return [Question(f"kms:{operation}", arn, via | _encryption_context(context)) for operation in operations]


def _encryption_context(context: Mapping[str, str]) -> dict[str, str]:
    keys = {"kms:EncryptionContextKeys": "\n".join(context)} if context else {}
    return keys | {f"kms:EncryptionContext:{key}": value for key, value in context.items()}


def _arn_of(account_id: str, region: str, key_id: str) -> str | None:
    backend = kms_backends[account_id][region]
    known = backend.keys.get(key_id.rpartition("/")[2]) or backend.keys.get(backend.get_key_id_from_alias(key_id) or "")
    return str(known.arn) if known else None
