"""UpdateSecretVersionStage checks everything before it moves anything, and never takes a label unasked.

moto removes the label from its holder before it looks at the target, moves labels other than AWSCURRENT without
RemoveFromVersionId so that two versions end up with one label, and goes on answering a plain GetSecretValue with the
old value after AWSCURRENT has moved.

See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
"""

from typing import Any

from moto.secretsmanager.models import SecretsManagerBackend

from simulator.corrections.correction import Correction, Replacement, instead
from simulator.corrections.live_secrets import live_secret
from simulator.corrections.secret_versions import CURRENT, attach, detach, holder, invalid_parameter, not_found


def _update_secret_version_stage(
    self: Any,
    secret_id: str,
    version_stage: str,
    remove_from_version_id: str | None,
    move_to_version_id: str | None,
) -> tuple[str, str]:
    secret = live_secret(self, secret_id)
    for version_id in (remove_from_version_id, move_to_version_id):
        if version_id and version_id not in secret.versions:
            raise not_found(f"Secrets Manager can't find the specified secret version: {version_id}.")
    present = holder(secret, version_stage)
    if move_to_version_id is None and remove_from_version_id is None:
        raise invalid_parameter("You must provide RemoveFromVersionId, MoveToVersionId or both.")
    if remove_from_version_id and remove_from_version_id != present:
        raise invalid_parameter(
            f"The staging label {version_stage} is not attached to version {remove_from_version_id} "
            f"(it is attached to {present})."
        )
    if move_to_version_id is None:
        _remove(secret, version_stage)
    else:
        _move(secret, version_stage, present, remove_from_version_id, move_to_version_id)
    return secret.arn, secret.name


def _remove(secret: Any, label: str) -> None:
    if label == CURRENT:
        raise invalid_parameter("AWSCURRENT can be moved to another version, but not removed.")
    detach(secret, label)


def _move(secret: Any, label: str, present: str | None, remove_from: str | None, move_to: str) -> None:
    if present is not None and present != move_to and remove_from is None:
        raise invalid_parameter(
            f"The staging label {label} is attached to version {present}: name that version in RemoveFromVersionId."
        )
    attach(secret, label, move_to)


CORRECTION = Correction(
    "label moves are validated first",
    (Replacement(SecretsManagerBackend, "update_secret_version_stage", instead(_update_secret_version_stage)),),
)
