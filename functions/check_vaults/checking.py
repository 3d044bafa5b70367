"""One secret after the other: rotation, vault, consumers; what is remembered is written once, at the end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any, Final

from check_vaults.aftermath import Aftermath, announce_key, announce_passphrase, since_promotion
from check_vaults.health_gate import HealthGate
from check_vaults.pruning import prune_vault
from check_vaults.rotation_health import check_rotation
from check_vaults.standing import take_down
from check_vaults.vault_health import VaultHealth
from vsync_rotation.consumers import CONSUMER, HEALTH, Consumer, each_consumer, without_consumers
from vsync_rotation.engine.deadline import Deadline
from vsync_rotation.engine.ports import Ports, SecretDescription, SecretDirectory
from vsync_rotation.engine.rotation import Job
from vsync_rotation.engine.staging import CURRENT
from vsync_rotation.errors import ContractError, PermissionDeniedError, RotationError, UnreachableError
from vsync_rotation.events import Subject
from vsync_rotation.fleet import Outcome, order_fields, reporting, serve_all, serve_one, served_here
from vsync_rotation.gates import HealthProbe
from vsync_rotation.memory.checks import CheckRecord, checks_name
from vsync_rotation.memory.ports import Memory
from vsync_rotation.secret_vault import SecretVaults
from vsync_rotation.settings import KIND, Kind

_PURPOSE: Final = "checking"
_KNOWN: Final = ("secret_id",)

Said = list[tuple[str, str]]
Check = Callable[[CheckRecord], tuple[CheckRecord, Said]]


@dataclass(frozen=True, slots=True)
class Checks:
    """Checks one secret or all of them. Every method may be repeated.

    `serves` is what a secret's tag `vsync-rotation:served-by` has to name where all are checked; None: every one is.
    """

    vaults: SecretVaults
    memory: Memory
    directory: SecretDirectory
    probe: HealthProbe
    ports: Ports
    deadline: Deadline
    serves: str | None

    def carry_out(self, event: object) -> dict[str, Any]:
        """Check what the event names.

        Raises:
            RotationError: one secret was named and could not be checked; or the event is no order.
        """
        with reporting(_PURPOSE, self.ports):
            return self._carry_out(event)

    def _carry_out(self, event: object) -> dict[str, Any]:
        secret_id = order_fields(event, _KNOWN).get("secret_id")
        if secret_id is not None:
            secret = self.ports.secrets.describe(secret_id)
            return serve_one(secret, self._check, _PURPOSE, self.ports).as_json()
        fleet = chain(self.directory.of_kind(Kind.VAULT_PASSPHRASE), self.directory.of_kind(Kind.IAM_ACCESS_KEY))
        served = served_here(fleet, self.serves, self.ports)
        return serve_all(served, self._described_and_checked, _PURPOSE, self.ports, self.deadline).as_json()

    def _described_and_checked(self, listed: SecretDescription) -> list[Outcome]:
        """A listing may be minutes late; what is acted on is described anew."""
        return self._check(self.ports.secrets.describe(listed.arn))

    def _check(self, secret: SecretDescription) -> list[Outcome]:
        kind = _kind(secret)
        if secret.scheduled_for_deletion:
            return [_outcome(secret, "left alone", "the secret is scheduled for deletion")]
        version_id = secret.holder(CURRENT)
        if version_id is None:
            return [_outcome(secret, "left alone", "the secret has no value yet")]
        job = Job(
            secret=secret,
            version_id=version_id,
            rotation_token=None,
            ports=self.ports,
            deadline=self.deadline,
            started_at=self.ports.clock.now(),
            subject=Subject(secret.arn, secret.name, kind),
        )
        name = checks_name(secret.name)
        text, unread = self._recalled(name)
        before = CheckRecord.parse(text)
        # Only who waits for consumers has to know since when: other secrets need no parameter for that.
        declares = any(tag.startswith((CONSUMER, HEALTH)) for tag in secret.tags)
        since = since_promotion(job, before) if declares else replace(before, version_id=None, since=None, gate=None)
        after, said, failure = _each(since, self._parts(job, kind))
        take_down(job, after)
        if unread is None:
            self._remember(name, text, after)
        failure = unread or failure
        if failure is not None:
            raise failure
        return [_outcome(secret, action, reason) for action, reason in said]

    def _parts(self, job: Job, kind: Kind) -> tuple[Check, ...]:
        """In the order of what matters most to somebody who cannot boot."""
        rotation = partial(_rotation, job, self.directory)
        gate = HealthGate(job, kind, self.probe, self.directory)
        if kind is Kind.IAM_ACCESS_KEY:
            aftermath = Aftermath(job, self.memory, self.directory, announce_key)
            return rotation, partial(_aftermath, job, aftermath), gate.check
        # A typing error in what is declared about consumers must not hide what is wrong with the vault.
        of_the_vault = replace(job, secret=replace(job.secret, tags=without_consumers(job.secret.tags)))
        announce = partial(announce_passphrase, vaults=self.vaults)
        aftermath = Aftermath(job, self.memory, self.directory, announce)
        return (
            partial(_vault, of_the_vault, self.vaults, job),
            rotation,
            partial(_aftermath, job, aftermath),
            gate.check,
        )

    def _recalled(self, name: str) -> tuple[str | None, RotationError | None]:
        """What cannot be read counts as nothing and is not written: a torn vault locks out, a second report not."""
        try:
            text = self.memory.recall(name)
        except (PermissionDeniedError, UnreachableError) as error:
            error.safe = "the vault was looked at all the same, and what was found is not remembered"
            return None, error
        return text, None

    def _remember(self, name: str, text: str | None, record: CheckRecord) -> None:
        if record == CheckRecord():
            if text is not None:
                self.memory.forget(name)
        elif (encoded := record.encode()) != text:
            self.memory.remember(name, encoded)


def _each(record: CheckRecord, parts: tuple[Check, ...]) -> tuple[CheckRecord, Said, RotationError | None]:
    """Every part, whatever another one meets; the first failure is told when all are done."""
    said: Said = []
    failure: RotationError | None = None
    for check in parts:
        try:
            record, further = check(record)
        except RotationError as error:
            failure = failure or error
        else:
            said += further
    return record, said, failure


def _vault(job: Job, vaults: SecretVaults, whole: Job, record: CheckRecord) -> tuple[CheckRecord, Said]:
    """What could not be looked at is not pruned: what is superseded may be all that opens."""
    health = VaultHealth(job, vaults, record)
    try:
        after = health.check()
    finally:
        whole.subject = job.subject  # the other parts' events name the vault too
    if not health.is_well:
        return after, health.outcomes
    after, pruned = prune_vault(job, vaults, after)
    return after, health.outcomes + pruned


def _rotation(job: Job, directory: SecretDirectory, record: CheckRecord) -> tuple[CheckRecord, Said]:
    found = check_rotation(job, directory, record.rotation)
    new = [(f"rotation {kind}", about) for kind, about in found.items() if record.rotation.get(kind) != about]
    return replace(record, rotation=found), new


def _aftermath(job: Job, aftermath: Aftermath, record: CheckRecord) -> tuple[CheckRecord, Said]:
    # A tag nobody can read is reported by whoever restarts; the others are followed all the same.
    declared = each_consumer(job.secret.tags)
    return aftermath.check(record, tuple(item for item in declared if isinstance(item, Consumer)))


def _kind(secret: SecretDescription) -> Kind:
    kinds: Mapping[str, Kind] = {str(kind): kind for kind in Kind}
    found = secret.tags.get(KIND, "")
    if found not in kinds:
        raise ContractError(
            f"tag {KIND} is missing or none that is known", remedy=f"set it to one of {', '.join(kinds)}"
        )
    return kinds[found]


def _outcome(secret: SecretDescription, action: str, reason: str) -> Outcome:
    return {"secret": secret.name, "action": action, "reason": reason}
