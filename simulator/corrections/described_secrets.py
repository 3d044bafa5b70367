"""DescribeSecret and ListSecretVersionIds tell what was configured and when each version came into being.

moto drops schedule expressions and windows, says RotationEnabled true only for rules in days, gives the present time
as every version's creation time and the secret's name as its ARN, and lists versions without a label everywhere.

See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
"""

import json
from typing import Any

from moto.secretsmanager.models import FakeSecret
from moto.secretsmanager.responses import SecretsManagerResponse

from simulator.corrections.correction import Correction, Replacement, instead
from simulator.corrections.secret_versions import not_found


def _labels(secret: Any) -> dict[str, list[str]]:
    """Only versions that carry a label: one without is deprecated and the service may delete it."""
    return {
        version_id: list(data["version_stages"])
        for version_id, data in secret.versions.items()
        if data["version_stages"]
    }


def _with_rotation(before: Any) -> Any:
    def to_dict(self: Any) -> dict[str, Any]:
        answer: dict[str, Any] = before(self)
        if self.rotation_requested:
            answer["RotationEnabled"] = self.rotation_enabled
            answer["RotationLambdaARN"] = self.rotation_lambda_arn
            answer["RotationRules"] = dict(getattr(self, "rotation_rules", {}))
        return {name: value for name, value in answer.items() if value is not None}

    return to_dict


def _list_secret_version_ids(self: Any) -> str:
    secret = self.backend.secrets.get(self._get_param("SecretId", if_none=""))
    if secret is None:
        raise not_found()
    everything = self._get_bool_param("IncludeDeprecated", if_none=False)
    versions = [
        {
            "VersionId": version_id,
            "CreatedDate": data["createdate"],
            "VersionStages": list(data["version_stages"]),
        }
        for version_id, data in secret.versions.items()
        if data["version_stages"] or everything
    ]
    size = self._get_int_param("MaxResults") or 100
    start = int(self._get_param("NextToken") or 0)
    answer = {"ARN": secret.arn, "Name": secret.name, "Versions": versions[start : start + size]}
    if start + size < len(versions):
        answer["NextToken"] = str(start + size)
    return json.dumps(answer)


CORRECTION = Correction(
    "secrets are described as they are",
    (
        Replacement(FakeSecret, "_form_version_ids_to_stages", instead(_labels)),
        Replacement(FakeSecret, "to_dict", _with_rotation),
        Replacement(SecretsManagerResponse, "list_secret_version_ids", instead(_list_secret_version_ids)),
    ),
)
