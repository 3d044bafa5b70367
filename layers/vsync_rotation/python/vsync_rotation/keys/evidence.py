"""What is known about a user's keys, and what follows from it: which are superseded, which are orphans.

Pure functions over facts somebody else has read. A key is superseded or an orphan only where that is provable; what is
neither, and not in use by a label, is foreign, and a person decides.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from vsync_rotation.keys.marks import AccessKeyId, UserMarks

# The longest a Lambda function can run: a key made later than this after an intent is not that intent's.
INTENT_REACH: Final = timedelta(minutes=15)
_HELD_LABELS: Final = frozenset({"AWSCURRENT", "AWSPENDING"})


class KeyStatus(StrEnum):
    """IAM's two."""

    ACTIVE = "Active"
    INACTIVE = "Inactive"


@dataclass(frozen=True, slots=True)
class AccessKey:
    """What ListAccessKeys tells of a key."""

    key_id: AccessKeyId
    status: KeyStatus
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LastUse:
    """When, by which service and in which region a key was last used; `at` is None for a key that never was."""

    at: datetime | None
    service: str
    region: str


class Deletion(StrEnum):
    """Why a key may go."""

    REVOKED = "superseded and revoked by command"
    EXPIRED = "superseded, and inactive for its time"
    ORPHAN = "made by a rotation that never stored or promoted it"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything known about a user's keys besides the keys themselves.

    `holders` maps a key to the labels of the versions of the secret that hold it: present with no label means a
    version without one. `last_used_at` is asked only where it decides.
    """

    marks: UserMarks
    holders: Mapping[AccessKeyId, frozenset[str]]
    now: datetime
    overlap_hours: float
    inactive_hours: float
    deletion_alarm: str | None
    alarm_ok: Callable[[], bool]
    last_used_at: Callable[[AccessKeyId], datetime | None]


def is_held(key: AccessKey, evidence: Evidence) -> bool:
    """Whether AWSCURRENT or AWSPENDING holds the key: then nothing touches it."""
    return bool(evidence.holders.get(key.key_id, frozenset()) & _HELD_LABELS)


def is_superseded(key: AccessKey, evidence: Evidence) -> bool:
    """Whether a promotion replaced the key: a mark or AWSPREVIOUS says so, and no live label holds it.

    Raises:
        SettingsError: a mark is malformed.
    """
    marked = evidence.marks.of(key.key_id).superseded_at is not None
    labels = evidence.holders.get(key.key_id, frozenset())
    return (marked or "AWSPREVIOUS" in labels) and not is_held(key, evidence)


def is_orphan(key: AccessKey, evidence: Evidence) -> bool:
    """Whether a rotation made the key and nobody ever received it.

    Raises:
        SettingsError: a mark or the intent is malformed.
    """
    held = evidence.holders.get(key.key_id)
    if held:
        return False
    marks = evidence.marks.of(key.key_id)
    if marks.promoted_at is not None:
        return False  # applications that boot once and are quiet afterwards may hold it
    if marks.made_at is not None:
        return _never_left_the_rotation(key, evidence)
    return held is None and _is_of_the_intent(key, evidence) and evidence.last_used_at(key.key_id) is None


def _is_of_the_intent(key: AccessKey, evidence: Evidence) -> bool:
    intent = evidence.marks.intent()
    if intent is None or key.key_id in intent.existing:
        return False
    # IAM gives whole seconds, so a key made in the intent's own second may seem to precede it.
    return intent.at <= key.created_at + timedelta(seconds=1) and key.created_at <= intent.at + INTENT_REACH


def _never_left_the_rotation(key: AccessKey, evidence: Evidence) -> bool:
    # testSecret itself uses the key, within the longest run of a function after it was made. Any later use means
    # that somebody received it, by whatever way (a version labelled by hand, say): then it is not ours to delete.
    used_at = evidence.last_used_at(key.key_id)
    return used_at is None or used_at <= key.created_at + INTENT_REACH
