"""The values that will be missing, seen to before anybody is asked: afterwards half of the stacks would be there.

What is given is read once. Standard input and a pipe cannot be read again, and a file may have changed by then: seeding
gets exactly what was checked here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from cdk.config.model import Deployment, Made, Vault
from vsync_rotation_cli.aws.secrets import Secrets
from vsync_rotation_cli.console import Console
from vsync_rotation_cli.refused import RefusedError, bad_input
from vsync_rotation_cli.seed import values_file
from vsync_rotation_cli.seed.forms import checked
from vsync_rotation_cli.seed.missing import Slot, secret_of
from vsync_rotation_cli.seed.values_file import Given


@dataclass(frozen=True, slots=True)
class FirstValues:
    """Looks; writes nothing. `source`: a file of values, `-` for standard input, None for a person at a terminal."""

    deployment: Deployment
    secrets: Secrets
    console: Console
    source: str | None

    def read(self) -> Given | None:
        """What is given, once every value that will be missing is known to be there and well formed; None: nothing is.

        Raises:
            RefusedError: one is not.
        """
        if self.source is None:
            return None
        given = values_file.read(self.source, {vault.id: vault for vault in self.deployment.vaults})
        problems = [problem for vault, slot, name in self._missing() for problem in _wrong(given, vault, slot, name)]
        if problems:
            raise bad_input(*problems)
        return given

    def require_person(self) -> None:
        """Whatever will be missing can be asked for, where nothing is given.

        Raises:
            RefusedError: there is nobody to ask.
        """
        if self.source is not None or self.console.has_person():
            return
        if waiting := [f"{vault.id}: secret {name} has no value yet" for vault, _, name in self._missing()]:
            raise bad_input(*waiting, "there is no terminal to ask at; give missing values with --from FILE")

    def _missing(self) -> Iterator[tuple[Vault, Slot, str]]:
        for vault in self.deployment.vaults:
            for slot in Slot:
                secret = secret_of(vault, slot)
                if isinstance(secret, Made):
                    found = self.secrets.find(secret.name)
                    if found is None or not found.has_value:
                        yield vault, slot, secret.name


def _wrong(given: Given, vault: Vault, slot: Slot, name: str) -> Iterator[str]:
    if (vault.id, slot) not in given:
        yield f"{vault.id}: secret {name} has no value, and none is given as {slot}"
        return
    try:
        checked(vault, slot, given[vault.id, slot])
    except RefusedError as refusal:
        yield from refusal.problems
