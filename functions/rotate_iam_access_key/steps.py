"""The access key's four steps."""

from typing import ClassVar

from rotate_iam_access_key.minting import Minting
from rotate_iam_access_key.proving import prove
from rotate_iam_access_key.room import RoomMaker
from vsync_rotation.engine.ports import SecretVersion
from vsync_rotation.engine.promotion import promote
from vsync_rotation.engine.rotation import Job, Rotation
from vsync_rotation.engine.staging import PENDING, PREVIOUS
from vsync_rotation.errors import ConcurrentChangeError, PermissionDeniedError, RotationError, SettingsError, still_safe
from vsync_rotation.events import KeyRotationFinished
from vsync_rotation.formats.config_blob import ConfigBlob, Location
from vsync_rotation.formats.key_pair import KeyPair
from vsync_rotation.formats.key_secret import KeySecret, differs_in_credentials_only, parse_key_secret
from vsync_rotation.keys.marks import PROMOTED, AccessKeyId, UserMarks, promoted_tag, superseded_tag
from vsync_rotation.keys.ports import AccessKeys, Alarms, KeyProbe
from vsync_rotation.possession import key_id_in
from vsync_rotation.settings import KeySettings, Kind, key_settings, unknown_tags
from vsync_rotation.vault.layouts import default_repo
from vsync_rotation.vault.ports import VaultStores


class IamAccessKeyRotation(Rotation):
    """Rotates the access key of one IAM user. Each step completes what an earlier run of it left."""

    kind: ClassVar[Kind] = Kind.IAM_ACCESS_KEY

    def __init__(self, keys: AccessKeys, identity: KeyProbe, alarms: Alarms, stores: VaultStores, actor: str) -> None:
        self._keys = keys
        self._identity = identity
        self._alarms = alarms
        self._stores = stores
        self._actor = actor

    def create_secret(self, job: Job) -> None:
        """Make a key beside the current one and store the value with it."""
        for tag in unknown_tags(job.secret.tags):
            job.ports.journal.warning("a tag of ours that this release does not know", tag=tag)
        settings = key_settings(job.secret.tags)
        current = job.current()
        value = self._read(job, settings, current)
        self._require_iam(value)
        room = RoomMaker(job, settings, self._keys, self._identity, self._alarms)
        existing, marks = room.make_room(current, value)
        with still_safe("AWSCURRENT and its key are as before"):
            Minting(job, settings.iam_user, self._keys).mint(value, existing, marks)

    def already_created(self, job: Job, pending: SecretVersion) -> None:
        """Remove the intent that a crash after storing may have left."""
        settings = key_settings(job.secret.tags)
        Minting(job, settings.iam_user, self._keys).tidy(key_id_in(self._read(job, settings, pending)))

    def set_secret(self, job: Job) -> None:
        """Nothing: an IAM key is live once made."""

    def test_secret(self, job: Job, pending: SecretVersion) -> None:
        """Prove the new key with nothing but itself."""
        try:
            self._prove(job, pending)
        except PermissionDeniedError:
            self._require_existing(job, pending)
            raise

    def test_current(self, job: Job, current: SecretVersion) -> None:
        """Prove the key in AWSCURRENT, or that a location is one."""
        self._prove(job, current)

    def finish_secret(self, job: Job) -> None:
        """Move AWSCURRENT and mark the old key superseded."""
        settings = key_settings(job.secret.tags)
        current, pending = job.current(), job.pending()
        old, new = self._read(job, settings, current), self._read(job, settings, pending)
        if not differs_in_credentials_only(old, new):
            raise _changed_meanwhile(job)
        promoted = key_id_in(new)
        if promoted is not None:
            # Before the label moves, and not best effort: afterwards nothing else may tell that the key was promoted.
            self._keys.tag(settings.iam_user, promoted_tag(promoted, job.started_at))
        holder = promote(job, away_from=current.version_id)
        if holder != job.version_id:
            self._unmark_promoted(job, settings.iam_user, promoted)
            raise ConcurrentChangeError(
                f"version {holder} became AWSCURRENT while this rotation was about to promote its own",
                safe="AWSCURRENT is what somebody else made it; the new key was not promoted",
                remedy="check the value in AWSCURRENT, then rotate again",
            )
        superseded = key_id_in(old) if key_id_in(old) != promoted else None
        if superseded is not None:
            self._mark_superseded(job, settings.iam_user, superseded)
        self._announce(job, settings.iam_user, promoted, superseded, current.version_id)

    def complete(self, job: Job) -> None:
        """The mark, the audit line and the event of a rotation whose label has moved."""
        settings = key_settings(job.secret.tags)
        new = key_id_in(self._read(job, settings, job.current()))
        # By version id, whose value never changes: by label alone it may be the one before, right after the move.
        holder = job.secret.holder(PREVIOUS)
        previous = None if holder is None else job.ports.secrets.find_version(job.secret.arn, holder)
        old = None if previous is None else key_id_in(parse_key_secret(previous.value))
        superseded = old if old != new else None
        if superseded is not None and superseded in {key.key_id for key in self._keys.of(settings.iam_user)}:
            marks = UserMarks(self._keys.tags(settings.iam_user))
            if marks.of(superseded).superseded_at is None:
                self._mark_superseded(job, settings.iam_user, superseded)
        self._announce(job, settings.iam_user, new, superseded, job.secret.holder(PREVIOUS))

    def _read(self, job: Job, settings: KeySettings, version: SecretVersion) -> KeySecret:
        value = parse_key_secret(version.value)
        if not isinstance(value, KeyPair):
            job.identify(settings.repo or default_repo(value.config.prefix), value.config.env)
        return value

    def _require_iam(self, value: KeySecret) -> None:
        if not isinstance(value, KeyPair) and not self._stores.is_aws(value.config):
            raise SettingsError(
                f"the vault is at {value.config.endpoint.url}, which is not AWS: its keys are no IAM user's",
                remedy="rotate the key at that store by hand, and turn rotation off for this secret",
            )

    def _prove(self, job: Job, version: SecretVersion) -> None:
        settings = key_settings(job.secret.tags)
        value = self._read(job, settings, version)
        self._require_iam(value)
        match value:
            case Location():
                job.ports.journal.warning("the value is a location: the first rotation makes its first key")
            case KeyPair():
                prove(job, settings.iam_user, value.credentials, self._identity, None)
            case ConfigBlob():
                store = self._stores.as_probe(value.credentials, value.config)
                pointers = (f"{value.config.prefix}manifest", f"{value.config.prefix}latest")
                prove(job, settings.iam_user, value.credentials, self._identity, (store, pointers))

    def _require_existing(self, job: Job, pending: SecretVersion) -> None:
        """A pending key that is gone will never work: waiting is no way out, clearing the pending version is."""
        user = key_settings(job.secret.tags).iam_user
        key_id = key_id_in(parse_key_secret(pending.value))
        if key_id not in {key.key_id for key in self._keys.of(user)}:
            raise ConcurrentChangeError(
                f"the pending key {key_id} does not exist any more",
                safe="AWSCURRENT is unchanged",
                remedy=f"clear the pending version and rotate again: {_clearing(job)}",
            )

    def _unmark_promoted(self, job: Job, user: str, key_id: AccessKeyId | None) -> None:
        """Best effort: a key that stays marked is left to a person instead of being taken for an orphan."""
        if key_id is None:
            return
        try:
            self._keys.untag(user, (PROMOTED + key_id,))
        except RotationError as error:
            job.ports.journal.warning("the mark of a promotion stays", access_key_id=key_id, reason=error.what)

    def _mark_superseded(self, job: Job, user: str, key_id: AccessKeyId) -> None:
        """Best effort: where the mark is missing, AWSPREVIOUS still tells that the key is superseded."""
        try:
            self._keys.tag(user, superseded_tag(key_id, job.started_at))
        except RotationError as error:
            job.ports.journal.error("the superseded key was not marked", access_key_id=key_id, reason=error.what)

    def _announce(
        self, job: Job, user: str, new: AccessKeyId | None, superseded: AccessKeyId | None, previous: str | None
    ) -> None:
        job.ports.journal.count("RotationFinished")
        job.ports.journal.info(
            "access key rotated",
            action="secret.rotate.completed",
            actor=self._actor,
            iam_user=user,
            new_access_key_id=new,
            old_access_key_id=superseded,
            method="programmatic",
        )
        job.emit(
            KeyRotationFinished(
                version_id=job.version_id,
                previous_version_id=previous,
                iam_user=user,
                access_key_id=new,
                superseded_access_key_id=superseded,
            )
        )


def _changed_meanwhile(job: Job) -> ConcurrentChangeError:
    return ConcurrentChangeError(
        "AWSCURRENT and the pending version differ in more than the credentials: "
        "somebody changed the value while the rotation ran",
        safe="AWSCURRENT is as it was set; the new key was not promoted",
        remedy=f"clear the pending version and rotate again: {_clearing(job)}",
    )


def _clearing(job: Job) -> str:
    """The commands that give up a pending version and begin anew."""
    return (
        f"aws secretsmanager update-secret-version-stage --secret-id {job.secret.arn} --version-stage {PENDING} "
        f"--remove-from-version-id {job.version_id} && aws secretsmanager rotate-secret --secret-id {job.secret.arn}"
    )
