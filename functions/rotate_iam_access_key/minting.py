"""Making the key and storing it: the one place where a lost answer could leave a key that nobody has."""

from collections.abc import Callable, Sequence
from typing import Final

from vsync_rotation.engine.backoff import back_off
from vsync_rotation.engine.rotation import Job
from vsync_rotation.errors import RotationError, UnreachableError, still_safe
from vsync_rotation.formats.credentials import Credentials
from vsync_rotation.formats.key_secret import KeySecret
from vsync_rotation.keys.evidence import INTENT_REACH
from vsync_rotation.keys.marks import MINTING, AccessKeyId, Intent, UserMarks, made_tag
from vsync_rotation.keys.ports import AccessKeys
from vsync_rotation.redacted import SecretText

_TRIES_TO_CREATE: Final = 4
_FIRST_PAUSE_SECONDS: Final = 1.0
_LONGEST_PAUSE_SECONDS: Final = 4.0


class Minting:
    """Makes one key for one version of the secret, and leaves a trail that a crash cannot hide."""

    def __init__(self, job: Job, user: str, keys: AccessKeys) -> None:
        self._job = job
        self._user = user
        self._keys = keys

    def mint(self, value: KeySecret, existing: Sequence[AccessKeyId], marks: UserMarks) -> None:
        """Record the intent, make the key, store the value, remove the intent.

        Safe to repeat after a crash at any point: until the value is stored, the intent (or the `made` tag) tells the
        next createSecret which key nobody ever received.

        Raises:
            RotationError: the key was not made, or made and deleted again, or its fate is unknown and it stays.
        """
        credentials = self._create(existing, marks)
        key_id = AccessKeyId(credentials.access_key_id)
        self._best_effort(
            "the new key was not marked", lambda: self._keys.tag(self._user, made_tag(key_id, self._job.started_at))
        )
        minted = value.with_credentials(credentials).mint()
        with still_safe(f"the key in AWSCURRENT works as before; new key {key_id} may exist beside it, unused"):
            self._store(minted, key_id)
        # An intent that outlives its rotation claims a key that a person makes within its reach: not best effort.
        with still_safe(f"the key in AWSCURRENT works as before; new key {key_id} is stored in AWSPENDING"):
            self._remove_intent()

    def _create(self, existing: Sequence[AccessKeyId], marks: UserMarks) -> Credentials:
        """Record the intent and make the key. An intent of which certainly nothing came is taken back.

        It would otherwise claim a key that a person makes within its reach.
        """
        recorded = self._record_intent(existing, marks)
        try:
            return self._create_in_time()
        except RotationError as refusal:
            if refusal.not_done and recorded:
                self._best_effort("the intent was not removed", self._remove_intent)
            raise

    def _create_in_time(self) -> Credentials:
        """Ask again only where IAM answered that it made none, for no reason that lasts (a throttle).

        Without that a throttle costs the whole attempt, whose repetition by the service throttles the others.
        """
        pauses = back_off(
            self._job.version_id, first_seconds=_FIRST_PAUSE_SECONDS, longest_seconds=_LONGEST_PAUSE_SECONDS
        )
        for tries_left, pause_seconds in zip(reversed(range(_TRIES_TO_CREATE)), pauses, strict=False):
            try:
                return self._keys.create(self._user)
            except UnreachableError as error:
                in_time = self._job.deadline.remaining_seconds() > pause_seconds
                if not (error.not_done and tries_left and in_time):
                    raise
                self._job.ports.journal.warning("IAM made no key, asking again", reason=error.what)
                self._job.ports.clock.sleep(pause_seconds)
        raise AssertionError("the last try returns or raises")

    def _store(self, minted: SecretText, key_id: AccessKeyId) -> None:
        try:
            self._job.store_pending(minted)
        except RotationError as failure:
            stored = self._job.settled_pending()
            # A lost answer is no refusal, and a read that shows nothing may be late: then the key stays, and the next
            # createSecret finds out.
            if stored is None and failure.not_done:
                self._undo(key_id)
            if stored is None or stored.value != minted:
                raise

    def tidy(self, key_id: AccessKeyId | None) -> None:
        """Remove the intent of a version whose value is stored, if it is still there."""
        marks = UserMarks(self._keys.tags(self._user))
        intent = marks.intent()
        if intent is None and key_id is not None and marks.of(key_id).made_at is None:
            self._remove_intent()  # a stored key has left a mark, so these tags are late and the intent may be there
        if intent is None or intent.version_id != self._job.version_id:
            return
        if key_id is not None and marks.of(key_id).made_at is None:
            self._keys.tag(self._user, made_tag(key_id, intent.at))
        self._remove_intent()

    def _record_intent(self, existing: Sequence[AccessKeyId], marks: UserMarks) -> bool:
        """Whether it was recorded now; an earlier try's is kept, whose key may exist and not be listed yet."""
        earlier = marks.intent()
        now = self._job.started_at
        if earlier and earlier.version_id == self._job.version_id and now - earlier.at < INTENT_REACH / 2:
            return False
        self._keys.tag(self._user, Intent(self._job.version_id, now, tuple(existing)).tag())
        return True

    def _undo(self, key_id: AccessKeyId) -> None:
        self._keys.delete(self._user, key_id)
        self._job.ports.journal.warning("storing failed, the new key was deleted again", access_key_id=key_id)
        self._best_effort(
            "the tags of the deleted key stay behind",
            lambda: self._keys.untag(
                self._user, (MINTING, *UserMarks(made_tag(key_id, self._job.started_at)).tags_of(key_id))
            ),
        )

    def _remove_intent(self) -> None:
        self._keys.untag(self._user, (MINTING,))

    def _best_effort(self, complaint: str, act: Callable[[], None]) -> None:
        try:
            act()
        except RotationError as error:
            self._job.ports.journal.warning(complaint, reason=error.what)
