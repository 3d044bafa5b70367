"""The names of one run: whatever it makes carries its prefix, and nothing else in the account does."""

import re
import secrets
from dataclasses import dataclass
from typing import Final, Self

from cdk.config import default_names

# Unique, recognisable, and short: the deployment file takes 30 characters as a stack_prefix, IAM 64 as a role's name.
_FORM: Final = re.compile(r"vsync-accept-[0-9a-f]{8}")
_LEAD: Final = "vsync-accept-"
_RANDOM_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Run:
    """One throw-away vault: its repo, its bucket, its stacks and its deployment file are all named after `prefix`.

    Raises:
        ValueError: the prefix has not the form of a run's own: with another one, cleaning up could meet what is used.
    """

    prefix: str
    env: str = "test"

    def __post_init__(self) -> None:
        if not _FORM.fullmatch(self.prefix):
            raise ValueError(
                f"{self.prefix!r} is no run's prefix; those are {_LEAD} and eight hexadecimal digits, "
                "as the run said at its beginning and as its report says"
            )

    @classmethod
    def new(cls) -> Self:
        """A run that nobody had before."""
        return cls(f"{_LEAD}{secrets.token_hex(_RANDOM_BYTES)}")

    @property
    def repo(self) -> str:
        """The vault's repo."""
        return self.prefix

    @property
    def vault_id(self) -> str:
        """The vault, as deployment and values files name it."""
        return f"{self.repo}/{self.env}"

    @property
    def place(self) -> str:
        """The vault's prefix in its bucket."""
        return f"{self.repo}/{self.env}/"

    @property
    def bucket(self) -> str:
        """The vault's bucket."""
        return f"{self.prefix}-vault"

    @property
    def config_secret(self) -> str:
        """The name of the secret with the blob."""
        return default_names.config_secret_name(self.repo, self.env)

    @property
    def passphrase_secret(self) -> str:
        """The name of the secret with the passphrase."""
        return default_names.passphrase_secret_name(self.repo, self.env)

    @property
    def reader(self) -> str:
        """The name of the user whose key the blob holds."""
        return default_names.reader_user_name(self.repo, self.env)

    @property
    def rotation_stack(self) -> str:
        """The only rotation stack: whose events the vault's people are told of."""
        return f"{self.prefix}-rotation-1"

    def function(self, folder: str) -> str:
        """The name of a function of the only rotation stack, and of its role."""
        return f"{self.prefix}-1-{folder}"

    def probe(self, name: str) -> str:
        """The name of a thing that a question makes for itself: a role, a user, a queue, a rule."""
        return f"{self.prefix}-probe-{name}"

    def probe_secret(self, name: str) -> str:
        """The name of a secret that a question makes for itself."""
        return f"{self.prefix}/probe/{name}"
