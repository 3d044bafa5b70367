"""The whole of it: look what is missing, get it, check all of it, show it, and only then write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cdk.config.model import Deployment, Vault
from vsync_rotation.aws.stores import VaultStores
from vsync_rotation_cli.aws.secret_facts import SecretFacts
from vsync_rotation_cli.aws.secrets import SEED_LABEL, Secrets
from vsync_rotation_cli.aws.session import Session
from vsync_rotation_cli.aws.users import Users
from vsync_rotation_cli.aws.values import CurrentSecretValues
from vsync_rotation_cli.console import Console
from vsync_rotation_cli.refused import BAD_INPUT, NOT_DONE, RefusedError, bad_input
from vsync_rotation_cli.seed import values_file
from vsync_rotation_cli.seed.asking import asked
from vsync_rotation_cli.seed.forms import Value, checked
from vsync_rotation_cli.seed.judging import Judge, judged
from vsync_rotation_cli.seed.missing import Missing, Slot, look

NOTHING_LEFT = 0

Values = Mapping[tuple[str, Slot], Value]


@dataclass(frozen=True, slots=True)
class Seeding:
    """One run. `source` is a file of values, `-` for standard input, or None to ask the person at the terminal."""

    deployment: Deployment
    vaults: Sequence[Vault]
    session: Session
    console: Console
    source: str | None

    def plan(self) -> int:
        """Say what would be done and change nothing. Returns the exit status."""
        found = look(self.deployment, self.vaults, self._secrets)
        if not found.missing:
            return self._nothing_to_do()
        if self.source is None:
            for item in found.missing:
                self.console.say(f"{item.vault.id}: would ask for the {item.slot} of secret {item.secret.name}")
        else:
            self._show(found.missing, self._good(found.missing))
        self.console.say("dry run: nothing was written")
        return NOTHING_LEFT

    def run(self) -> int:
        """Write what is missing, once it is agreed to. Returns the exit status; repeating it goes on where it ended.

        Raises:
            RefusedError: a secret or a value is not as it should be. Nothing was written.
        """
        found = look(self.deployment, self.vaults, self._secrets)
        self._finish(found.unfinished)
        if not found.missing:
            return self._nothing_to_do()
        values = self._good(found.missing)
        self._show(found.missing, values)
        if not self.console.agrees(f"Write {_counted(len(found.missing))}?"):
            self.console.say("nothing was written")
            return NOT_DONE
        for item in found.missing:
            self._secrets.store_first(item.secret, values[item.vault.id, item.slot].text)
            self.console.say(f"{item.vault.id}: {item.slot} stored in {item.secret.name}")
        return NOTHING_LEFT

    @property
    def _secrets(self) -> Secrets:
        return Secrets(self.session)

    def _nothing_to_do(self) -> int:
        self.console.say("nothing to do: every secret that the stacks made has a value")
        return NOTHING_LEFT

    def _finish(self, unfinished: Sequence[SecretFacts]) -> None:
        for secret in unfinished:
            version = secret.holder(SEED_LABEL)
            if version is not None:
                self._secrets.forget_seeding(secret.arn, version)

    def _good(self, missing: Sequence[Missing]) -> Values:
        values = asked(missing, self.console) if self.source is None else self._given(self.source, missing)
        found = judged(self._judge(), self.vaults, values)
        for note in found.notes:
            self.console.say(f"note: {note}")
        if found.problems:
            raise RefusedError(*found.problems, "nothing was written", status=BAD_INPUT)
        return values

    def _given(self, source: str, missing: Sequence[Missing]) -> Values:
        """From a file: all of it is checked, what has a value already is left out, what is missing must be there."""
        by_id = {vault.id: vault for vault in self.deployment.vaults}
        texts = values_file.read(source, by_id)
        wanted = {(item.vault.id, item.slot) for item in missing}
        for vault_id, slot in sorted(texts.keys() - wanted):
            self.console.say(
                f"note: {vault_id}: the {slot} given is not used; it is not missing, and is never written over"
            )
        problems = [
            f"{item.vault.id}: secret {item.secret.name} has no value, and none is given as {item.slot}"
            for item in missing
            if (item.vault.id, item.slot) not in texts
        ]
        values = {}
        for vault_id, slot in sorted(wanted & texts.keys()):
            try:
                values[vault_id, slot] = checked(by_id[vault_id], slot, texts[vault_id, slot])
            except RefusedError as refusal:
                problems += refusal.problems
        if problems:
            raise bad_input(*problems, "nothing was written")
        return values

    def _judge(self) -> Judge:
        return Judge(Users(self.session), CurrentSecretValues(self.session), VaultStores(self.session.clients))

    def _show(self, missing: Sequence[Missing], values: Values) -> None:
        for item in missing:
            told = values[item.vault.id, item.slot].told
            self.console.say(f"{item.vault.id}: secret {item.secret.name} gets {told}")


def _counted(count: int) -> str:
    return "this value" if count == 1 else f"these {count} values"
