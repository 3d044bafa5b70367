"""One look at a secret and its user's keys: everything that decides what is next, read anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vsync_rotation.engine.ports import Ports, SecretDescription, SecretVersion
from vsync_rotation.engine.staging import CURRENT
from vsync_rotation.errors import ConcurrentChangeError, ContractError, PermissionDeniedError
from vsync_rotation.formats.key_pair import KeyPair
from vsync_rotation.formats.key_secret import KeySecret, parse_key_secret
from vsync_rotation.gates import Gate, waited_for
from vsync_rotation.keys.evidence import AccessKey, Evidence, KeyStatus, LastUse
from vsync_rotation.keys.marks import AccessKeyId, UserMarks
from vsync_rotation.keys.ports import AccessKeys, Alarms
from vsync_rotation.keys.retirement import Circumstances, Verdict, next_for
from vsync_rotation.memory.checks import CheckRecord, checks_name
from vsync_rotation.memory.ports import Memory
from vsync_rotation.memory.restarts import Restarts, RestartState, restarts_name
from vsync_rotation.possession import holders, key_id_in
from vsync_rotation.settings import KeySettings
from vsync_rotation.vault.layouts import default_repo

_NEVER: Final = LastUse(None, "N/A", "N/A")


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen: the keys, the user's tags, and the verdict on each key. `current_id` is None for a location."""

    secret: SecretDescription
    current_id: AccessKeyId | None
    keys: tuple[AccessKey, ...]
    marks: UserMarks
    evidence: Evidence
    around: Circumstances
    repo: str | None
    env: str | None

    def verdict(self, key: AccessKey) -> Verdict:
        """What is next for the key. Asked only by who acts on it: an order to revoke needs none of what decides."""
        return next_for(key, self.around)

    def labels_of(self, key: AccessKey) -> frozenset[str]:
        """The labels of the versions that hold the key."""
        return self.evidence.holders.get(key.key_id, frozenset())

    def key(self, key_id: AccessKeyId) -> AccessKey | None:
        """The key, if the user has it."""
        return next((key for key in self.keys if key.key_id == key_id), None)


@dataclass(frozen=True, slots=True)
class Lookout:
    """Looks. Nothing here changes anything."""

    keys: AccessKeys
    alarms: Alarms
    memory: Memory
    ports: Ports

    def look(self, secret_id: str, settings: KeySettings) -> Look:
        """Read secret, keys and tags, and decide.

        Raises:
            ContractError: the secret has no value yet.
            ConcurrentChangeError: its labels are on the move.
            RotationError: AWSCURRENT cannot be read, a tag that decides is malformed, or a service did not answer.
        """
        secret = self.ports.secrets.describe(secret_id)
        version_id = secret.holder(CURRENT)
        if version_id is None:
            raise ContractError("the secret has no value yet", remedy="store its first value")
        current = self.ports.secrets.find(secret.arn, version_id=version_id, label=CURRENT)
        if current is None:
            raise ConcurrentChangeError("AWSCURRENT is on the move", remedy="let it be tried again")
        value = parse_key_secret(current.value)
        user = settings.iam_user
        found, marks = self.keys.of(user), UserMarks(self.keys.tags(user))
        current_id = key_id_in(value)
        held = self._holders(secret, current, current_id, found)
        evidence = Evidence(
            marks=marks,
            holders=held,
            now=self.ports.clock.now(),
            overlap_hours=settings.overlap_hours,
            inactive_hours=settings.inactive_hours,
            deletion_alarm=settings.deletion_alarm,
            alarm_ok=lambda: settings.deletion_alarm is None or self.alarms.is_ok(settings.deletion_alarm),
            last_used_at=lambda key_id: self.last_use(key_id).at,
        )
        around = Circumstances(
            evidence=evidence,
            max_overlap_hours=settings.max_overlap_hours,
            current_made_at=next(
                (key.created_at for key in found if key.key_id == current_id and key.status is KeyStatus.ACTIVE), None
            ),
            last_use=self.last_use,
            not_restarted=lambda: self._not_restarted(secret, version_id, settings),
            gates_open=lambda: self._waited_for(secret, version_id, settings),
        )
        repo, env = _place(value, settings)
        return Look(secret, current_id, found, marks, evidence, around, repo, env)

    def _holders(
        self,
        secret: SecretDescription,
        current: SecretVersion,
        current_id: AccessKeyId | None,
        found: Sequence[AccessKey],
    ) -> dict[AccessKeyId, frozenset[str]]:
        """Which labels hold which key. Most users have one key, the current one: then no other version is read."""
        if current_id is not None and [key.key_id for key in found] == [current_id]:
            return {current_id: secret.labels.get(current.version_id, frozenset())}
        return holders(self.ports.secrets, secret.arn, secret.labels, found, {current.version_id: current})

    def last_use(self, key_id: AccessKeyId) -> LastUse:
        """When and by what the key was last used; a key that is gone was never used."""
        owner = self.keys.owner(key_id)
        return _NEVER if owner is None else owner.last_use

    def is_gone(self, key_id: AccessKeyId) -> bool:
        """Whether the key, which a list of its user's keys left out, is nobody's any more.

        A list may be late by seconds, so that IAM is asked for the key itself. Some accounts are denied an answer on
        a key that is not there: then the list stands.
        """
        try:
            return self.keys.owner(key_id) is None
        except PermissionDeniedError:
            return True

    def _not_restarted(self, secret: SecretDescription, version_id: str, settings: KeySettings) -> tuple[str, ...]:
        """The declared consumers of which it is not on record that they restarted for the version in AWSCURRENT."""
        declared = {consumer.name: str(consumer) for consumer in settings.consumers}
        if not declared:
            return ()
        record = Restarts.parse(self._recalled(restarts_name(secret.name)))
        if record is None or record.version_id != version_id:
            return tuple(declared)
        done = {
            name: restart.consumer
            for name, restart in record.by_name.items()
            if restart.state is RestartState.RESTARTED
        }
        return tuple(name for name, consumer in declared.items() if done.get(name) != consumer)

    def _waited_for(self, secret: SecretDescription, version_id: str, settings: KeySettings) -> tuple[str, ...]:
        """The consumers whose health has not shown the version in AWSCURRENT yet, as far as the checks have asked."""
        if not settings.health_urls:
            return ()
        record = CheckRecord.parse(self._recalled(checks_name(secret.name)))
        return waited_for(Gate.of_json(record.gate), version_id, settings.health_urls)

    def _recalled(self, name: str) -> str | None:
        """What may not be read counts as not on record: then the consumers are waited for."""
        try:
            return self.memory.recall(name)
        except PermissionDeniedError as error:
            self.ports.journal.warning("what became of consumers may not be read", reason=error.what)
            return None


def _place(value: KeySecret, settings: KeySettings) -> tuple[str | None, str | None]:
    if isinstance(value, KeyPair):
        return settings.repo, None
    return settings.repo or default_repo(value.config.prefix), value.config.env
