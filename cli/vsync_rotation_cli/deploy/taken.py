"""Names that the stacks would give, and somebody else's secret or user has already.

CloudFormation finds that out halfway, and takes the whole stack back. Who meets it has secrets that want adopting, or a
first deployment that failed behind them: what it had made by then is kept, like everything that must survive.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from cdk import names
from cdk.config.model import Deployment, Made, Vault
from vsync_rotation_cli.aws.buckets import bucket_exists
from vsync_rotation_cli.aws.secret_facts import SecretFacts
from vsync_rotation_cli.aws.secrets import Secrets
from vsync_rotation_cli.aws.session import Session
from vsync_rotation_cli.aws.users import Users

_NOT_OURS: Final = "is there, and no stack of ours holds it"


@dataclass(frozen=True, slots=True)
class Taken:
    """Looks at what vaults without a stack would be given; changes nothing."""

    deployment: Deployment
    session: Session

    def problems(self, deployed: Collection[str]) -> Iterator[str]:
        """One line for each name, with the way out. `deployed` are the stacks that there are."""
        for vault in self.deployment.vaults:
            if names.vault_stack(self.deployment, vault) not in deployed:
                yield from self._secrets(vault)
                yield from self._user(vault)
                if vault.store.create and bucket_exists(self.session, vault.store.bucket):
                    yield (
                        f"{vault.id}: bucket {vault.store.bucket} {_NOT_OURS}; take create_bucket out of the file to "
                        "use it as it is, or remove it, if it is yours and empty"
                    )

    def _secrets(self, vault: Vault) -> Iterator[str]:
        wanted = {
            "config_secret": vault.config_secret,
            "passphrase_secret": vault.passphrase_secret,
            "writer_secret": vault.writer_secret,
        }
        for key, secret in wanted.items():
            if isinstance(secret, Made):
                found = Secrets(self.session).find(secret.name)
                if found is not None:
                    yield f"{vault.id}: secret {found.name} {_NOT_OURS}; {_out(key, found)}"

    def _user(self, vault: Vault) -> Iterator[str]:
        if isinstance(vault.reader, Made):
            found = Users(self.session).find(vault.reader.name)
            if found is not None:
                adopt = f'adopt it: reader_user = "{found.arn}" in vaults.adopt'
                way_out = adopt if found.key_ids else f"{adopt}; or remove it, it has no access key"
                yield f"{vault.id}: user {vault.reader.name} {_NOT_OURS}; {way_out}"


def _out(key: str, secret: SecretFacts) -> str:
    if secret.to_be_deleted:
        return "it is scheduled for deletion: aws secretsmanager restore-secret brings it back, for adopting"
    adopt = f'adopt it: {key} = "{secret.arn}" in vaults.adopt'
    if secret.labels:
        return adopt
    return (
        f"{adopt}; or remove it, it never had a value: "
        f"aws secretsmanager delete-secret --force-delete-without-recovery --secret-id {secret.name}"
    )
