"""Which of a user's other keys may go before a new one is made: the table of SPEC 13.3 as pure functions.

Nothing is ever deleted by age alone. What is not provably superseded, and not provably ours and never received by
anybody, is foreign, and a person decides.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from vsync_rotation.errors import ForeignKeyError, KeySlotsFullError
from vsync_rotation.events import iso_utc
from vsync_rotation.keys.evidence import AccessKey, Deletion, Evidence, KeyStatus, is_orphan, is_superseded
from vsync_rotation.keys.marks import AccessKeyId, KeyMarks

# IAM quota, readable as AccessKeysPerUserQuota (GetAccountSummary); inactive keys count.
# If AWS raised it we would refuse needlessly; if it fell, CreateAccessKey fails loudly.
MAX_ACCESS_KEYS_PER_USER: Final = 2

PlannedDeletions = tuple[tuple[AccessKey, Deletion], ...]


def plan_slots(
    user: str, current: AccessKeyId | None, keys: Sequence[AccessKey], evidence: Evidence
) -> PlannedDeletions:
    """Decide what is deleted so that one more key fits beside the current one.

    Orphans go whenever they are met; a superseded key only when its slot is needed.

    Returns:
        The keys to delete before making one, each with its reason.

    Raises:
        KeySlotsFullError: a superseded key holds the slot and is not free yet.
        ForeignKeyError: a key that is neither superseded nor an orphan holds it.
        SettingsError: a tag that decides is malformed.
    """
    others = [key for key in keys if key.key_id != current]
    orphans = [key for key in others if not is_superseded(key, evidence) and is_orphan(key, evidence)]
    remaining = [key for key in others if key not in orphans]
    surplus = len(keys) - len(orphans) - (MAX_ACCESS_KEYS_PER_USER - 1)
    freed: list[tuple[AccessKey, Deletion]] = []
    if surplus > 0:
        freed = [(key, why) for key in remaining if (why := _why_free(key, evidence)) is not None][:surplus]
    if len(freed) < max(0, surplus):
        raise _refusal(user, [key for key in remaining if key not in [gone for gone, _ in freed]], evidence)
    return (*((key, Deletion.ORPHAN) for key in orphans), *freed)


def _why_free(key: AccessKey, evidence: Evidence) -> Deletion | None:
    if not is_superseded(key, evidence):
        return None
    marks = evidence.marks.of(key.key_id)
    if key.status is KeyStatus.ACTIVE and marks.deactivated_at is not None:
        return None  # a person activated it again, and has a reason
    if marks.revoked_at is not None:
        return Deletion.REVOKED
    if key.status is KeyStatus.ACTIVE or marks.inactive_since is None:
        return None  # in its overlap still, or nobody recorded since when it is inactive
    over = evidence.now >= _free_at(key, marks, evidence)
    return Deletion.EXPIRED if over and evidence.alarm_ok() else None


def _free_at(key: AccessKey, marks: KeyMarks, evidence: Evidence) -> datetime:
    """When a superseded key's hours are over; only for one whose marks tell since when they count."""
    if key.status is KeyStatus.INACTIVE:
        return (marks.inactive_since or evidence.now) + timedelta(hours=evidence.inactive_hours)
    since = marks.superseded_at or evidence.now
    return since + timedelta(hours=evidence.overlap_hours + evidence.inactive_hours)


def _refusal(user: str, blocking: Sequence[AccessKey], evidence: Evidence) -> KeySlotsFullError | ForeignKeyError:
    foreign = [key for key in blocking if not is_superseded(key, evidence)]
    if foreign:
        names = ", ".join(f"{key.key_id} ({key.status})" for key in foreign)
        return ForeignKeyError(
            f"IAM user {user} has a second access key that this software did not make: {names}",
            remedy=f"find out who uses it (aws iam get-access-key-last-used --access-key-id {foreign[0].key_id}); "
            f"once nobody does: {_removal(user, foreign[0])}",
        )
    key = blocking[0]
    return KeySlotsFullError(
        f"both access key slots of IAM user {user} are taken: "
        f"superseded key {key.key_id} ({key.status}) {_why_held(key, evidence)}",
        remedy=f"once nothing uses it any more, free it now and rotate again: {_removal(user, key)}",
    )


def _why_held(key: AccessKey, evidence: Evidence) -> str:
    marks = evidence.marks.of(key.key_id)
    if key.status is KeyStatus.ACTIVE and marks.deactivated_at is not None:
        return "was deactivated and somebody activated it again"
    if key.status is KeyStatus.INACTIVE and marks.inactive_since is None:
        return "is held, since no tag says how long it has been inactive"
    free_at = _free_at(key, marks, evidence)
    if free_at <= evidence.now and key.status is KeyStatus.INACTIVE:
        return f"is held by the alarm {evidence.deletion_alarm}, which is not OK"
    hours = "its overlap and inactive hours" if key.status is KeyStatus.ACTIVE else "its inactive hours"
    return f"is free at {iso_utc(free_at)} at the earliest, when {hours} are over"


def _removal(user: str, key: AccessKey) -> str:
    name = f"--user-name {user} --access-key-id {key.key_id}"
    delete = f"aws iam delete-access-key {name}"
    if key.status is KeyStatus.INACTIVE:
        return delete
    return f"aws iam update-access-key {name} --status Inactive, and when nothing fails: {delete}"
