"""What a Secrets Manager request asks for, in IAM's words, uses of a customer's key included.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
"""

from typing import Any, Final

from moto.secretsmanager.models import secretsmanager_backends

from simulator.access.kms_questions import uses_of_key
from simulator.access.parsing import json_of, operation_of
from simulator.access.policy import Question
from simulator.access.tag_keys import requested, tags_as
from simulator.doors import Incoming

_WITHOUT_SECRET: Final = {"ListSecrets", "GetRandomPassword", "BatchGetSecretValue"}
_WRITES: Final = {"PutSecretValue", "UpdateSecret"}
_VALUES: Final = ("secret_string", "secret_binary")


def secret_questions(account_id: str, incoming: Incoming) -> list[Question]:
    """Everything that must be allowed for this request."""
    operation, asked = operation_of(incoming), json_of(incoming)
    action = f"secretsmanager:{operation}"
    if operation in _WITHOUT_SECRET:
        return [Question(action, "*")]
    name = asked.get("SecretId") or asked.get("Name") or ""
    secret = secretsmanager_backends[account_id][incoming.region].secrets.get(name)
    prefix = f"arn:aws:secretsmanager:{incoming.region}:{account_id}:secret:"
    resource = secret.arn if secret else name if name.startswith("arn:") else f"{prefix}{name}-000000"
    context = {f"secretsmanager:{key}": asked[key] for key in ("VersionId", "VersionStage") if key in asked}
    context["secretsmanager:SecretId"] = resource
    context |= requested(asked.get("Tags"), asked.get("TagKeys", ()))
    if secret is None:
        return [Question(action, resource, context)]
    context |= tags_as("secretsmanager:ResourceTag", secret.tags) | tags_as("aws:ResourceTag", secret.tags)
    context["secretsmanager:resource/AllowRotationLambdaArn"] = getattr(secret, "rotation_lambda_arn", "")
    return [Question(action, resource, context), *_uses_of_key(account_id, incoming, secret, operation, asked)]


def _uses_of_key(
    account_id: str, incoming: Incoming, secret: Any, operation: str, asked: dict[str, Any]
) -> list[Question]:
    """Reading decrypts. Writing makes a data key; writing to a version that has a value compares it first."""
    if operation == "GetSecretValue":
        version_id = _read_version(secret, asked)
        uses: tuple[str, ...] = ("Decrypt",) if _has_value(secret, version_id) else ()
    elif operation in _WRITES and ("SecretString" in asked or "SecretBinary" in asked):
        version_id = asked.get("ClientRequestToken")
        uses = ("GenerateDataKey", *(("Decrypt",) if _has_value(secret, version_id) else ()))
    else:
        return []
    context = {"SecretARN": secret.arn, "SecretVersionId": str(version_id)}
    return uses_of_key(account_id, incoming, secret.kms_key_id, uses, context)


def _read_version(secret: Any, asked: dict[str, Any]) -> str | None:
    if "VersionId" in asked:
        return str(asked["VersionId"])
    label = asked.get("VersionStage", "AWSCURRENT")
    return next((id_ for id_, version in secret.versions.items() if label in version.get("version_stages", ())), None)


def _has_value(secret: Any, version_id: str | None) -> bool:
    version = secret.versions.get(version_id, {})
    return any(version.get(name) is not None for name in _VALUES)
