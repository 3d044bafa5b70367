"""The passphrase's four steps."""

from typing import ClassVar

from vsync_rotation.crypto.passphrase import generate
from vsync_rotation.engine.ports import SecretVersion
from vsync_rotation.engine.rotation import Job, Rotation
from vsync_rotation.finishing import announce_completed, complete, publish
from vsync_rotation.formats.vault_config import VaultConfig
from vsync_rotation.secret_vault import SecretVaults
from vsync_rotation.settings import Kind, unknown_tags
from vsync_rotation.vault.layouts import CLI_ITERATIONS, FoundLayout, find_layouts
from vsync_rotation.vault.rotation import VaultRotation


class VaultPassphraseRotation(Rotation):
    """Rotates the passphrase that opens a vault. Each step completes what an earlier run of it left."""

    kind: ClassVar[Kind] = Kind.VAULT_PASSPHRASE

    def __init__(self, vaults: SecretVaults) -> None:
        self._vaults = vaults

    def create_secret(self, job: Job) -> None:
        """Make a passphrase and store it, once it is sure that there is a vault to rotate."""
        for tag in unknown_tags(job.secret.tags):
            job.ports.journal.warning("a tag of ours that this release does not know", tag=tag)
        vault = self._vaults.open(job)
        find_layouts(vault.store, vault.site)
        job.store_pending(generate(self._vaults.random))

    def already_created(self, job: Job, pending: SecretVersion) -> None:
        """Nothing: storing the value was all."""

    def set_secret(self, job: Job) -> None:
        """Upload the live bundles under the pending passphrase, beside the old ones."""
        rotation, config = self._rotation(job, job.current(), job.pending())
        _warn_of_iterations(job, rotation.stage(), config)

    def test_secret(self, job: Job, pending: SecretVersion) -> None:
        """Open what was uploaded with the pending passphrase; it must hold what the live bundle holds."""
        rotation, _config = self._rotation(job, job.current(), pending)
        rotation.verify()

    def test_current(self, job: Job, current: SecretVersion) -> None:
        """Open the live bundles with AWSCURRENT."""
        rotation, _config = self._rotation(job, current, current)
        rotation.verify_live()

    def finish_secret(self, job: Job) -> None:
        """Swap the pointers and move AWSCURRENT; then generation, audit row and event."""
        publish(job, self._vaults)

    def complete(self, job: Job) -> None:
        """Generation, audit row and event of a rotation whose label has moved."""
        publication = complete(job, self._vaults)
        if publication is None:
            job.ports.journal.warning("the bundle this version published is not to be found; nothing to complete")
            return
        announce_completed(job, self._vaults, publication)

    def _rotation(self, job: Job, current: SecretVersion, pending: SecretVersion) -> tuple[VaultRotation, VaultConfig]:
        vault = self._vaults.open(job)
        rotation = self._vaults.rotation(
            job, vault, current=current.value, pending=pending.value, not_before=pending.created_at
        )
        return rotation, vault.config


def _warn_of_iterations(job: Job, found: tuple[FoundLayout, ...], config: VaultConfig) -> None:
    if config.iterations != CLI_ITERATIONS and any(item.layout.name == "cli" for item in found):
        job.ports.journal.warning(
            "the vsync CLI only uses its own iteration count and cannot open this vault",
            iterations=config.iterations,
            cli_iterations=CLI_ITERATIONS,
        )
