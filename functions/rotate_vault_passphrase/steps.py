"""The passphrase's four steps."""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, Final

from vsync_rotation.crypto.passphrase import generate
from vsync_rotation.engine.ports import SecretVersion
from vsync_rotation.engine.promotion import promote
from vsync_rotation.engine.rotation import Job, Rotation
from vsync_rotation.engine.staging import CURRENT, PREVIOUS
from vsync_rotation.errors import SettingsError
from vsync_rotation.events import PassphraseRotationFinished
from vsync_rotation.formats.config_blob import ConfigBlob, Location
from vsync_rotation.formats.credentials import Credentials
from vsync_rotation.formats.key_pair import KeyPair
from vsync_rotation.formats.key_secret import parse_key_secret
from vsync_rotation.formats.vault_config import VaultConfig
from vsync_rotation.redacted import SecretText
from vsync_rotation.settings import (
    CONFIG_SECRET,
    WRITER_SECRET,
    Kind,
    PassphraseSettings,
    passphrase_settings,
    unknown_tags,
)
from vsync_rotation.vault.key_ring import KeyRing, Passphrase
from vsync_rotation.vault.layouts import CLI_ITERATIONS, FoundLayout, Site, find_layouts, site_of
from vsync_rotation.vault.ports import ObjectStore, VaultStores
from vsync_rotation.vault.rotation import Publication, Recorder, VaultRotation
from vsync_rotation.vault.staging import Staging

# The swap is begun only with time left for a slow pointer write, the label's move and its repetitions, so that Lambda
# does not end the function between them; and once it is begun, nothing of ours stops it.
_SECONDS_FOR_PUBLISHING: Final = 20.0


class VaultPassphraseRotation(Rotation):
    """Rotates the passphrase that opens a vault. Each step completes what an earlier run of it left."""

    kind: ClassVar[Kind] = Kind.VAULT_PASSPHRASE

    def __init__(self, stores: VaultStores, random: Callable[[int], bytes], hostname: str) -> None:
        self._stores = stores
        self._random = random
        self._hostname = hostname

    def create_secret(self, job: Job) -> None:
        """Make a passphrase and store it, once it is sure that there is a vault to rotate."""
        for tag in unknown_tags(job.secret.tags):
            job.ports.journal.warning("a tag of ours that this release does not know", tag=tag)
        _config, site, store, _settings = self._vault(job)
        find_layouts(store, site)
        job.store_pending(generate(self._random))

    def already_created(self, job: Job, pending: SecretVersion) -> None:
        """Nothing: storing the value was all."""

    def set_secret(self, job: Job) -> None:
        """Upload the live bundles under the pending passphrase, beside the old ones."""
        pending = job.pending()
        rotation, config = self._rotation(job, job.current().value, pending.value, pending.created_at)
        _warn_of_iterations(job, rotation.stage(), config)

    def test_secret(self, job: Job, pending: SecretVersion) -> None:
        """Open what was uploaded with the pending passphrase; it must hold what the live bundle holds."""
        rotation, _config = self._rotation(job, job.current().value, pending.value, pending.created_at)
        rotation.verify()

    def test_current(self, job: Job, current: SecretVersion) -> None:
        """Open the live bundles with AWSCURRENT."""
        rotation, _config = self._rotation(job, current.value, current.value, current.created_at)
        rotation.verify_live()

    def finish_secret(self, job: Job) -> None:
        """Swap the pointers and move AWSCURRENT; then generation, audit row and event."""
        current_id, pending = job.current_version_id(), job.pending()
        # Only a push since setSecret, which has to be staged again, takes the current passphrase.
        rotation, _config = self._rotation(job, lambda: job.current().value, pending.value, pending.created_at)
        publication = rotation.publish(
            before_swap=lambda: job.deadline.lift(
                seconds_wanted=_SECONDS_FOR_PUBLISHING, purpose="swapping the pointer and moving the label"
            ),
            promote=lambda: promote(job, away_from=current_id),
            monotonic=job.ports.clock.monotonic,
        )
        _announce(job, publication, current_id, _race_window_ms(job, publication))

    def complete(self, job: Job) -> None:
        """Generation, audit row and event of a rotation whose label has moved."""
        current = job.current()
        rotation, _config = self._rotation(job, current.value, current.value, current.created_at)
        publication = rotation.complete()
        if publication is None:
            job.ports.journal.warning("the bundle this version published is not to be found; nothing to complete")
            return
        _announce(job, publication, job.secret.holder(PREVIOUS), None)

    def _rotation(
        self, job: Job, current: Passphrase, pending: Passphrase, not_before: datetime
    ) -> tuple[VaultRotation, VaultConfig]:
        config, site, store, settings = self._vault(job)
        keys = KeyRing(salt=config.salt, iterations=config.iterations, current=current, pending=pending)
        staging = Staging(
            store,
            keys,
            version_id=job.version_id,
            not_before=not_before,
            repair=settings.repair,
            random=self._random,
        )
        recorder = Recorder(self._hostname, job.started_at)
        return VaultRotation(store, site, job.version_id, not_before, staging, recorder), config

    def _vault(self, job: Job) -> tuple[VaultConfig, Site, ObjectStore, PassphraseSettings]:
        settings = passphrase_settings(job.secret.tags)
        config = _read_config(job, settings.config_secret)
        site = site_of(config, settings.repo)
        job.identify(site.repo, site.env)
        return config, site, self._store(job, settings, config), settings

    def _store(self, job: Job, settings: PassphraseSettings, config: VaultConfig) -> ObjectStore:
        if settings.writer_secret is not None:
            return self._stores.as_writer(_read_writer(job, settings.writer_secret), config)
        if not self._stores.is_aws(config):
            raise SettingsError(
                f"the vault is at {config.endpoint.url}, which is not AWS, and no {WRITER_SECRET} is named",
                remedy=f"store write credentials in a secret of their own and name it in the tag {WRITER_SECRET}",
            )
        return self._stores.as_function(config)


def _read_config(job: Job, secret_id: str) -> VaultConfig:
    value = parse_key_secret(_value_of(job, secret_id, CONFIG_SECRET))
    match value:
        case ConfigBlob() | Location():
            return value.config
        case KeyPair():
            raise SettingsError(
                f"secret {secret_id} holds a key pair, no vault configuration",
                remedy=f"name the secret with the vsync-cfg-v1 blob in the tag {CONFIG_SECRET}",
            )


def _read_writer(job: Job, secret_id: str) -> Credentials:
    value = parse_key_secret(_value_of(job, secret_id, WRITER_SECRET))
    if not isinstance(value, KeyPair):
        raise SettingsError(
            f"secret {secret_id} holds no key pair",
            remedy=f"store AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY as JSON where {WRITER_SECRET} points",
        )
    return value.credentials


def _value_of(job: Job, secret_id: str, tag: str) -> SecretText:
    version = job.ports.secrets.find_labelled(secret_id, CURRENT)
    if version is None:
        raise SettingsError(
            f"secret {secret_id} does not exist or has no value", remedy=f"correct the tag {tag}, or store the value"
        )
    return version.value


def _warn_of_iterations(job: Job, found: tuple[FoundLayout, ...], config: VaultConfig) -> None:
    if config.iterations != CLI_ITERATIONS and any(item.layout.name == "cli" for item in found):
        job.ports.journal.warning(
            "the vsync CLI only uses its own iteration count and cannot open this vault",
            iterations=config.iterations,
            cli_iterations=CLI_ITERATIONS,
        )


def _race_window_ms(job: Job, publication: Publication) -> int | None:
    """Whole milliseconds; only as fine as the store's clock where another invocation swapped."""
    seconds = publication.race_window_seconds
    if seconds is None and publication.swapped_earlier_at is not None:
        seconds = max(0.0, (job.ports.clock.now() - publication.swapped_earlier_at).total_seconds())
    return None if seconds is None else round(seconds * 1000)


def _announce(job: Job, publication: Publication, previous: str | None, race_window_ms: int | None) -> None:
    journal = job.ports.journal
    if race_window_ms is not None:
        journal.milliseconds("RaceWindow", race_window_ms)
    if publication.lost_row is not None:
        journal.error(
            "the audit row was not appended; the rotation stands, paste the row",
            row=publication.lost_row.line,
            reason=publication.lost_row.reason.what,
        )
    generation = publication.generation
    journal.info("passphrase rotated", gen=generation.gen, prev_gen=generation.prev_gen, race_window_ms=race_window_ms)
    job.emit(
        PassphraseRotationFinished(
            version_id=job.version_id,
            previous_version_id=previous,
            gen=generation.gen,
            prev_gen=generation.prev_gen,
            bundle_ts=str(publication.timestamp),
            race_window_ms=race_window_ms,
        )
    )
