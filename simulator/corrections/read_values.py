"""GetSecretValue gives the value of AWSCURRENT unless told otherwise; version and label must name the same version.

moto remembers the version of the last put as the default instead of following the label, and answers a version that
is not there although a label was given with it.

See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
"""

from typing import Any

from moto.secretsmanager.models import SecretsManagerBackend

from simulator.corrections.correction import Correction, Replacement, instead
from simulator.corrections.live_secrets import live_secret
from simulator.corrections.secret_versions import CURRENT, has_value, holder, invalid_request, not_found


def _get_secret_value(self: Any, secret_id: str, version_id: str | None, version_stage: str | None) -> dict[str, Any]:
    secret = live_secret(self, secret_id)
    version = secret.versions.get(version_id or holder(secret, version_stage or CURRENT))
    wanted = f"VersionId: {version_id}" if version_id else f"staging label: {version_stage or CURRENT}"
    if version is None:
        raise not_found(f"Secrets Manager can't find the specified secret value for {wanted}")
    if version_stage and version_stage not in version["version_stages"]:
        raise invalid_request("You provided a VersionStage that is not associated to the provided VersionId.")
    if not has_value(version):
        raise not_found(f"Secrets Manager can't find the specified secret value for {wanted}")
    answer = {
        "ARN": secret.arn,
        "Name": secret.name,
        "VersionId": version["version_id"],
        "VersionStages": list(version["version_stages"]),
        "CreatedDate": version["createdate"],
    }
    names = {"secret_string": "SecretString", "secret_binary": "SecretBinary"}
    return answer | {names[name]: version[name] for name in names if name in version}


CORRECTION = Correction(
    "reading follows the labels",
    (Replacement(SecretsManagerBackend, "get_secret_value", instead(_get_secret_value)),),
)
