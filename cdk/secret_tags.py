"""The tags that tell the functions what a secret is: the stacks put them on secrets made here, `make adopt` on others.

See: SPEC 11, https://docs.aws.amazon.com/secretsmanager/latest/userguide/managing-secrets_tagging.html
"""

from collections.abc import Iterable
from typing import Final

from cdk import names
from cdk.config.model import Adopted, KeyRotation, PassphraseRotation, Resource, Vault

# Set and removed by a person at a bad moment; a deployment is none of these.
PAUSED: Final = "vsync-rotation:paused"
_OURS: Final = frozenset(
    {
        names.KIND,
        names.IAM_USER,
        names.REPO,
        names.CONFIG_SECRET,
        names.WRITER_SECRET,
        names.OVERLAP,
        names.MAX_OVERLAP,
        names.INACTIVE,
        names.DELETION_ALARM,
        names.REPAIR,
        names.HEAL,
        names.KEEP_BUNDLES,
        names.SERVED_BY,
    }
)
# The functions read hours with at most nine digits behind the point, and no exponent.
_DIGITS: Final = 9


def config_secret_tags(vault: Vault, rotation_stack_name: str) -> dict[str, str]:
    """The tags of the secret with the blob; none where the store is not AWS, since that key does not rotate."""
    if vault.key is None or vault.reader is None:
        return {}
    return {
        names.KIND: names.KEY_KIND,
        names.IAM_USER: vault.reader.name,
        **_of_both(vault, rotation_stack_name),
        **_of_key(vault.key),
    }


def passphrase_secret_tags(vault: Vault, rotation_stack_name: str) -> dict[str, str]:
    """The tags of the secret with the passphrase."""
    writer = {} if vault.writer_secret is None else {names.WRITER_SECRET: reference(vault.writer_secret)}
    return {
        names.KIND: names.PASSPHRASE_KIND,
        names.CONFIG_SECRET: reference(vault.config_secret),
        **writer,
        **_of_both(vault, rotation_stack_name),
        **_of_passphrase(vault.passphrase),
    }


def is_managed(tag: str) -> bool:
    """Whether the deployment file decides about this tag, its absence included. Never so for `PAUSED`."""
    return tag in _OURS or tag.startswith((names.CONSUMER, names.HEALTH))


def reference(secret: Resource) -> str:
    """How one secret's tag names another: by full ARN, or by name where the ARN's last characters are not known yet."""
    return secret.arn if isinstance(secret, Adopted) else secret.name


def _of_both(vault: Vault, rotation_stack_name: str) -> dict[str, str]:
    return {
        names.REPO: vault.repo,
        names.SERVED_BY: rotation_stack_name,
        **{f"{names.CONSUMER}{item.name}": f"{item.kind}:{item.target}" for item in vault.consumers},
        **{f"{names.HEALTH}{name}": url for name, url in vault.health},
    }


def _of_key(key: KeyRotation) -> dict[str, str]:
    hours = (
        (names.OVERLAP, key.overlap_hours),
        (names.MAX_OVERLAP, key.max_overlap_hours),
        (names.INACTIVE, key.inactive_hours),
    )
    alarm = {} if key.deletion_alarm is None else {names.DELETION_ALARM: key.deletion_alarm}
    return _hours(hours) | alarm


def _of_passphrase(passphrase: PassphraseRotation) -> dict[str, str]:
    kept = {} if passphrase.keep_bundles is None else {names.KEEP_BUNDLES: str(passphrase.keep_bundles)}
    healed = {names.HEAL: "on"} if passphrase.heal else {}
    return kept | healed | ({names.REPAIR: "seal"} if passphrase.repair_seal else {})


def _hours(durations: Iterable[tuple[str, float | None]]) -> dict[str, str]:
    return {tag: f"{hours:.{_DIGITS}f}".rstrip("0").rstrip(".") for tag, hours in durations if hours is not None}
