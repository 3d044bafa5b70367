"""The vaults that one rotation stack serves, and what is theirs: by ARN, from the deployment file.

Not through `cdk.permissions`: the roles come to the same ARNs another way, so that a slip in either shows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from cdk.config.model import Adopted, Deployment, Made, Resource, Vault
from cdk.rendering import Rendering
from tests.infrastructure.assemblies import Assembled


@dataclass(frozen=True)
class Served:
    """The stack's number, its vaults, and the templates: they alone know what AWS makes up of an ARN."""

    deployment: Deployment
    rendering: Rendering
    number: int
    vaults: Sequence[Vault]

    @classmethod
    def by(cls, assembled: Assembled, number: int) -> Self:
        """Those that the file gives to this stack; what it gives to none is in the first."""
        vaults = [vault for vault in assembled.deployment.vaults if (vault.rotation_stack or 1) == number]
        return cls(assembled.deployment, assembled.rendering, number, vaults)

    @property
    def stack(self) -> str:
        return f"{self.deployment.stack_prefix}-rotation-{self.number}"

    def arn(self, service: str, rest: str) -> str:
        """Of something in the deployment's region and account."""
        return f"arn:aws:{service}:{self.deployment.region}:{self.deployment.account}:{rest}"

    def function(self, folder: str) -> str:
        return self.arn("lambda", f"function:{self.deployment.stack_prefix}-{self.number}-{folder}")

    def made(self, kind: str, part: str = "", attribute: str = "Arn") -> str:
        """The one resource of this type in the stack whose logical id has this part."""
        (found,) = (
            self.rendering.attribute(r.stack, r.logical_id, attribute)
            for r in self.rendering.resources(kind)
            if r.stack == self.stack and part in r.logical_id
        )
        return found

    @property
    def configs(self) -> list[Resource]:
        return [vault.config_secret for vault in self.vaults]

    @property
    def rotating_configs(self) -> list[Resource]:
        """Where the store is not AWS, the key is no IAM user's."""
        return [vault.config_secret for vault in self.vaults if vault.reader is not None]

    @property
    def passphrases(self) -> list[Resource]:
        return [vault.passphrase_secret for vault in self.vaults]

    @property
    def writers(self) -> list[Resource]:
        return [vault.writer_secret for vault in self.vaults if vault.writer_secret is not None]

    @property
    def users(self) -> list[str]:
        root = f"arn:aws:iam::{self.deployment.account}:user"
        readers = [vault.reader for vault in self.vaults if vault.reader is not None]
        return [f"{root}/vsync/{r.name}" if isinstance(r, Made) else r.arn for r in readers]

    @property
    def in_aws(self) -> list[Vault]:
        return [vault for vault in self.vaults if vault.store.is_aws]

    def secrets(self, of: Iterable[Resource]) -> list[str]:
        """Their ARNs."""
        return [secret.arn if isinstance(secret, Adopted) else self._secrets[secret.name] for secret in of]

    def by_key(self, secrets: Iterable[Resource]) -> dict[str, list[str]]:
        """Their ARNs by the ARN of the customer key that encrypts them."""
        found: dict[str, list[str]] = {}
        for secret in secrets:
            key = secret.kms_key if isinstance(secret, Adopted) else self._own_key
            if key is not None:
                found.setdefault(key, []).extend(self.secrets([secret]))
        return found

    @cached_property
    def _secrets(self) -> dict[str, str]:
        return {
            str(r.properties["Name"]): self.rendering.attribute(r.stack, r.logical_id, "Ref")
            for r in self.rendering.resources("AWS::SecretsManager::Secret")
        }

    @cached_property
    def _own_key(self) -> str:
        if self.deployment.kms_key is not None:
            return self.deployment.kms_key
        return self.rendering.attribute(f"{self.deployment.stack_prefix}-foundation", "SecretsKey", "Arn")

    def consumers(self, kind: str) -> Iterator[tuple[str, str]]:
        """Name and target of each."""
        for vault in self.vaults:
            yield from ((found.name, found.target) for found in vault.consumers if found.kind == kind)


def bucket(vault: Vault) -> str:
    return f"arn:aws:s3:::{vault.store.bucket}"


def folders(vault: Vault) -> list[str]:
    """Where the vault is in its bucket: in the blob's prefix, and where the vsync command has it."""
    return list(dict.fromkeys([vault.store.prefix, f"{vault.repo}/{vault.env.lower()}/"]))
