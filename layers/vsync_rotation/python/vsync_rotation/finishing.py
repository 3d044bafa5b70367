"""Publishing a passphrase rotation and telling of it: what finishSecret does, and whoever completes it later."""

from typing import Final

from vsync_rotation.engine.promotion import promote
from vsync_rotation.engine.rotation import Job
from vsync_rotation.engine.staging import PREVIOUS
from vsync_rotation.events import PassphraseRotationFinished
from vsync_rotation.secret_vault import SecretVaults
from vsync_rotation.vault.rotation import Publication

# The swap is begun only with time left for a slow pointer write, the label's move and its repetitions, so that Lambda
# does not end the function between them; and once it is begun, nothing of ours stops it.
_SECONDS_FOR_PUBLISHING: Final = 20.0


def publish(job: Job, vaults: SecretVaults) -> Publication:
    """Swap the pointers and move AWSCURRENT to the pending version; then generation, audit row and event.

    Safe to repeat, and at the same time as another invocation: every write is conditional and knows its own work.

    Raises:
        RotationError: as `VaultRotation.publish`.
    """
    current_id, pending = job.current_version_id(), job.pending()
    # Only a push since setSecret, which has to be staged again, takes the current passphrase.
    rotation = vaults.rotation(
        job,
        vaults.open(job),
        current=lambda: job.current().value,
        pending=pending.value,
        not_before=pending.created_at,
    )
    publication = rotation.publish(
        before_swap=lambda: job.deadline.lift(
            seconds_wanted=_SECONDS_FOR_PUBLISHING, purpose="swapping the pointer and moving the label"
        ),
        promote=lambda: promote(job, away_from=current_id),
        monotonic=job.ports.clock.monotonic,
    )
    race_window_ms = _race_window_ms(job, publication)
    _record(job, vaults, publication, race_window_ms)
    _announce(job, publication, current_id, race_window_ms)
    return publication


def complete(job: Job, vaults: SecretVaults) -> Publication | None:
    """Generation and audit row of a rotation whose label has moved; None if its bundle is not to be found.

    Nothing is announced: whether that is due, the caller knows.
    """
    current = job.current()
    rotation = vaults.rotation(
        job, vaults.open(job), current=current.value, pending=current.value, not_before=current.created_at
    )
    return rotation.complete()


def announce_completed(job: Job, vaults: SecretVaults, publication: Publication) -> None:
    """Tell of a rotation whose label had moved before, and whose end may not be on record yet."""
    _record(job, vaults, publication, None)
    announce_again(job, publication)


def announce_again(job: Job, publication: Publication) -> None:
    """Send the event of a rotation that is on record, for whoever missed it."""
    _announce(job, publication, job.secret.holder(PREVIOUS), None)


def _race_window_ms(job: Job, publication: Publication) -> int | None:
    """Whole milliseconds; only as fine as the store's clock where another invocation swapped."""
    seconds = publication.race_window_seconds
    if seconds is None and publication.swapped_earlier_at is not None:
        seconds = max(0.0, (job.ports.clock.now() - publication.swapped_earlier_at).total_seconds())
    return None if seconds is None else round(seconds * 1000)


def _record(job: Job, vaults: SecretVaults, publication: Publication, race_window_ms: int | None) -> None:
    """In log and metrics: once a rotation, but for a finishSecret that is repeated."""
    journal = job.ports.journal
    journal.count("RotationFinished")
    if race_window_ms is not None:
        journal.milliseconds("RaceWindow", race_window_ms)
    journal.info(
        "passphrase rotated",
        action="secret.rotate.completed",
        actor=vaults.hostname,
        gen=publication.generation.gen,
        prev_gen=publication.generation.prev_gen,
        bundle_ts=str(publication.timestamp),
        race_window_ms=race_window_ms,
        method="programmatic",
    )


def _announce(job: Job, publication: Publication, previous: str | None, race_window_ms: int | None) -> None:
    journal = job.ports.journal
    if publication.lost_row is not None:
        journal.error(
            "the audit row was not appended; the rotation stands, paste the row",
            row=publication.lost_row.line,
            reason=publication.lost_row.reason.what,
        )
    job.emit(
        PassphraseRotationFinished(
            version_id=job.version_id,
            previous_version_id=previous,
            gen=publication.generation.gen,
            prev_gen=publication.generation.prev_gen,
            bundle_ts=str(publication.timestamp),
            race_window_ms=race_window_ms,
        )
    )
