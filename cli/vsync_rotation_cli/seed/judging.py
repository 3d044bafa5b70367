"""What AWS and the bucket say about values that are well formed: asked before anything is written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from cdk.config.model import Adopted, Vault
from vsync_rotation.aws.stores import VaultStores
from vsync_rotation.errors import RotationError
from vsync_rotation.formats.config_blob import ConfigBlob, Location
from vsync_rotation.formats.key_secret import parse_key_secret
from vsync_rotation.redacted import SecretText
from vsync_rotation_cli.seed.forms import Value
from vsync_rotation_cli.seed.missing import Slot
from vsync_rotation_cli.seed.opening import Opens, tried
from vsync_rotation_cli.seed.ownership import Finding, KeyOwners, ownership


class CurrentValues(Protocol):
    """Reads values that are there already."""

    def current(self, secret_id: str) -> SecretText | None:
        """The AWSCURRENT value; None where there is none."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`problems` forbid writing; `notes` are for a person to think about first."""

    problems: tuple[str, ...]
    notes: tuple[str, ...]


Values = Mapping[Slot, Value]


@dataclass(frozen=True, slots=True)
class Judge:
    """Asks whose a key is, and whether a passphrase opens its vault. Changes nothing."""

    owners: KeyOwners
    values: CurrentValues
    stores: VaultStores

    def judge(self, vault: Vault, given: Values) -> Judgement:
        """What is wrong or worth knowing about one vault's new values."""
        found = [*self._key(vault, given), *self._passphrase(vault, given)]
        return Judgement(
            tuple(f"{vault.id}: {finding.what}" for finding in found if finding.forbids),
            tuple(f"{vault.id}: {finding.what}" for finding in found if not finding.forbids),
        )

    def _key(self, vault: Vault, given: Values) -> Iterator[Finding]:
        config = given[Slot.CONFIG].config if Slot.CONFIG in given else None
        return ownership(vault, config, self.owners) if isinstance(config, ConfigBlob) else iter(())

    def _passphrase(self, vault: Vault, given: Values) -> Iterator[Finding]:
        if Slot.PASSPHRASE not in given:
            return
        try:
            config = self._config(vault, given)
        except RotationError as error:
            yield Finding(f"the passphrase was not tried: {error.what}", forbids=False)
            return
        if config is None:
            yield Finding("the passphrase was not tried: it is not known where the vault is", forbids=False)
            return
        opening = tried(vault, config, given[Slot.PASSPHRASE].text, self.stores)
        yield Finding(opening.seen, forbids=opening.opens is Opens.NO)

    def _config(self, vault: Vault, given: Values) -> ConfigBlob | Location | None:
        if Slot.CONFIG in given:
            return given[Slot.CONFIG].config
        secret = vault.config_secret
        text = self.values.current(secret.arn if isinstance(secret, Adopted) else secret.name)
        found = None if text is None else parse_key_secret(text)
        return found if isinstance(found, ConfigBlob | Location) else None


def judged(judge: Judge, vaults: Sequence[Vault], values: Mapping[tuple[str, Slot], Value]) -> Judgement:
    """The findings about all vaults together."""
    findings = [
        judge.judge(vault, {slot: value for (owner, slot), value in values.items() if owner == vault.id})
        for vault in vaults
    ]
    return Judgement(
        tuple(problem for found in findings for problem in found.problems),
        tuple(note for found in findings for note in found.notes),
    )
