"""How a secret stands after a check, for dashboards and alarms: a log line and metrics, in every run, while it lasts.

Events and `VaultDrift` tell of what is new, once; an alarm needs what is still so, and a table needs every secret.
"""

from typing import Final

from check_vaults.rotation_health import OVERDUE, STUCK
from vsync_rotation.engine.rotation import Job
from vsync_rotation.events import iso_utc
from vsync_rotation.memory.checks import CheckRecord

_METRICS: Final = {STUCK: "RotationStuck", OVERDUE: "RotationOverdue"}


def take_down(job: Job, record: CheckRecord) -> None:
    """Write what is known of the secret now; what a check could not look at is as it was last seen."""
    journal, secret = job.ports.journal, job.secret
    for _ in record.findings:
        journal.count("VaultInDrift")
    for kind in record.rotation:
        if kind in _METRICS:
            journal.count(_METRICS[kind])
    rotated, due = secret.last_rotated_at, secret.next_rotation_at
    journal.info(
        "secret checked",
        action="secret.checked",
        kind=job.subject.kind,
        last_rotated_at=None if rotated is None else iso_utc(rotated),
        next_rotation_at=None if due is None else iso_utc(due),
        gen=record.gen,
        drift=[f"{found.layout}: {found.reason}" for found in record.findings.values()],
        rotation=sorted(record.rotation),
    )
