"""What the tags on an IAM user say about its keys: the only memory a key rotation has outside the secret.

IAM: a user has at most 50 tags; keys of 128 and values of 256 characters. Times are ISO 8601 UTC with `Z`.
See: SPEC 13, https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
"""

from collections.abc import Container, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NewType

from vsync_rotation.errors import SettingsError
from vsync_rotation.events import iso_utc, parse_iso_utc
from vsync_rotation.settings import TAG_PREFIX

AccessKeyId = NewType("AccessKeyId", str)

MINTING: Final = TAG_PREFIX + "minting"
MADE: Final = TAG_PREFIX + "made:"
PROMOTED: Final = TAG_PREFIX + "promoted-at:"
SUPERSEDED: Final = TAG_PREFIX + "superseded-at:"
DEACTIVATED: Final = TAG_PREFIX + "deactivated-at:"
REVOKED: Final = TAG_PREFIX + "revoked-at:"
REACTIVATED: Final = TAG_PREFIX + "reactivated-at:"
_STALE_AFTER: Final = timedelta(days=1)
# Hours are added to a mark's time, ten years of them at most, and dates end with the year 9999.
_NO_YEAR_OF_OURS: Final = 9_900
_PER_KEY: Final = (MADE, PROMOTED, SUPERSEDED, DEACTIVATED, REVOKED, REACTIVATED)


@dataclass(frozen=True, slots=True)
class Intent:
    """That a version is about to get a key made: when, and which keys there were before."""

    version_id: str
    at: datetime
    existing: tuple[AccessKeyId, ...]

    def tag(self) -> dict[str, str]:
        """The tag that records it, values separated by spaces."""
        return {MINTING: " ".join((self.version_id, iso_utc(self.at), *self.existing))}


@dataclass(frozen=True, slots=True)
class KeyMarks:
    """The times a user's tags give for one key; None where there is no such tag."""

    made_at: datetime | None
    promoted_at: datetime | None
    superseded_at: datetime | None
    deactivated_at: datetime | None
    revoked_at: datetime | None
    reactivated_at: datetime | None = None

    @property
    def inactive_since(self) -> datetime | None:
        """Since when the key has been Inactive, if that is on record: not where it was seen Active in between."""
        if self.deactivated_at is None or self.reactivated_at is None:
            return self.deactivated_at
        return None if self.reactivated_at >= self.deactivated_at else self.deactivated_at


@dataclass(frozen=True, slots=True)
class UserMarks:
    """A user's tags, read on demand: a malformed one matters only to whoever needs it."""

    tags: Mapping[str, str]

    def intent(self) -> Intent | None:
        """The recorded intent, if there is one.

        Raises:
            SettingsError: the tag is malformed; nothing may be concluded from it.
        """
        text = self.tags.get(MINTING)
        if text is None:
            return None
        version_id, _, rest = text.partition(" ")
        at, _, existing = rest.partition(" ")
        if not version_id:
            raise _malformed(MINTING)
        return Intent(version_id, _time(MINTING, at), tuple(AccessKeyId(key) for key in existing.split()))

    def of(self, key_id: AccessKeyId) -> KeyMarks:
        """The marks of one key.

        Raises:
            SettingsError: one is malformed; nothing may be concluded from it.
        """
        return KeyMarks(*(self._at(prefix + key_id) for prefix in _PER_KEY))

    def stale(self, existing: Container[AccessKeyId], now: datetime) -> tuple[str, ...]:
        """The tags of keys that are gone: IAM users have room for 50 tags, and keys deleted by hand leave theirs.

        Only tags older than a day count: a list of keys may not show one yet that was made just now.
        """
        return tuple(tag for tag in self.tags if self._is_stale(tag, existing, now))

    def _is_stale(self, tag: str, existing: Container[AccessKeyId], now: datetime) -> bool:
        prefix = next((prefix for prefix in _PER_KEY if tag.startswith(prefix)), None)
        if prefix is None or AccessKeyId(tag.removeprefix(prefix)) in existing:
            return False
        try:
            return now - parse_iso_utc(self.tags[tag]) > _STALE_AFTER
        except ValueError:
            return False

    def tags_of(self, key_id: AccessKeyId) -> tuple[str, ...]:
        """The tags to remove when the key is."""
        return tuple(prefix + key_id for prefix in _PER_KEY if prefix + key_id in self.tags)

    def _at(self, tag: str) -> datetime | None:
        return _time(tag, self.tags[tag]) if tag in self.tags else None


def made_tag(key_id: AccessKeyId, at: datetime) -> dict[str, str]:
    """The mark of a key this software made."""
    return {MADE + key_id: iso_utc(at)}


def promoted_tag(key_id: AccessKeyId, at: datetime) -> dict[str, str]:
    """The mark of a key that whoever reads the secret may hold from now on: it is nobody's orphan any more."""
    return {PROMOTED + key_id: iso_utc(at)}


def superseded_tag(key_id: AccessKeyId, at: datetime) -> dict[str, str]:
    """The mark of a key that a promotion replaced; its overlap runs from here."""
    return {SUPERSEDED + key_id: iso_utc(at)}


def deactivated_tag(key_id: AccessKeyId, at: datetime) -> dict[str, str]:
    """The mark of a key that was made Inactive; its inactive hours run from here. Active with it: by a person."""
    return {DEACTIVATED + key_id: iso_utc(at)}


def revoked_tag(key_id: AccessKeyId, at: datetime) -> dict[str, str]:
    """The mark of a key that somebody ordered to be revoked: it may go as soon as its slot is needed."""
    return {REVOKED + key_id: iso_utc(at)}


def reactivated_tag(key_id: AccessKeyId, at: datetime) -> dict[str, str]:
    """The mark of a key seen Active after it was deactivated: what was recorded before says nothing of its hours."""
    return {REACTIVATED + key_id: iso_utc(at)}


def _time(tag: str, text: str) -> datetime:
    with suppress(ValueError):
        moment = parse_iso_utc(text)
        if moment.year < _NO_YEAR_OF_OURS:
            return moment
    raise _malformed(tag)


def _malformed(tag: str) -> SettingsError:
    return SettingsError(
        f"tag {tag} of the IAM user is malformed, so nothing is concluded from it",
        remedy=f"correct it (times look like 2026-05-01T09:15:00Z), or remove it: {tag}",
    )
