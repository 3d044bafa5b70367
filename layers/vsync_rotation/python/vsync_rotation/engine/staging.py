"""Whether a step may run, from the labels alone: the guards every rotation function needs, once, in the known order.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

from enum import Enum, auto
from typing import Final

from vsync_rotation.engine.ports import SecretDescription
from vsync_rotation.errors import ContractError, PausedError
from vsync_rotation.settings import KIND, PAUSED, Kind, is_paused

CURRENT: Final = "AWSCURRENT"
PENDING: Final = "AWSPENDING"
PREVIOUS: Final = "AWSPREVIOUS"
_PAUSED_SAFE: Final = "this step did nothing; if the last failure said that booting may fail, it still may"


class Decision(Enum):
    """What to do with a step that may run."""

    PROCEED = auto()
    ALREADY_CURRENT = auto()


def decide(secret: SecretDescription, version_id: str, kind: Kind) -> Decision:
    """Apply the guards in their order: rotation on, not paused, our kind, known version, right label.

    Raises:
        ContractError: a guard does not hold.
        PausedError: the secret is paused.
    """
    _require_rotatable(secret, version_id)
    if is_paused(secret.tags):
        raise PausedError(
            f"rotation is paused by tag {PAUSED}",
            remedy=f"remove the tag (or set it to off) to go on: {PAUSED}",
            safe=_PAUSED_SAFE,
        )
    _require_kind(secret, kind)
    labels = secret.labels.get(version_id)
    if labels is None:
        raise ContractError(
            "the secret has no such version", remedy="start a rotation with aws secretsmanager rotate-secret"
        )
    if CURRENT in labels:
        return Decision.ALREADY_CURRENT
    if PENDING not in labels:
        raise ContractError(
            f"the version is not labelled {PENDING} (the value was changed meanwhile, or the rotation was cancelled)",
            remedy="start a new rotation with aws secretsmanager rotate-secret",
        )
    return Decision.PROCEED


def _require_rotatable(secret: SecretDescription, version_id: str) -> None:
    if secret.scheduled_for_deletion:
        raise ContractError(
            "the secret is scheduled for deletion", remedy="aws secretsmanager restore-secret, if it is needed"
        )
    # Null means never configured, which is how a secret looks that only EventBridge Scheduler rotates; false is off.
    if secret.rotation_enabled is False:
        # A cancelled rotation leaves its pending version, and the service begins no other one while that is there.
        cleared = (
            f"aws secretsmanager update-secret-version-stage --secret-id {secret.arn} --version-stage {PENDING} "
            f"--remove-from-version-id {version_id} && "
        )
        pending = PENDING in secret.labels.get(version_id, frozenset())
        raise ContractError(
            "rotation is turned off for this secret",
            remedy=f"turn it on: {cleared if pending else ''}aws secretsmanager rotate-secret --secret-id {secret.arn}",
        )


def _require_kind(secret: SecretDescription, kind: Kind) -> None:
    found = secret.tags.get(KIND)
    if found != kind:
        raise ContractError(
            f"tag {KIND} is {'missing' if found is None else 'another one'}, this function rotates {kind}",
            remedy=f"tag the secret with {KIND} = {kind} if it is one, or name it the right rotation function",
        )
