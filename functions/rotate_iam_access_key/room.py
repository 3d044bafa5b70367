"""Room for one more key: whose the current one is, and which other one may go."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from vsync_rotation.engine.ports import SecretVersion
from vsync_rotation.engine.rotation import Job
from vsync_rotation.engine.settling import read_until
from vsync_rotation.errors import (
    ConcurrentChangeError,
    ForeignKeyError,
    PermissionDeniedError,
    RotationError,
    still_safe,
)
from vsync_rotation.events import KeyDeleted, OrphanKeyDeleted
from vsync_rotation.formats.config_blob import Location
from vsync_rotation.formats.credentials import Credentials
from vsync_rotation.formats.key_secret import KeySecret
from vsync_rotation.keys.evidence import INTENT_REACH, AccessKey, Deletion, Evidence, KeyStatus
from vsync_rotation.keys.marks import AccessKeyId, KeyMarks, UserMarks
from vsync_rotation.keys.ports import AccessKeys, Alarms, KeyProbe
from vsync_rotation.keys.slots import plan_slots
from vsync_rotation.possession import holders
from vsync_rotation.settings import IAM_USER, KeySettings

_UNMARKED: Final = KeyMarks(None, None, None, None, None)


class RoomMaker:
    """Frees a slot where that is provably harmless, and refuses where it is not."""

    def __init__(self, job: Job, settings: KeySettings, keys: AccessKeys, identity: KeyProbe, alarms: Alarms) -> None:
        self._job = job
        self._settings = settings
        self._user = settings.iam_user
        self._keys = keys
        self._identity = identity
        self._alarms = alarms

    def make_room(self, current: SecretVersion, value: KeySecret) -> tuple[tuple[AccessKeyId, ...], UserMarks]:
        """Delete what the plan allows. Safe to repeat: what is gone is not planned again.

        Returns:
            The keys that stay, and the user's tags as they were read.

        Raises:
            ForeignKeyError: the current key is another user's, or the slot is taken by a key that is not ours.
            KeySlotsFullError: the slot is taken by a superseded key that is not free yet.
        """
        current_id = None if isinstance(value, Location) else AccessKeyId(value.credentials.access_key_id)
        keys, marks = read_until(
            self._read, lambda found: self._is_settled(current_id, *found), self._job.ports.clock, self._job.deadline
        )
        if not isinstance(value, Location) and current_id not in {key.key_id for key in keys}:
            self._require_not_of_another(value.credentials)
        if self._is_repeated(marks) and self._job.settled_pending() is not None:
            raise ConcurrentChangeError(
                "an earlier try has stored the pending value, which was not seen at first",
                safe="AWSCURRENT and its key are as before, and so is the pending key",
                remedy="let it be tried again",
            )
        self._untag(marks.stale({key.key_id for key in keys}, self._job.started_at))
        others = [key for key in keys if key.key_id != current_id]
        if not others:
            return tuple(key.key_id for key in keys), marks
        deletions = plan_slots(self._user, current_id, keys, self._evidence(marks, others, current))
        gone = {key.key_id for key, _ in deletions}
        with still_safe(f"no other key was touched than {', '.join(gone)}, which may be inactive or gone"):
            for key, reason in deletions:
                if reason is Deletion.ORPHAN:
                    self._withdraw(key, marks, others, current)
                self._delete(key, reason, marks)
        return tuple(key.key_id for key in keys if key.key_id not in gone), marks

    def _read(self) -> tuple[tuple[AccessKey, ...], UserMarks]:
        keys, marks = self._keys.of(self._user), UserMarks(self._keys.tags(self._user))
        marks.intent()  # a malformed one must be known before anything is deleted
        return keys, marks

    def _is_repeated(self, marks: UserMarks) -> bool:
        """Whether an earlier try of this rotation was about to make a key."""
        intent = marks.intent()
        return intent is not None and intent.version_id == self._job.version_id

    def _is_settled(self, current: AccessKeyId | None, keys: Sequence[AccessKey], marks: UserMarks) -> bool:
        """Whether keys and tags explain each other. Where they do not, one of them may be late."""
        intent, now = marks.intent(), self._job.started_at
        others = [key for key in keys if key.key_id != current]
        if intent is not None and self._is_repeated(marks) and now - intent.at < INTENT_REACH:
            return any(key.key_id not in intent.existing for key in others)
        if current is not None or intent is not None:
            return True  # a key that nothing explains is refused, and explained when the service tries again
        return not any(marks.of(key.key_id) == _UNMARKED and now - key.created_at < INTENT_REACH for key in others)

    def _require_not_of_another(self, credentials: Credentials) -> None:
        """The secret's value is input: its key must be the tagged user's, or no working key at all (an incident)."""
        try:
            owner = self._keys.owner(AccessKeyId(credentials.access_key_id))
            other = None if owner is None else owner.user
        except PermissionDeniedError:
            # IAM refuses both for another user's key and for one that is gone; the key itself can tell.
            other = self._identity.user_of(credentials)()
        if other is not None and other != self._user:
            raise ForeignKeyError(
                f"the key in AWSCURRENT belongs to {other}, the tag {IAM_USER} names {self._user}",
                remedy=f"correct the tag {IAM_USER}, or the value of the secret",
            )

    def _evidence(self, marks: UserMarks, others: Sequence[AccessKey], current: SecretVersion) -> Evidence:
        secrets, secret_id = self._job.ports.secrets, self._job.secret.arn
        labels_now = secrets.describe(secret_id).labels
        alarm = self._settings.deletion_alarm
        return Evidence(
            marks=marks,
            holders=holders(secrets, secret_id, labels_now, others, {current.version_id: current}),
            now=self._job.started_at,
            overlap_hours=self._settings.overlap_hours,
            inactive_hours=self._settings.inactive_hours,
            deletion_alarm=alarm,
            alarm_ok=lambda: alarm is None or self._alarms.is_ok(alarm),
            last_used_at=self._last_used_at,
        )

    def _last_used_at(self, key_id: AccessKeyId) -> datetime | None:
        owner = self._keys.owner(key_id)
        return None if owner is None else owner.last_use.at

    def _withdraw(self, key: AccessKey, marks: UserMarks, others: Sequence[AccessKey], current: SecretVersion) -> None:
        """Deactivate an orphan and look again: another invocation that is running still may have stored it meanwhile.

        Deleting cannot be taken back, deactivating can.
        """
        self._keys.set_status(self._user, key.key_id, KeyStatus.INACTIVE)
        try:
            held = self._evidence(marks, others, current).holders.get(key.key_id)
        except RotationError:
            self._keys.set_status(self._user, key.key_id, key.status)
            raise
        if held:
            self._keys.set_status(self._user, key.key_id, key.status)
            raise ConcurrentChangeError(
                f"another invocation has stored key {key.key_id} meanwhile",
                safe="the key is as it was",
                remedy="let it be tried again",
            )

    def _delete(self, key: AccessKey, reason: Deletion, marks: UserMarks) -> None:
        self._keys.delete(self._user, key.key_id)
        self._job.ports.journal.info("access key deleted", iam_user=self._user, access_key_id=key.key_id, reason=reason)
        event = OrphanKeyDeleted if reason is Deletion.ORPHAN else KeyDeleted
        self._job.emit(event(iam_user=self._user, access_key_id=key.key_id, reason=reason))
        self._untag(marks.tags_of(key.key_id))

    def _untag(self, tags: Sequence[str]) -> None:
        """Best effort: a tag of a key that is gone says nothing about any other."""
        if not tags:
            return
        try:
            self._keys.untag(self._user, tags)
        except RotationError as error:
            self._job.ports.journal.warning("tags of a deleted key stay behind", tags=list(tags), reason=error.what)
