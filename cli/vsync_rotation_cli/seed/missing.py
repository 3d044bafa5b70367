"""Which secrets of the stacks have no value yet."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cdk import names
from cdk.config.model import Deployment, Made, Resource, Vault
from vsync_rotation_cli.aws.secret_facts import SecretFacts
from vsync_rotation_cli.aws.secrets import SEED_LABEL, Secrets
from vsync_rotation_cli.aws.session import same_credentials
from vsync_rotation_cli.refused import RefusedError


class Slot(StrEnum):
    """The values of a vault, as a file of values names them."""

    CONFIG = "config"
    PASSPHRASE = "passphrase"  # noqa: S105 - the name of a value
    WRITER = "writer"


@dataclass(frozen=True, slots=True)
class Missing:
    """A secret that waits for its value."""

    vault: Vault
    slot: Slot
    secret: SecretFacts


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked at.

    Attributes:
        missing: has no value.
        unfinished: got its value from a run that was interrupted before it took its own label off.
    """

    missing: tuple[Missing, ...]
    unfinished: tuple[SecretFacts, ...]


def secret_of(vault: Vault, slot: Slot) -> Resource | None:
    """The vault's secret for that value; None where the vault needs none."""
    match slot:
        case Slot.CONFIG:
            return vault.config_secret
        case Slot.PASSPHRASE:
            return vault.passphrase_secret
        case Slot.WRITER:
            return vault.writer_secret


def look(deployment: Deployment, vaults: Sequence[Vault], secrets: Secrets) -> Found:
    """Describe every secret that the stacks make for these vaults.

    Raises:
        RefusedError: one is not there yet, or is to be deleted; all of them are named.
    """
    made = tuple(_made(vaults))
    facts = [secrets.find(name) for _, _, name in made]
    problems = [
        problem
        for (vault, _, name), secret in zip(made, facts, strict=True)
        if (problem := _problem(deployment, vault, name, secret))
    ]
    if problems:
        raise RefusedError(*problems)
    seen = [(vault, slot, secret) for (vault, slot, _), secret in zip(made, facts, strict=True) if secret is not None]
    return Found(
        tuple(Missing(*item) for item in seen if not item[2].has_value),
        tuple(secret for _, _, secret in seen if secret.has_value and secret.holder(SEED_LABEL) is not None),
    )


def _made(vaults: Iterable[Vault]) -> Iterator[tuple[Vault, Slot, str]]:
    for vault in vaults:
        for slot in Slot:
            secret = secret_of(vault, slot)
            if isinstance(secret, Made):
                yield vault, slot, secret.name


def _again() -> str:
    options = same_credentials()
    return f' ARGS="{options}"' if options else ""


def _problem(deployment: Deployment, vault: Vault, name: str, secret: SecretFacts | None) -> str | None:
    if secret is None:
        stack = names.vault_stack(deployment, vault)
        way = f"make deploy DEPLOYMENT={deployment.name}{_again()}"
        return f"{vault.id}: there is no secret {name} yet; stack {stack} makes it: {way}"
    if secret.to_be_deleted:
        return f"{vault.id}: secret {name} is scheduled for deletion; aws secretsmanager restore-secret brings it back"
    return None
