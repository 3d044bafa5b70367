"""What there is of the secrets and users that a deployment file adopts, and what their tags lack. Changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cdk import names
from cdk.config.model import Adopted, Deployment, Vault
from cdk.placement import placed
from cdk.secret_tags import config_secret_tags, passphrase_secret_tags
from vsync_rotation.errors import PermissionDeniedError, RotationError
from vsync_rotation.formats.config_blob import ConfigBlob
from vsync_rotation.formats.key_pair import KeyPair
from vsync_rotation.formats.key_secret import parse_key_secret
from vsync_rotation_cli.adopt import refusals
from vsync_rotation_cli.adopt.changes import TagChanges, tag_changes
from vsync_rotation_cli.aws.secret_facts import SecretFacts
from vsync_rotation_cli.aws.secrets import Secrets
from vsync_rotation_cli.aws.session import Session
from vsync_rotation_cli.aws.users import Users
from vsync_rotation_cli.aws.values import CurrentSecretValues
from vsync_rotation_cli.seed.agreement import disagreements
from vsync_rotation_cli.seed.findings import Weight
from vsync_rotation_cli.seed.ownership import ownership


@dataclass(frozen=True, slots=True)
class Adoption:
    """One adopted secret that tags go on, and what must be done to them."""

    vault: Vault
    secret: SecretFacts
    changes: TagChanges


@dataclass(slots=True)
class Seen:
    """All vaults together. `problems` forbid every change; `notes` are for a person to think about first."""

    adoptions: list[Adoption] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def to_change(self) -> tuple[Adoption, ...]:
        """Those whose tags are not yet as the file wants them."""
        return tuple(adoption for adoption in self.adoptions if adoption.changes)


@dataclass(frozen=True, slots=True)
class Looking:
    """Describes what is adopted. Of values it reads VSYNC_CONFIG alone, where it may: never a passphrase."""

    deployment: Deployment
    session: Session

    def look(self, vaults: Sequence[Vault]) -> Seen:
        """Everything that is adopted by these vaults."""
        seen = Seen()
        numbers = placed(self.deployment)
        for vault in vaults:
            served_by = names.rotation_stack(self.deployment, numbers[vault.id])
            current_key = self._config(vault, served_by, seen)
            self._passphrase(vault, served_by, seen)
            self._writer(vault, seen)
            self._reader(vault, current_key, seen)
        return seen

    def _config(self, vault: Vault, served_by: str, seen: Seen) -> str | None:
        """Returns the access key id in the blob, where that was read."""
        adopted = vault.config_secret
        if not isinstance(adopted, Adopted):
            return None
        tags = config_secret_tags(vault, served_by)
        secret = self._tagged(vault, adopted, names.ROTATE_KEY if tags else None, tags, seen)
        if secret is None or not secret.has_value or secret.to_be_deleted:
            return None
        try:
            return self._compared(vault, secret, seen)
        except PermissionDeniedError as error:
            seen.notes.append(f"{vault.id}: {secret.name} was not compared with the deployment file: {error.what}")
        except RotationError as error:
            seen.problems.append(f"{vault.id}: secret {secret.name}: {error.what}; {error.remedy}")
        return None

    def _compared(self, vault: Vault, secret: SecretFacts, seen: Seen) -> str | None:
        text = CurrentSecretValues(self.session).current(secret.arn)
        if text is None:
            return None
        value = parse_key_secret(text)
        where = f"{vault.id}: secret {secret.name}"
        if isinstance(value, KeyPair):
            seen.problems.append(f"{where} holds a key pair, not a vault's blob or location")
            return None
        seen.problems += (
            f"{where}: {difference}; correct the file" for difference in disagreements(vault, value.config)
        )
        if not isinstance(value, ConfigBlob):
            return None
        for finding in ownership(vault, value, Users(self.session)):
            (seen.problems if finding.weight is Weight.FORBIDS else seen.notes).append(f"{where}: {finding.what}")
        return value.credentials.access_key_id

    def _passphrase(self, vault: Vault, served_by: str, seen: Seen) -> None:
        if isinstance(vault.passphrase_secret, Adopted):
            tags = passphrase_secret_tags(vault, served_by)
            self._tagged(vault, vault.passphrase_secret, names.ROTATE_PASSPHRASE, tags, seen)

    def _writer(self, vault: Vault, seen: Seen) -> None:
        if isinstance(vault.writer_secret, Adopted):
            found = self._secrets.find(vault.writer_secret.arn)
            _add(seen.problems, vault, refusals.of_secret(vault.writer_secret, found))

    def _tagged(
        self, vault: Vault, adopted: Adopted, folder: str | None, tags: Mapping[str, str], seen: Seen
    ) -> SecretFacts | None:
        """`folder` is the function that is to rotate it; None where nothing here does."""
        secret = self._secrets.find(adopted.arn)
        _add(seen.problems, vault, refusals.of_secret(adopted, secret))
        if secret is None:
            return None
        changes = tag_changes(secret.tags, tags)
        _add(seen.problems, vault, refusals.of_tags(secret, changes))
        _add(seen.problems, vault, refusals.of_serving(vault, self.deployment, secret, tags.get(names.SERVED_BY)))
        if folder is not None:
            _add(seen.problems, vault, refusals.of_rotation(vault, self.deployment, folder, secret))
        seen.adoptions.append(Adoption(vault, secret, changes))
        return secret

    def _reader(self, vault: Vault, current_key: str | None, seen: Seen) -> None:
        if not isinstance(vault.reader, Adopted):
            return
        user = Users(self.session).find(vault.reader.name)
        _add(seen.problems, vault, refusals.of_user(vault.reader, user))
        if user is not None:
            _add(seen.notes, vault, refusals.notes_on_keys(vault.reader.name, user, current_key))

    @property
    def _secrets(self) -> Secrets:
        return Secrets(self.session)


def _add(lines: list[str], vault: Vault, found: Iterator[str]) -> None:
    lines += (f"{vault.id}: {line}" for line in found)
