"""Pruning a vault's superseded bundles once a day, where its tag says how many stay."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from vsync_rotation.engine.rotation import Job
from vsync_rotation.engine.staging import CURRENT, PENDING, PREVIOUS
from vsync_rotation.memory.checks import CheckRecord
from vsync_rotation.secret_vault import SecretVaults
from vsync_rotation.settings import is_paused, passphrase_settings
from vsync_rotation.vault.layouts import find_layouts
from vsync_rotation.vault.pruning import prune

# What may go is older than a day, so that looking more often finds little; a listing is a request per 1,000 versions.
_EVERY: Final = timedelta(days=1)


def prune_vault(job: Job, vaults: SecretVaults, record: CheckRecord) -> tuple[CheckRecord, list[tuple[str, str]]]:
    """Delete what is superseded beyond what is kept; only of a vault that is well, and while no rotation is under way.

    Safe to repeat. `passphrase_settings` says how many bundles stay; without the tag nothing is ever deleted.

    Raises:
        RotationError: something could not be read or deleted; the next check goes on.
    """
    keep = passphrase_settings(job.secret.tags).keep_bundles
    now = job.started_at
    due = record.pruned_at is None or now - record.pruned_at >= _EVERY
    under_way = job.secret.holder(PENDING) not in {None, job.secret.holder(CURRENT)}
    if keep is None or not due or under_way or is_paused(job.secret.tags) or record.seen is None:
        return record, []
    vault = vaults.open(job)
    promoted = {job.secret.holder(CURRENT), job.secret.holder(PREVIOUS)}
    said: list[tuple[str, str]] = []
    for found in find_layouts(vault.store, vault.site):
        gone = prune(vault.store, found.layout, promoted, keep=keep, now=now)
        for key, count in gone.items():
            job.ports.journal.info("superseded bundle deleted", key=key, versions=count)
            said.append(("pruned", f"{key} ({count} stored versions)"))
    return replace(record, pruned_at=now), said
