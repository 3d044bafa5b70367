"""The whole of it: look what is missing, get it, check it, show it, and only then write.

Values from a file are checked, agreed to and written as one; a person's are, vault by vault, so that what was typed
for one is not lost with another.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from cdk.config.model import Deployment, Vault
from vsync_rotation.aws.stores import VaultStores
from vsync_rotation_cli.aws.secret_facts import SecretFacts
from vsync_rotation_cli.aws.secrets import SEED_LABEL, Secrets
from vsync_rotation_cli.aws.session import Session
from vsync_rotation_cli.aws.users import Users
from vsync_rotation_cli.aws.values import CurrentSecretValues
from vsync_rotation_cli.console import Console
from vsync_rotation_cli.refused import NOT_DONE, RefusedError, bad_input, telling_if_interrupted
from vsync_rotation_cli.seed.asking import TRIES, asked
from vsync_rotation_cli.seed.findings import Weight
from vsync_rotation_cli.seed.forms import Value, checked
from vsync_rotation_cli.seed.judging import Judge, Judgement, judged
from vsync_rotation_cli.seed.missing import Missing, Slot, look
from vsync_rotation_cli.seed.progress import Progress
from vsync_rotation_cli.seed.values_file import Given

NOTHING_LEFT = 0

Values = Mapping[tuple[str, Slot], Value]


@dataclass(frozen=True, slots=True)
class Seeding:
    """One run. `given` reads the values, where a file or pipe has them; None: the person at the terminal is asked."""

    deployment: Deployment
    vaults: Sequence[Vault]
    session: Session
    console: Console
    given: Callable[[], Given] | None

    def plan(self) -> int:
        """Say what would be done and change nothing. Returns the exit status."""
        found = look(self.deployment, self.vaults, self._secrets)
        if not found.missing:
            return self._nothing_to_do()
        if self.given is None:
            for item in found.missing:
                self.console.say(f"{item.vault.id}: would ask for the {item.slot} of secret {item.secret.name}")
        else:
            with self._telling(Progress()):
                self._show(found.missing, self._of_all(self.given(), found.missing).values)
        self.console.say("dry run: nothing was written")
        return NOTHING_LEFT

    def run(self) -> int:
        """Write what is missing, once it is agreed to. Returns the exit status; repeating it goes on where it ended.

        Raises:
            RefusedError: a secret or a value is not as it should be. The last line says whether anything was written.
        """
        found = look(self.deployment, self.vaults, self._secrets)
        self._finish(found.unfinished)
        if not found.missing:
            return self._nothing_to_do()
        progress = Progress()
        with self._telling(progress):
            if self.given is not None:
                return self._write(found.missing, self._of_all(self.given(), found.missing), progress)
            for vault in self.vaults:
                items = [item for item in found.missing if item.vault.id == vault.id]
                if items and self._write(items, self._typed(vault, items), progress) == NOT_DONE:
                    return NOT_DONE
        return NOTHING_LEFT

    @contextmanager
    def _telling(self, progress: Progress) -> Iterator[None]:
        """Whatever ends it early, say what was written by then."""
        try:
            with telling_if_interrupted(progress.told):
                yield
        except RefusedError as refusal:
            raise RefusedError(*refusal.problems, progress.told(), status=refusal.status) from None

    def _write(self, missing: Sequence[Missing], good: "_Good", progress: Progress) -> int:
        self._show(missing, good.values)
        untried = ", the passphrase untried" if good.is_untried else ""
        if not self.console.agrees(f"Write {_counted(len(missing))}{untried}?"):
            self.console.say(progress.told())
            return NOT_DONE
        for item in missing:
            progress.begins(item)
            self._secrets.store_first(item.secret, good.values[item.vault.id, item.slot].text)
            progress.is_stored()
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

    def _typed(self, vault: Vault, missing: Sequence[Missing]) -> "_Good":
        """A person's values for one vault; what does not fit the vault is asked for again."""
        problems: tuple[str, ...] = ()
        for tries_left in reversed(range(TRIES)):
            try:
                values = asked(missing, self.console)
            except RefusedError as refusal:
                raise RefusedError(*problems, *refusal.problems, status=refusal.status) from None
            found = judged(self._judge(), [vault], values)
            problems = found.told(Weight.FORBIDS)
            if not (problems and tries_left):
                return self._good(values, found)
            for problem in problems:
                self.console.say(f"  {problem}")
            self.console.say(f"{vault.id}: once more, all of it")
        raise AssertionError("the last try returns")

    def _good(self, values: Values, found: Judgement) -> "_Good":
        """The values, if nothing that AWS and the bucket say of them is in the way.

        Raises:
            RefusedError: one of them is not good, or that could not be found out.
        """
        untried = found.told(Weight.UNTRIED)
        for note in (*found.told(Weight.WORTH_KNOWING), *(() if self.console.agreed else untried)):
            self.console.say(f"note: {note}")
        if problems := found.told(Weight.FORBIDS):
            raise bad_input(*problems)
        if unanswered := found.told(Weight.UNANSWERED):
            raise RefusedError(*(f"{line}; do this again once it answers" for line in unanswered))
        if untried and self.console.agreed:
            way_out = "--yes stores no passphrase that was not tried: leave it out, and agree at a terminal"
            raise RefusedError(*(f"{line}; {way_out}" for line in untried))
        return _Good(values, is_untried=bool(untried))

    def _of_all(self, texts: Given, missing: Sequence[Missing]) -> "_Good":
        """All of it is checked, what has a value already is left out, what is missing must be there."""
        by_id = {vault.id: vault for vault in self.vaults}
        wanted = {(item.vault.id, item.slot) for item in missing}
        for vault_id, slot in sorted(texts.keys() - wanted):
            why = "it is not missing, and is never written over" if vault_id in by_id else "--vault names others"
            self.console.say(f"note: {vault_id}: the {slot} given is not used; {why}")
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
            raise bad_input(*problems)
        return self._good(values, judged(self._judge(), self.vaults, values))

    def _judge(self) -> Judge:
        return Judge(Users(self.session), CurrentSecretValues(self.session), VaultStores(self.session.clients))

    def _show(self, missing: Sequence[Missing], values: Values) -> None:
        for item in missing:
            told = values[item.vault.id, item.slot].told
            self.console.say(f"{item.vault.id}: secret {item.secret.name} gets {told}")


@dataclass(frozen=True, slots=True)
class _Good:
    """Values that may be written. `is_untried`: whether a passphrase opens its vault is not known."""

    values: Values
    is_untried: bool


def _counted(count: int) -> str:
    return "this value" if count == 1 else f"these {count} values"
