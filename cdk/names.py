"""What the stacks call things, and the words they share with the functions.

The functions' own words stand in the runtime package, which is never imported here; tests/infrastructure holds both to
be the same.
"""

import hashlib
import re
from typing import Final

from cdk.config.model import Deployment, Vault

# Tags of the secrets, see SPEC 11.
KIND: Final = "vsync-rotation:kind"
IAM_USER: Final = "vsync-rotation:iam-user"
REPO: Final = "vsync-rotation:repo"
CONFIG_SECRET: Final = "vsync-rotation:config-secret"  # noqa: S105 - the name of a tag
WRITER_SECRET: Final = "vsync-rotation:writer-secret"  # noqa: S105 - the name of a tag
OVERLAP: Final = "vsync-rotation:overlap-hours"
MAX_OVERLAP: Final = "vsync-rotation:max-overlap-hours"
INACTIVE: Final = "vsync-rotation:inactive-hours"
DELETION_ALARM: Final = "vsync-rotation:deletion-alarm"
REPAIR: Final = "vsync-rotation:repair"
HEAL: Final = "vsync-rotation:heal"
KEEP_BUNDLES: Final = "vsync-rotation:keep-bundles"
CONSUMER: Final = "vsync-rotation:consumer:"
HEALTH: Final = "vsync-rotation:health:"
SERVED_BY: Final = "vsync-rotation:served-by"

KEY_KIND: Final = "iam-access-key"
PASSPHRASE_KIND: Final = "vault-passphrase"  # noqa: S105 - the name of a kind

# Folders in functions/, log fields and metrics' dimensions.
ROTATE_KEY: Final = "rotate_iam_access_key"
ROTATE_PASSPHRASE: Final = "rotate_vault_passphrase"  # noqa: S105 - the name of a function
RETIRE: Final = "retire_iam_access_keys"
CHECK: Final = "check_vaults"
RESTART: Final = "restart_consumers"
FUNCTIONS: Final = (ROTATE_KEY, ROTATE_PASSPHRASE, RETIRE, CHECK, RESTART)

# What the functions' environment may say.
SERVES: Final = "VSYNC_ROTATION_SERVES"
PER_VAULT_METRICS: Final = "VSYNC_ROTATION_PER_VAULT_METRICS"
PRIVATE_HEALTH_HOSTS: Final = "VSYNC_ROTATION_PRIVATE_HEALTH_HOSTS"

EVENT_SOURCE: Final = "vsync.rotation"
METRIC_NAMESPACE: Final = "VsyncRotation"
PARAMETERS: Final = "vsync-rotation"

# The output of every stack that names the file it is from.
DEPLOYMENT_FILE: Final = "DeploymentFile"

USER_PATH: Final = "/vsync/"
_DIGEST: Final = 6
_NOT_IN_A_NAME: Final = re.compile(r"[^A-Za-z0-9]+")


def foundation_stack(deployment: Deployment) -> str:
    """The stack with the key of the secrets and the topics people are told through; survives."""
    return f"{deployment.stack_prefix}-foundation"


def vault_stack(deployment: Deployment, vault: Vault) -> str:
    """The stack with what is a vault's own; survives, and stays where the vault leaves the file."""
    return f"{deployment.stack_prefix}-vault-{slug(vault)}"


def watch_stack(deployment: Deployment) -> str:
    """The stack that decides what people are told: rules, alarms and the dashboard."""
    return f"{deployment.stack_prefix}-watch"


def chat_stack(deployment: Deployment) -> str:
    """The stack with the chat channel; it may fail and take nothing with it."""
    return f"{deployment.stack_prefix}-chat"


def rotation_stack(deployment: Deployment, number: int) -> str:
    """The stack with functions, roles and schedules for so many vaults."""
    return f"{rotation_stacks(deployment.stack_prefix)}{number}"


def rotation_stacks(stack_prefix: str) -> str:
    """How the names of all rotation stacks of a deployment begin; the number follows."""
    return f"{stack_prefix}-rotation-"


def function_name(deployment: Deployment, number: int, function: str) -> str:
    """A function's name, and its role's: known before either exists, so that a secret's policy can name it."""
    return f"{deployment.stack_prefix}-{number}-{function}"


def slug(vault: Vault) -> str:
    """A vault's name where only letters, digits and dashes may stand; different for different vaults."""
    return f"{_NOT_IN_A_NAME.sub('-', vault.id).strip('-')}-{_digest(vault.id)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST]
