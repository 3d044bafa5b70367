"""After a promotion: whether the consumers were asked to restart, and whether they did."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from check_vaults.naming import name_vault
from vsync_rotation.consumers import Consumer
from vsync_rotation.engine.ports import SecretDirectory
from vsync_rotation.engine.rotation import Job
from vsync_rotation.engine.staging import CURRENT, PENDING, PREVIOUS
from vsync_rotation.events import ConsumersRestarting, KeyRotationFinished
from vsync_rotation.finishing import announce_again, complete
from vsync_rotation.formats.key_secret import parse_key_secret
from vsync_rotation.memory.checks import CheckRecord
from vsync_rotation.memory.ports import Memory
from vsync_rotation.memory.restarts import Restarts, RestartState, restarts_name
from vsync_rotation.possession import key_id_in
from vsync_rotation.secret_vault import SecretVaults
from vsync_rotation.settings import IAM_USER, is_paused

# The promotion's own event leads to restarts within a minute; the next check but one asks again.
_ASKED_AGAIN_AFTER: Final = timedelta(minutes=10)
# A restart that failed, or is not on record, is asked for hourly for a day, and then daily: a person knows by then.
_TRIED_AGAIN_AFTER: Final = timedelta(minutes=55)
_SELDOM_AFTER: Final = timedelta(days=1)
_SELDOM: Final = timedelta(hours=23, minutes=55)


Said = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Aftermath:
    """Looks after the restarts of one secret's consumers. `announce` sends the promotion's own event once more."""

    job: Job
    memory: Memory
    directory: SecretDirectory
    announce: Callable[[Job], None]

    def check(self, record: CheckRecord, consumers: tuple[Consumer, ...]) -> tuple[CheckRecord, Said]:
        """Ask again for restarts that are not on record, or not at their end.

        Returns:
            What is to be remembered, and what is worth saying.
        """
        if not consumers or record.since is None:
            return record, []
        if is_paused(self.job.secret.tags):
            return replace(record, since=self.job.started_at), []  # nobody restarts meanwhile, so nothing ages
        if self.job.started_at - record.since < _ASKED_AGAIN_AFTER or not is_promoted(self.job, self.directory):
            return record, []
        restarts = Restarts.parse(self.memory.recall(restarts_name(self.job.secret.name)))
        if restarts is None or restarts.version_id != record.version_id:
            return self._now_and_then(record, "no restart is on record", lambda: self.announce(self.job))
        states = [_state(restarts, consumer) for consumer in consumers]
        if RestartState.BEGUN in states:
            self._ask()
            return record, [("asked", "restarts are under way")]
        if any(state is not RestartState.RESTARTED for state in states):
            return self._now_and_then(record, "restarts failed, or consumers were declared since", self._ask)
        return record, []

    def _now_and_then(self, record: CheckRecord, why: str, ask: Callable[[], None]) -> tuple[CheckRecord, Said]:
        now = self.job.started_at
        seldom = record.since is not None and now - record.since > _SELDOM_AFTER
        if record.told_at is not None and now - record.told_at < (_SELDOM if seldom else _TRIED_AGAIN_AFTER):
            return record, []
        ask()
        return replace(record, told_at=now), [("asked", why)]

    def _ask(self) -> None:
        self.job.emit(ConsumersRestarting(self.job.version_id))


def since_promotion(job: Job, record: CheckRecord) -> CheckRecord:
    """Note since when the version in AWSCURRENT has been there, as far as checks have seen."""
    if record.version_id == job.version_id:
        return record
    # What was seen under another version says nothing about this one's generation.
    return replace(
        record, version_id=job.version_id, since=job.started_at, told_at=None, gate=None, gen=None, seen=None
    )


def is_promoted(job: Job, directory: SecretDirectory) -> bool:
    """Whether a rotation brought the value, not the person who stored the first one.

    A promoted version keeps AWSPENDING, or the service has taken it off and noted when it rotated: after the version
    was made, where that rotation made it.
    """
    if PENDING in job.secret.labels.get(job.version_id, frozenset()):
        return True
    rotated_at = job.secret.last_rotated_at
    if rotated_at is None or job.secret.holder(PREVIOUS) is None:
        return False
    created_at = directory.version_created_at(job.secret.arn, job.version_id)
    return created_at is not None and created_at <= rotated_at


def announce_key(job: Job) -> None:
    """Send a key rotation's `Rotation Finished` again, from what the secret holds."""
    name_vault(job)
    values = {label: _key_id(job, label) for label in (CURRENT, PREVIOUS)}
    job.emit(
        KeyRotationFinished(
            version_id=job.version_id,
            previous_version_id=job.secret.holder(PREVIOUS),
            iam_user=job.secret.tags.get(IAM_USER, ""),
            access_key_id=values[CURRENT],
            superseded_access_key_id=values[PREVIOUS] if values[PREVIOUS] != values[CURRENT] else None,
        )
    )


def announce_passphrase(job: Job, vaults: SecretVaults) -> None:
    """Send a passphrase rotation's `Rotation Finished` again; where its bundle is gone, only ask for the restarts."""
    publication = complete(job, vaults)
    if publication is None:
        job.emit(ConsumersRestarting(job.version_id))
    else:
        announce_again(job, publication)


def _state(restarts: Restarts, consumer: Consumer) -> RestartState | None:
    restart = restarts.by_name.get(consumer.name)
    return restart.state if restart is not None and restart.consumer == str(consumer) else None


def _key_id(job: Job, label: str) -> str | None:
    holder = job.secret.holder(label)
    version = None if holder is None else job.ports.secrets.find_version(job.secret.arn, holder)
    return None if version is None else key_id_in(parse_key_secret(version.value))
