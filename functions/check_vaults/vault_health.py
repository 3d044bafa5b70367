"""One vault: whether it is as it was, and if not, what is wrong with it, what is mended, and what is reported."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from check_vaults.sameness import etag_at, is_as_seen, seen_now
from vsync_rotation.crypto.key_derivation import derive_key
from vsync_rotation.engine.ports import SecretVersion
from vsync_rotation.engine.rotation import Job
from vsync_rotation.engine.staging import PENDING, PREVIOUS
from vsync_rotation.errors import RotationError
from vsync_rotation.events import TornRotationCompleted, VaultDriftDetected, VaultWellAgain
from vsync_rotation.finishing import announce_completed, complete, publish
from vsync_rotation.memory.checks import CheckRecord, Reported
from vsync_rotation.redacted import SecretBytes, SecretText
from vsync_rotation.secret_vault import SecretVault, SecretVaults
from vsync_rotation.settings import is_paused
from vsync_rotation.vault.generations import read_cells
from vsync_rotation.vault.healing import Healing
from vsync_rotation.vault.inspection import Finding, Inspected, inspect
from vsync_rotation.vault.key_ring import KeyRing

# The longest a Lambda function can run: a pending version older than this is nobody's work any more.
TORN_AFTER: Final = timedelta(minutes=15)
# How long a promotion whose bundle was pushed over is still looked for, to count it.
_LOOKED_FOR: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Versions:
    """The values a vault may open with."""

    current: SecretVersion
    pending: SecretVersion | None
    previous: SecretVersion | None

    def is_resting(self, now: datetime) -> bool:
        """Whether no rotation can be at work: no pending version, or one that is older than any invocation."""
        return self.pending is None or now - self.pending.created_at >= TORN_AFTER


@dataclass(slots=True)
class VaultHealth:
    """Checks one vault. `outcomes` collects what is worth saying."""

    job: Job
    vaults: SecretVaults
    record: CheckRecord
    outcomes: list[tuple[str, str]] = field(default_factory=list)
    is_well: bool = False
    """Whether this check saw that every layout opens, or that nothing has changed since one saw it."""

    def check(self) -> CheckRecord:
        """What is to be remembered afterwards.

        Safe to repeat and beside a rotation, a push or another check: it reads, or writes conditionally.

        Raises:
            RotationError: something could not be read; nothing is concluded from that.
        """
        if is_as_seen(self.job, self.vaults, self.record.seen):
            self.is_well = True
            return self.record
        vault = self.vaults.open(self.job)
        versions = self._versions()
        cells_before = {
            layout.generation_key: etag_at(vault.store, layout.generation_key) for layout in vault.site.layouts
        }
        known = {} if self.record.seen is None else self.record.seen.objects
        inspected = inspect(
            vault.store,
            vault.site,
            _keys(vault, versions),
            vault.settings.repair,
            {key for key, etag in known.items() if etag is not None} | self.record.findings.keys(),
        )
        if any(item.finding for item in inspected) and not self._labels_stand():
            self.outcomes.append(("left alone", "a label moved while the vault was looked at; the next check decides"))
            return self.record
        if not inspected:
            self.outcomes.append(("left alone", "the vault was never pushed"))
            return replace(self.record, seen=None)
        findings = {item.layout.pointer_key: item for item in inspected if item.finding is not None}
        findings = self._reported(self._mended(vault, versions, findings), versions)
        # What was mended is looked at once more by the next check, under the labels there are then.
        well = all(item.finding is None for item in inspected)
        settled = self.is_well = well and self._is_counted(vault, versions, inspected)
        return replace(
            self.record,
            seen=seen_now(self.job, vault, inspected, cells_before) if settled else None,
            findings={key: Reported(item.layout.name, str(item.finding)) for key, item in findings.items()},
            # Before the promotion is counted, the cells tell of the one before: a gate must not open on that.
            gen=_gen(vault, inspected) if settled else self.record.gen,
        )

    def _labels_stand(self) -> bool:
        return self.job.ports.secrets.describe(self.job.secret.arn).labels == self.job.secret.labels

    # What is read.

    def _versions(self) -> Versions:
        current, secrets, secret = self.job.current(), self.job.ports.secrets, self.job.secret
        pending_id, previous_id = secret.holder(PENDING), secret.holder(PREVIOUS)
        pending = None
        # The label stays on a version that was promoted. One that lost AWSCURRENT again, to a person's move, was not
        # torn: completing it would undo that move.
        if pending_id is not None and pending_id not in {current.version_id, previous_id}:
            pending = secrets.find(secret.arn, version_id=pending_id, label=PENDING)
        previous = None if previous_id is None else secrets.find_version(secret.arn, previous_id)
        return Versions(current, pending, previous)

    # What is mended.

    def _mended(self, vault: SecretVault, versions: Versions, findings: dict[str, Inspected]) -> dict[str, Inspected]:
        """What is left of the findings. What cannot be mended is reported like any other."""
        if is_paused(self.job.secret.tags):
            return findings
        left = self._healed(vault, versions, findings)
        return self._completed(versions, left)

    def _healed(self, vault: SecretVault, versions: Versions, findings: dict[str, Inspected]) -> dict[str, Inspected]:
        stale = {key: item for key, item in findings.items() if item.finding is Finding.OPENS_WITH_PREVIOUS}
        if not (stale and vault.settings.heal and versions.previous and versions.is_resting(self.job.started_at)):
            return findings
        self._report(stale)
        healing = Healing(
            store=vault.store,
            site=vault.site,
            keys=KeyRing(
                salt=vault.config.salt,
                iterations=vault.config.iterations,
                current=versions.previous.value,
                pending=versions.current.value,
            ),
            current_version_id=versions.current.version_id,
            not_before=versions.current.created_at,
            repair=vault.settings.repair,
            random=self.vaults.random,
        )
        try:
            timestamp = healing.heal([item.layout for item in stale.values()])
        except RotationError as error:
            self._could_not("heal", error)
            return findings
        self.outcomes.append(("healed", f"put under the current passphrase as {timestamp}"))
        self.job.ports.journal.info("vault healed", bundle_ts=str(timestamp), layouts=_names(stale))
        return {key: item for key, item in findings.items() if key not in stale}

    def _completed(self, versions: Versions, findings: dict[str, Inspected]) -> dict[str, Inspected]:
        torn = {key: item for key, item in findings.items() if item.finding is Finding.OPENS_WITH_PENDING}
        if not (torn and versions.pending and versions.is_resting(self.job.started_at)):
            return findings
        job = replace(self.job, version_id=versions.pending.version_id)
        try:
            publication = publish(job, self.vaults)
        except RotationError as error:
            self._could_not("complete the torn rotation", error)
            return findings
        self._completed_rotation(job, publication.generation.gen)
        return {key: item for key, item in findings.items() if key not in torn}

    def _completed_rotation(self, job: Job, gen: int) -> None:
        self.outcomes.append(("completed", f"torn rotation of version {job.version_id}, gen {gen}"))
        job.ports.journal.count("TornRotationCompleted")
        job.emit(TornRotationCompleted(job.version_id, gen))

    def _is_counted(self, vault: SecretVault, versions: Versions, inspected: tuple[Inspected, ...]) -> bool:
        """Whether generation and audit row of the promotion stand. What is missing is written and announced.

        Not while finishSecret may still be about to write it itself.
        """
        current, age = versions.current, self.job.started_at - versions.current.created_at
        own = any(item.live is not None and item.live.made_for(current.version_id) for item in inspected)
        if is_paused(self.job.secret.tags) or not (own or age < _LOOKED_FOR):
            return True
        job = replace(self.job, version_id=current.version_id)
        rotation = self.vaults.rotation(
            job, vault, current=current.value, pending=current.value, not_before=current.created_at
        )
        if rotation.is_recorded():
            return True
        if age < TORN_AFTER:
            return False
        publication = complete(job, self.vaults)
        if publication is not None and publication.lost_row is not None:
            # Announced by whoever lost it first; it may not be written for weeks.
            self._could_not("append the audit row", publication.lost_row.reason)
        elif publication is not None:
            announce_completed(job, self.vaults, publication)
            self._completed_rotation(job, publication.generation.gen)
        return False

    def _could_not(self, purpose: str, error: RotationError) -> None:
        self.job.ports.journal.error(f"could not {purpose}: {error.what}", error=type(error).__name__)
        self.outcomes.append(("failed", f"could not {purpose}: {error.what}"))

    # What is reported.

    def _reported(self, findings: dict[str, Inspected], versions: Versions) -> dict[str, Inspected]:
        """Report what is new and what is well again. A rotation that may still be at work is no finding yet."""
        if not versions.is_resting(self.job.started_at):
            findings = {key: item for key, item in findings.items() if item.finding is not Finding.OPENS_WITH_PENDING}
        self._report(findings)
        for key, was in self.record.findings.items():
            if key not in findings:
                self.job.emit(VaultWellAgain(was.layout, was.reason))
                self.outcomes.append(("well again", f"{was.layout}: {was.reason}"))
        return findings

    def _report(self, findings: Mapping[str, Inspected]) -> None:
        """Each finding once: what was reported goes into the record, also where it is mended at once."""
        reported = dict(self.record.findings)
        for key, item in findings.items():
            found = Reported(item.layout.name, str(item.finding))
            if reported.get(key) == found:
                continue
            reported[key] = found
            self.job.ports.journal.error("vault drift", layout=found.layout, reason=found.reason)
            self.job.ports.journal.count("VaultDrift")
            self.job.emit(VaultDriftDetected(found.layout, found.reason))
            self.outcomes.append(("drift", f"{found.layout}: {found.reason}"))
        self.record = replace(self.record, findings=reported)


def _keys(vault: SecretVault, versions: Versions) -> dict[str, Callable[[], SecretBytes]]:
    values = {"current": versions.current, "pending": versions.pending, "previous": versions.previous}
    return {label: _key(vault, version.value) for label, version in values.items() if version is not None}


def _key(vault: SecretVault, passphrase: SecretText) -> Callable[[], SecretBytes]:
    return cache(lambda: derive_key(passphrase, salt=vault.config.salt, iterations=vault.config.iterations))


def _gen(vault: SecretVault, inspected: tuple[Inspected, ...]) -> int:
    lives = [item.live.found for item in inspected if item.live is not None]
    return max((cell.value.gen for cell in read_cells(vault.store, lives)), default=0)


def _names(findings: Mapping[str, Inspected]) -> list[str]:
    return [item.layout.name for item in findings.values()]
