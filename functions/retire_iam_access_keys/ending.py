"""Deactivating and deleting: recorded on the user, announced, taken back where a label turns out to hold the key."""

from collections.abc import Mapping, Sequence

from retire_iam_access_keys.looking import Lookout
from retire_iam_access_keys.matter import Matter
from vsync_rotation.engine.ports import Ports
from vsync_rotation.errors import ConcurrentChangeError, RotationError, still_safe
from vsync_rotation.events import Event, KeyDeactivated, KeyDeleted, OrphanKeyDeleted
from vsync_rotation.keys.evidence import AccessKey, Deletion, KeyStatus, is_held
from vsync_rotation.keys.marks import deactivated_tag, revoked_tag
from vsync_rotation.keys.ports import MAX_TAGS_PER_USER, AccessKeys, no_room_for_tags
from vsync_rotation.keys.retirement import REVOKED


class Ending:
    """The requests that end a key's life. Each may be repeated, also by another invocation at the same time."""

    def __init__(self, keys: AccessKeys, ports: Ports, lookout: Lookout) -> None:
        self._keys = keys
        self._ports = ports
        self._lookout = lookout

    def deactivate(self, key: AccessKey, matter: Matter, why: str) -> None:
        """Make the key Inactive and record since when.

        The status comes first: a mark on a key that is still Active would read as a person's activating it again. What
        cannot be recorded is not left done, for the same reason: nobody could tell later who activated it.

        Raises:
            SettingsError: the user has no room for the mark; nothing was changed.
            ConcurrentChangeError: a label holds the key after all; it has its status back.
        """
        tags = deactivated_tag(key.key_id, self._ports.clock.now())
        self._make_inactive(key, matter, tags)
        try:
            self._require_unheld(key, matter)
            self._keys.tag(matter.user, tags)
        except RotationError as error:
            self._give_back(key, matter)
            error.safe = f"key {key.key_id} has the status it had"
            raise
        self._tell(matter, "access key deactivated", key, why, KeyDeactivated(matter.user, key.key_id, why))

    def revoke(self, key: AccessKey, matter: Matter) -> None:
        """The same by order, with the order recorded. A leaked key is given back only where a label holds it.

        Raises:
            SettingsError: the user has no room for the marks; nothing was changed.
            ConcurrentChangeError: a label holds the key after all; it has its status back.
        """
        now = self._ports.clock.now()
        tags = {**deactivated_tag(key.key_id, now), **revoked_tag(key.key_id, now)}
        self._make_inactive(key, matter, tags)
        with still_safe(f"key {key.key_id} is Inactive, as ordered, and that is not on record yet: repeat the order"):
            try:
                self._require_unheld(key, matter)
            except ConcurrentChangeError:
                self._give_back(key, matter)
                raise
            self._keys.tag(matter.user, tags)
        self._tell(matter, "access key deactivated", key, REVOKED, KeyDeactivated(matter.user, key.key_id, REVOKED))

    def _make_inactive(self, key: AccessKey, matter: Matter, tags: Mapping[str, str]) -> None:
        if len(matter.look.marks.tags.keys() | tags.keys()) > MAX_TAGS_PER_USER:
            raise no_room_for_tags(matter.user)
        with still_safe(f"no other key was touched than {key.key_id}, which may be Inactive"):
            self._keys.set_status(matter.user, key.key_id, KeyStatus.INACTIVE)

    def _give_back(self, key: AccessKey, matter: Matter) -> None:
        with still_safe(
            f"no other key was touched than {key.key_id}, which may be Inactive: see that nothing needs it"
        ):
            self._keys.set_status(matter.user, key.key_id, key.status)

    def delete(self, key: AccessKey, matter: Matter, why: Deletion) -> None:
        """Delete the key and then its tags."""
        with still_safe(f"no other key was touched than {key.key_id}, which may be gone"):
            self._keys.delete(matter.user, key.key_id)
        event = OrphanKeyDeleted if why is Deletion.ORPHAN else KeyDeleted
        self._tell(matter, "access key deleted", key, why, event(matter.user, key.key_id, why))
        self.untag(matter, matter.look.marks.tags_of(key.key_id))

    def untag(self, matter: Matter, tags: Sequence[str]) -> None:
        """Best effort: tags of keys that are gone say nothing about any other, and the next run removes them."""
        if not tags:
            return
        try:
            self._keys.untag(matter.user, tags)
        except RotationError as error:
            self._ports.journal.warning("tags of a deleted key stay behind", tags=list(tags), reason=error.what)

    def tell(self, matter: Matter, event: Event) -> None:
        """Send an event about the secret."""
        self._ports.events.emit(event.detail_type, event.detail(matter.subject, self._ports.clock.now()))

    def _require_unheld(self, key: AccessKey, matter: Matter) -> None:
        """Somebody may have moved a label to the key's version since the last look."""
        if is_held(key, self._lookout.look(matter.look.secret.arn, matter.settings).evidence):
            raise ConcurrentChangeError(
                f"a label was moved to a version with key {key.key_id} meanwhile",
                safe="the key has the status it had",
                remedy="let it be tried again",
            )

    def _tell(self, matter: Matter, message: str, key: AccessKey, why: str, event: Event) -> None:
        self._ports.journal.info(message, iam_user=matter.user, access_key_id=key.key_id, reason=str(why))
        self._ports.journal.count(event.detail_type.replace(" ", ""))
        self.tell(matter, event)
