"""Whether a secret's rotation goes on: a version that stays pending, a date that has passed."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from check_vaults.naming import name_vault
from vsync_rotation.engine.ports import SecretDirectory
from vsync_rotation.engine.rotation import Job
from vsync_rotation.engine.staging import CURRENT, PENDING
from vsync_rotation.events import RotationOverdue, RotationStuck, VaultWellAgain, iso_utc
from vsync_rotation.settings import is_paused

# The service's own attempts follow each other within minutes.
_STUCK_AFTER: Final = timedelta(hours=1)
STUCK: Final = "stuck"
OVERDUE: Final = "overdue"


def check_rotation(job: Job, directory: SecretDirectory, reported: Mapping[str, str]) -> dict[str, str]:
    """Report what is new, and what is well again.

    Args:
        job: the secret.
        directory: tells when a version was made.
        reported: what was reported before and is remembered.

    Returns:
        What there is to remember: each finding with what it is about.
    """
    found = _stuck(job, directory) | _overdue(job)
    if found != reported:
        name_vault(job)
    for kind, about in found.items():
        if reported.get(kind) != about:
            job.ports.journal.warning(f"rotation {kind}", about=about)
            job.emit(_pending(job, about, directory) if kind == STUCK else RotationOverdue(about))
    for kind in reported.keys() - found.keys():
        job.emit(VaultWellAgain(None, f"rotation-{kind}"))
    return found


def _stuck(job: Job, directory: SecretDirectory) -> dict[str, str]:
    pending = job.secret.holder(PENDING)
    if pending is None or pending == job.secret.holder(CURRENT):
        return {}
    created_at = directory.version_created_at(job.secret.arn, pending)
    if created_at is None or job.started_at - created_at < _STUCK_AFTER:
        return {}
    return {STUCK: pending}


def _pending(job: Job, version_id: str, directory: SecretDirectory) -> RotationStuck:
    created_at = directory.version_created_at(job.secret.arn, version_id)
    return RotationStuck(version_id, iso_utc(created_at or job.started_at))


def _overdue(job: Job) -> dict[str, str]:
    due = job.secret.next_rotation_at
    # A paused secret is not rotated on purpose, and one whose rotation is off has no date that counts.
    if due is None or due >= job.started_at or is_paused(job.secret.tags) or job.secret.rotation_enabled is False:
        return {}
    return {OVERDUE: iso_utc(due)}
