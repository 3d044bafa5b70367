"""The vault behind a passphrase secret: what its tags name, and the store it is reached through."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from vsync_rotation.engine.ports import SecretVersion
from vsync_rotation.engine.rotation import Job
from vsync_rotation.engine.staging import CURRENT
from vsync_rotation.errors import SettingsError
from vsync_rotation.formats.config_blob import ConfigBlob, Location
from vsync_rotation.formats.credentials import Credentials
from vsync_rotation.formats.key_pair import KeyPair
from vsync_rotation.formats.key_secret import parse_key_secret
from vsync_rotation.formats.vault_config import VaultConfig, VaultPlace
from vsync_rotation.redacted import SecretText
from vsync_rotation.settings import CONFIG_SECRET, WRITER_SECRET, PassphraseSettings, passphrase_settings
from vsync_rotation.vault.key_ring import KeyRing, Passphrase
from vsync_rotation.vault.layouts import Site, site_of
from vsync_rotation.vault.ports import KeepingStore, VaultStores
from vsync_rotation.vault.rotation import Recorder, VaultRotation
from vsync_rotation.vault.staging import Staging


@dataclass(frozen=True, slots=True)
class SecretVault:
    """An opened vault: where it is, what it may be asked through, and how its key is derived.

    `config_version` is the version of the config secret that says so.
    """

    config: VaultConfig
    config_version: str
    site: Site
    store: KeepingStore
    settings: PassphraseSettings


@dataclass(frozen=True, slots=True)
class SecretVaults:
    """Opens the vaults of passphrase secrets, and rotations of them.

    `random` draws from the operating system's generator; `hostname` goes into audit rows.
    """

    stores: VaultStores
    random: Callable[[int], bytes]
    hostname: str

    def open(self, job: Job) -> SecretVault:
        """Read the config secret and name the vault in every later event.

        Raises:
            SettingsError, BlobError, UnsupportedVersionError: the tags, or what they name, are not as they should be.
        """
        settings = passphrase_settings(job.secret.tags)
        version = _version_of(job, settings.config_secret, CONFIG_SECRET)
        config = _read_config(version.value, settings.config_secret)
        site = site_of(config, settings.repo)
        job.identify(site.repo, site.env)
        return SecretVault(config, version.version_id, site, self.store(job, settings, config), settings)

    def store(self, job: Job, settings: PassphraseSettings, place: VaultPlace) -> KeepingStore:
        """The vault's bucket: with the writer secret's credentials, or with the function's own where it is AWS's.

        Raises:
            SettingsError: it is not AWS's and no writer secret is named, or that holds no key pair.
        """
        if settings.writer_secret is not None:
            return self.stores.as_writer(_read_writer(job, settings.writer_secret), place)
        if not self.stores.is_aws(place):
            raise SettingsError(
                f"the vault is at {place.endpoint.url}, which is not AWS, and no {WRITER_SECRET} is named",
                remedy=f"store write credentials in a secret of their own and name it in the tag {WRITER_SECRET}",
            )
        return self.stores.as_function(place)

    def rotation(
        self, job: Job, vault: SecretVault, *, current: Passphrase, pending: Passphrase, not_before: datetime
    ) -> VaultRotation:
        """The rotation of the vault for the version at work, created at `not_before`."""
        keys = KeyRing(salt=vault.config.salt, iterations=vault.config.iterations, current=current, pending=pending)
        staging = Staging(
            vault.store,
            keys,
            version_id=job.version_id,
            not_before=not_before,
            repair=vault.settings.repair,
            random=self.random,
        )
        recorder = Recorder(self.hostname, job.started_at)
        return VaultRotation(vault.store, vault.site, job.version_id, not_before, staging, recorder)


def _read_config(text: SecretText, secret_id: str) -> VaultConfig:
    value = parse_key_secret(text)
    match value:
        case ConfigBlob() | Location():
            return value.config
        case KeyPair():
            raise SettingsError(
                f"secret {secret_id} holds a key pair, no vault configuration",
                remedy=f"name the secret with the vsync-cfg-v1 blob in the tag {CONFIG_SECRET}",
            )


def _read_writer(job: Job, secret_id: str) -> Credentials:
    value = parse_key_secret(_version_of(job, secret_id, WRITER_SECRET).value)
    if not isinstance(value, KeyPair):
        raise SettingsError(
            f"secret {secret_id} holds no key pair",
            remedy=f"store AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY as JSON where {WRITER_SECRET} points",
        )
    return value.credentials


def _version_of(job: Job, secret_id: str, tag: str) -> SecretVersion:
    version = job.ports.secrets.find_labelled(secret_id, CURRENT)
    if version is None:
        raise SettingsError(
            f"secret {secret_id} does not exist or has no value", remedy=f"correct the tag {tag}, or store the value"
        )
    return version
