"""An operator with an account: deployment files, secrets as the stacks make them, and somebody at the keyboard."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator.vaults import Vault
from simulator.world import ACCOUNT_ID, World

NAME = "production"
PREFIX = "rota"


@dataclass(frozen=True)
class Ran:
    """What a run left behind."""

    status: int
    out: str
    err: str


class Person(io.TextIOBase):
    """Somebody at a terminal with their answers; asked for more than they know, they end the input."""

    def __init__(self, *, seen: tuple[str, ...] = (), unseen: tuple[str, ...] = ()) -> None:
        self._seen, self._unseen = list(seen), list(unseen)

    def isatty(self) -> bool:
        return True

    def readline(self, _size: int | None = -1, /) -> str:  # type: ignore[override]  # the base names bytes too
        return f"{self._seen.pop(0)}\n" if self._seen else ""

    def types_unseen(self, _prompt: str = "") -> str:
        if not self._unseen:
            raise EOFError
        return self._unseen.pop(0)

    @property
    def has_said_everything(self) -> bool:
        return not self._seen and not self._unseen


Runs = Callable[[tuple[str, ...], bytes | Person | None, Callable[[], int] | None], Ran]


@dataclass(frozen=True)
class Operator:
    """Runs commands in a world, with files in a folder of their own."""

    world: World
    folder: Path
    _runs: Runs = field(repr=False)

    def run(self, *arguments: str, given: bytes | Person | None = None) -> Ran:
        return self._runs(arguments, given, None)

    def run_command(self, command: Callable[[], int], given: bytes | Person | None = None) -> Ran:
        """A command whose clock or other programs are the test's."""
        return self._runs((), given, command)

    def file(self, *vaults: str, head: str = "", name: str = NAME) -> str:
        """A deployment file of these tables; returns its path."""
        path = self.folder / f"{name}.toml"
        top = f'account = "{ACCOUNT_ID}"\nregion = "{self.world.region}"\nstack_prefix = "{PREFIX}"\n'
        open_reading = "protect_reading = false\n"
        path.write_text("\n".join((top + open_reading + head, *vaults)))
        return str(path)

    def values(self, text: str) -> str:
        """A file of values that nobody else may read; returns its path."""
        path = self.folder / "values.json"
        path.write_text(text)
        path.chmod(0o600)
        return str(path)

    def labels(self, secret: str) -> dict[str, list[str]]:
        answer = self.world.client("secretsmanager").describe_secret(SecretId=secret)
        return dict(answer.get("VersionIdsToStages", {}))

    def tags(self, secret: str) -> dict[str, str]:
        answer = self.world.client("secretsmanager").describe_secret(SecretId=secret)
        return {tag["Key"]: tag["Value"] for tag in answer.get("Tags", [])}

    def writes(self) -> list[str]:
        """Every request so far that was no read, as `service:Operation`."""
        reads = ("Describe", "Get", "List", "Head")
        return [
            f"{request.service}:{request.operation}"
            for request in self.world.requests
            if not request.operation.startswith(reads)
        ]


def vault_table(vault: Vault, *, adopt: Mapping[str, str] | None = None, more: str = "") -> str:
    """The vault as a deployment file has it."""
    lines = [
        "[[vaults]]",
        f'repo = "{vault.repo}"',
        f'env = "{vault.env}"',
        f'bucket = "{vault.bucket}"',
        f'prefix = "{vault.prefix}"',
        more,
    ]
    if adopt:
        lines += ["[vaults.adopt]", *(f'{name} = "{arn}"' for name, arn in adopt.items())]
    return "\n".join(lines) + "\n"


def emptied(vault: Vault) -> tuple[str, str]:
    """Make both secrets anew without a value, as a stack makes them. Returns the blob and the passphrase."""
    values = vault.config(), vault.passphrase()
    manager: Any = vault.world.client("secretsmanager")
    for secret in (vault.config_secret, vault.passphrase_secret):
        manager.delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)
        manager.create_secret(Name=secret)
    return values
