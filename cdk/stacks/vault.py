"""What is one vault's own and must survive: its reader's user, its secrets, its bucket where the file asks for one.

One stack a vault: a vault that leaves the file leaves its stack alone, and nothing of it is lost. A vault that is
adopted as a whole has none.
"""

from aws_cdk import Stack
from constructs import Construct

from cdk.config.model import Adopted, Deployment, Made, Vault
from cdk.config.model import RemovalPolicy as Chosen
from cdk.constructs.guarded_secret import GuardedSecret
from cdk.constructs.reader_user import ReaderUser
from cdk.constructs.vault_bucket import VaultBucket
from cdk.names import CHECK, RETIRE, ROTATE_KEY, ROTATE_PASSPHRASE, function_name, rotation_stack, vault_stack
from cdk.permissions.grants import SecretGrant, VaultGrant
from cdk.secret_tags import config_secret_tags, passphrase_secret_tags
from cdk.stacks.place import environment


def adopted_whole(vault: Vault) -> VaultGrant | None:
    """What roles may be given of a vault of which nothing is made here; None: something is, and it has a stack."""
    config, passphrase = vault.config_secret, vault.passphrase_secret
    writer, reader = vault.writer_secret, vault.reader
    if vault.store.create or isinstance(config, Made) or isinstance(passphrase, Made):
        return None
    if isinstance(writer, Made) or isinstance(reader, Made):
        return None
    return VaultGrant(
        vault=vault,
        config=SecretGrant(config.arn, config.kms_key),
        passphrase=SecretGrant(passphrase.arn, passphrase.kms_key),
        writer=None if writer is None else SecretGrant(writer.arn, writer.kms_key),
        user_arn=None if reader is None else reader.arn,
    )


class VaultStack(Stack):
    """`grant` names what was made or adopted, for the roles of the rotation stack."""

    def __init__(
        self, scope: Construct, deployment: Deployment, vault: Vault, key_arn: str, rotation_number: int
    ) -> None:
        super().__init__(
            scope,
            vault_stack(deployment, vault),
            env=environment(deployment),
            description=f"vsync rotation: vault {vault.id}. Survives; holds no secret value.",
            termination_protection=deployment.removal_policy is Chosen.RETAIN,
        )
        self._deployment, self._vault = deployment, vault
        self._key_arn, self._number = key_arn, rotation_number
        if vault.store.create:
            VaultBucket(self, "VaultBucket", deployment=deployment, store=vault.store)
        user = self._reader(vault)
        config = self._config_secret(vault)
        passphrase = self._passphrase_secret(vault)
        self.grant = VaultGrant(
            vault=vault,
            config=config,
            passphrase=passphrase,
            writer=self._writer_secret(vault),
            user_arn=user.arn if user is not None else None,
        )
        if isinstance(user, ReaderUser):
            user.allow_reading(self.grant)

    def _reader(self, vault: Vault) -> "ReaderUser | Adopted | None":
        if isinstance(vault.reader, Made):
            return ReaderUser(self, "ReaderUser", deployment=self._deployment, name=vault.reader.name)
        return vault.reader

    def _config_secret(self, vault: Vault) -> SecretGrant:
        return self._secret(
            "ConfigSecret",
            vault.config_secret,
            "VSYNC_CONFIG: where the vault is, and the key that reads it",
            config_secret_tags(vault, self._served_by()),
            (ROTATE_KEY, ROTATE_PASSPHRASE, RETIRE, CHECK) if vault.reader is not None else (ROTATE_PASSPHRASE, CHECK),
        )

    def _passphrase_secret(self, vault: Vault) -> SecretGrant:
        return self._secret(
            "PassphraseSecret",
            vault.passphrase_secret,
            "VSYNC_PASSPHRASE: what opens the vault",
            passphrase_secret_tags(vault, self._served_by()),
            (ROTATE_PASSPHRASE, CHECK),
        )

    def _writer_secret(self, vault: Vault) -> SecretGrant | None:
        if vault.writer_secret is None:
            return None
        return self._secret(
            "WriterSecret",
            vault.writer_secret,
            "Credentials that may write the vault's bucket; rotated by whoever runs that store",
            {},
            (ROTATE_PASSPHRASE, CHECK),
            applications_read=False,
        )

    def _secret(
        self,
        logical_id: str,
        wanted: Made | Adopted,
        purpose: str,
        tags: dict[str, str],
        reading_functions: tuple[str, ...],
        *,
        applications_read: bool = True,
    ) -> SecretGrant:
        if isinstance(wanted, Adopted):
            return SecretGrant(wanted.arn, wanted.kms_key)
        secret = GuardedSecret(
            self,
            logical_id,
            deployment=self._deployment,
            name=wanted.name,
            description=f"{purpose} (vault {self._vault.id})",
            tags=tags,
            key_arn=self._key_arn,
            replica_regions=self._vault.replica_regions,
        )
        if self._deployment.protect_reading:
            applications = self._vault.readers if applications_read else ()
            roles = [self._role_arn(function) for function in reading_functions]
            secret.deny_reading_to_all_but([*applications, *self._deployment.admins, *roles])
        return SecretGrant(secret.arn, self._key_arn)

    def _role_arn(self, function: str) -> str:
        name = function_name(self._deployment, self._number, function)
        return f"arn:{self._deployment.partition}:iam::{self._deployment.account}:role/{name}"

    def _served_by(self) -> str:
        return rotation_stack(self._deployment, self._number)
