"""What AWS and the bucket say about values that are well formed: asked before anything is written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from cdk.config.model import Adopted, Vault
from vsync_rotation.aws.stores import VaultStores
from vsync_rotation.errors import RotationError
from vsync_rotation.formats.config_blob import ConfigBlob, Location
from vsync_rotation.formats.key_secret import parse_key_secret
from vsync_rotation.redacted import SecretText
from vsync_rotation_cli.seed.findings import Finding, Weight
from vsync_rotation_cli.seed.forms import UNDRESSED, Value, is_dressed
from vsync_rotation_cli.seed.missing import Slot
from vsync_rotation_cli.seed.opening import Opening, Opens, tried, untried
from vsync_rotation_cli.seed.ownership import KeyOwners, ownership


class CurrentValues(Protocol):
    """Reads values that are there already."""

    def current(self, secret_id: str) -> SecretText | None:
        """The AWSCURRENT value; None where there is none."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that was found; each finding names its vault."""

    findings: tuple[Finding, ...]

    def told(self, *weights: Weight) -> tuple[str, ...]:
        """What was found of these weights."""
        return tuple(finding.what for finding in self.findings if finding.weight in weights)


Values = Mapping[Slot, Value]

_WEIGHTS: Final[Mapping[Opens, Weight]] = {
    Opens.YES: Weight.WORTH_KNOWING,
    Opens.NEVER_PUSHED: Weight.WORTH_KNOWING,
    Opens.UNTRIED: Weight.UNTRIED,
    Opens.UNANSWERED: Weight.UNANSWERED,
    Opens.NO: Weight.FORBIDS,
}


@dataclass(frozen=True, slots=True)
class Judge:
    """Asks whose a key is, and whether a passphrase opens its vault. Changes nothing."""

    owners: KeyOwners
    values: CurrentValues
    stores: VaultStores

    def judge(self, vault: Vault, given: Values) -> Judgement:
        """What is wrong or worth knowing about one vault's new values."""
        found = (*self._key(vault, given), *self._passphrase(vault, given))
        return Judgement(tuple(Finding(f"{vault.id}: {finding.what}", finding.weight) for finding in found))

    def _key(self, vault: Vault, given: Values) -> Iterator[Finding]:
        config = given[Slot.CONFIG].config if Slot.CONFIG in given else None
        return ownership(vault, config, self.owners) if isinstance(config, ConfigBlob) else iter(())

    def _passphrase(self, vault: Vault, given: Values) -> Iterator[Finding]:
        if Slot.PASSPHRASE not in given:
            return
        passphrase = given[Slot.PASSPHRASE].text
        opening = self._opening(vault, given, passphrase)
        if is_dressed(passphrase) and opening.opens is not Opens.YES:
            told = f"{opening.seen}; it looks like a line of an env file, or like text in quotes: {UNDRESSED}"
            yield Finding(told, Weight.FORBIDS)
        else:
            yield Finding(opening.seen, _WEIGHTS[opening.opens])

    def _opening(self, vault: Vault, given: Values, passphrase: SecretText) -> Opening:
        try:
            config = self._config(vault, given)
        except RotationError as error:
            return untried(error)
        if config is None:
            return Opening(Opens.UNTRIED, "the passphrase was not tried: it is not known where the vault is")
        return tried(vault, config, passphrase, self.stores)

    def _config(self, vault: Vault, given: Values) -> ConfigBlob | Location | None:
        if Slot.CONFIG in given:
            return given[Slot.CONFIG].config
        secret = vault.config_secret
        text = self.values.current(secret.arn if isinstance(secret, Adopted) else secret.name)
        found = None if text is None else parse_key_secret(text)
        return found if isinstance(found, ConfigBlob | Location) else None


def judged(judge: Judge, vaults: Sequence[Vault], values: Mapping[tuple[str, Slot], Value]) -> Judgement:
    """The findings about all vaults together."""
    return Judgement(
        tuple(
            finding
            for vault in vaults
            for finding in judge.judge(
                vault, {slot: value for (owner, slot), value in values.items() if owner == vault.id}
            ).findings
        )
    )
