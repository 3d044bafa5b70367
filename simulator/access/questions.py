"""What a request asks for, in IAM's words: action, resource and condition keys.

Resources are told apart for Secrets Manager, IAM, KMS, EventBridge and S3; elsewhere any Resource element matches.

See: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs

from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.secretsmanager.models import secretsmanager_backends

from simulator.access.policy import ANY_RESOURCE, Question
from simulator.access.s3_questions import s3_questions
from simulator.doors import Incoming

_WITHOUT_SECRET: Final = {"ListSecrets", "GetRandomPassword", "BatchGetSecretValue"}


@dataclass(frozen=True, slots=True)
class Questions:
    """Turns requests into questions, for one account."""

    account_id: str

    def about(self, incoming: Incoming) -> list[Question]:
        """Everything that must be allowed for this request."""
        known: dict[str, Callable[[Incoming], list[Question]]] = {
            "s3": s3_questions,
            "secretsmanager": self._secrets_manager,
            "iam": self._iam,
            "kms": self._kms,
            "events": self._events,
        }
        if incoming.service in known:
            return known[incoming.service](incoming)
        name = {"monitoring": "cloudwatch"}.get(incoming.service, incoming.service)
        return [Question(f"{name}:{operation_of(incoming)}", ANY_RESOURCE)]

    def _secrets_manager(self, incoming: Incoming) -> list[Question]:
        operation, asked = operation_of(incoming), _json(incoming)
        action = f"secretsmanager:{operation}"
        if operation in _WITHOUT_SECRET:
            return [Question(action, "*")]
        name = asked.get("SecretId") or asked.get("Name") or ""
        secret = secretsmanager_backends[self.account_id][incoming.region].secrets.get(name)
        prefix = f"arn:aws:secretsmanager:{incoming.region}:{self.account_id}:secret:"
        resource = secret.arn if secret else name if name.startswith("arn:") else f"{prefix}{name}-000000"
        context = {f"secretsmanager:{key}": asked[key] for key in ("VersionId", "VersionStage") if key in asked}
        context["secretsmanager:SecretId"] = resource
        if secret:
            context |= _tags("secretsmanager:ResourceTag", secret.tags) | _tags("aws:ResourceTag", secret.tags)
            context["secretsmanager:resource/AllowRotationLambdaArn"] = getattr(secret, "rotation_lambda_arn", "")
        return [Question(action, resource, context | _tags("aws:RequestTag", asked.get("Tags")))]

    def _iam(self, incoming: Incoming) -> list[Question]:
        asked = {name: values[0] for name, values in parse_qs(incoming.body.decode()).items()}
        backend = iam_backends[self.account_id]["aws"]
        action = f"iam:{asked.get('Action', '')}"
        root = f"arn:aws:iam::{self.account_id}"
        if "RoleName" in asked:
            role = next((r for r in backend.roles.values() if r.name == asked["RoleName"]), None)
            return [Question(action, role.arn if role else f"{root}:role/{asked['RoleName']}")]
        key = backend.access_keys.get(asked.get("AccessKeyId", ""))
        name = asked.get("UserName") or (key.user_name if key else None)
        if name is None:
            return [Question(action, "*")]
        user = backend.users.get(str(name))
        resource = f"{root}:user{user.path if user else '/'}{name}"
        tags = backend.tagger.list_tags_for_resource(resource)["Tags"] if user else []
        return [Question(action, resource, _tags("aws:ResourceTag", tags) | _tags("iam:ResourceTag", tags))]

    def _kms(self, incoming: Incoming) -> list[Question]:
        key_id = str(_json(incoming).get("KeyId", ""))
        backend = kms_backends[self.account_id][incoming.region]
        known = backend.keys.get(key_id.rpartition("/")[2]) or backend.keys.get(
            backend.get_key_id_from_alias(key_id) or ""
        )
        return [Question(f"kms:{operation_of(incoming)}", known.arn if known else key_id or ANY_RESOURCE)]

    def _events(self, incoming: Incoming) -> list[Question]:
        action = f"events:{operation_of(incoming)}"
        prefix = f"arn:aws:events:{incoming.region}:{self.account_id}:event-bus/"
        entries = _json(incoming).get("Entries")
        if action != "events:PutEvents" or not entries:
            return [Question(action, ANY_RESOURCE)]
        return [
            Question(
                action,
                prefix + entry.get("EventBusName", "default").rpartition("/")[2],
                {"events:source": entry.get("Source", ""), "events:detail-type": entry.get("DetailType", "")},
            )
            for entry in entries
        ]


def operation_of(incoming: Incoming) -> str:
    """The operation's name, from wherever its protocol puts it."""
    target = incoming.headers.get("x-amz-target")
    if target:
        return target.rpartition(".")[2]
    if "/operation/" in incoming.path:  # smithy RPC
        return incoming.path.rpartition("/")[2]
    fields = parse_qs(incoming.body.decode("utf-8", "replace"))
    return fields.get("Action", [""])[0]


def _json(incoming: Incoming) -> dict[str, Any]:
    asked = json.loads(incoming.body or b"{}")
    return asked if isinstance(asked, dict) else {}


def _tags(prefix: str, tags: list[dict[str, str]] | None) -> dict[str, str]:
    return {f"{prefix}/{tag['Key']}": tag["Value"] for tag in tags or []}
