"""What is next for one of a user's keys after promotion: the life of a superseded key as a pure function.

Level-triggered: the answer follows from what is there now, so that a run that was missed or cut off costs time only.
Where facts do not suffice the answer is to wait, and to say why.

See: SPEC 17
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from vsync_rotation.errors import PermissionDeniedError
from vsync_rotation.events import iso_utc
from vsync_rotation.keys.evidence import (
    AccessKey,
    Deletion,
    Evidence,
    KeyStatus,
    LastUse,
    is_held,
    is_orphan,
    is_superseded,
)
from vsync_rotation.keys.marks import AccessKeyId, KeyMarks

# A rotation that made a key this long ago and never stored it is over: the service's own attempts follow within
# minutes. Until then the key belongs to a createSecret that may still be running.
ORPHAN_REST: Final = timedelta(hours=1)

QUIET: Final = "superseded, its overlap is over and nothing has used it since"
FORCED: Final = "superseded, and its longest overlap is over although it may still be in use"
REVOKED: Final = "revoked by command"


@dataclass(frozen=True, slots=True)
class Leave:
    """Nothing to do now."""

    why: str


@dataclass(frozen=True, slots=True)
class MarkSuperseded:
    """Record that it is superseded from now on."""


@dataclass(frozen=True, slots=True)
class MarkDeactivated:
    """Record that it is Inactive from now on."""


@dataclass(frozen=True, slots=True)
class StillInUse:
    """Past its overlap and in use; None where the last use may not be read, which counts as use."""

    last_use: LastUse | None


@dataclass(frozen=True, slots=True)
class Held:
    """Free by its hours, and held for another reason."""

    why: str
    consumers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deactivate:
    """Make it Inactive."""

    why: str


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete it."""

    why: Deletion


@dataclass(frozen=True, slots=True)
class Reactivated:
    """A person has made a deactivated key Active again: theirs to decide."""

    deactivated_at: datetime


@dataclass(frozen=True, slots=True)
class Unmanaged:
    """No version holds it and no rotation made it: theirs to decide as well."""


Verdict = Leave | MarkSuperseded | MarkDeactivated | StillInUse | Held | Deactivate | Delete | Reactivated | Unmanaged


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What decides besides the evidence on the keys.

    `current_made_at` is when the key in AWSCURRENT was made: no key was superseded before that, whatever a tag says.
    None where the user has no such key or it is Inactive: then nothing replaces the superseded one.
    `last_use` may raise PermissionDeniedError. `not_restarted` and `gates_open` name the consumers that are waited for.
    """

    evidence: Evidence
    max_overlap_hours: float
    current_made_at: datetime | None
    last_use: Callable[[AccessKeyId], LastUse]
    not_restarted: Callable[[], tuple[str, ...]]
    gates_open: Callable[[], tuple[str, ...]]


def next_for(key: AccessKey, around: Circumstances) -> Verdict:
    """What is next for the key.

    Raises:
        SettingsError: a mark of the key is malformed; nothing may be concluded from it.
        RotationError: what was asked for could not be read.
    """
    evidence = around.evidence
    if is_held(key, evidence):
        return Leave("AWSCURRENT or AWSPENDING holds it")
    superseded = is_superseded(key, evidence)
    if not superseded and not _is_orphan(key, evidence):
        return Unmanaged()
    marks = evidence.marks.of(key.key_id)
    if key.status is KeyStatus.INACTIVE:
        return _next_for_inactive(key, marks, around)
    if marks.deactivated_at is not None:
        return Reactivated(marks.deactivated_at)
    if marks.revoked_at is not None:
        return Deactivate(REVOKED)  # an order that was recorded and not carried out
    if not superseded:
        return _next_for_orphan(key, evidence)
    if marks.superseded_at is None:
        return MarkSuperseded()
    return _next_for_superseded(key, marks.superseded_at, around)


def _is_orphan(key: AccessKey, evidence: Evidence) -> bool:
    try:
        return is_orphan(key, evidence)
    except PermissionDeniedError:
        return False  # whether anybody uses it may not be read: then it is nobody's orphan


def _next_for_orphan(key: AccessKey, evidence: Evidence) -> Verdict:
    if evidence.now - key.created_at < ORPHAN_REST:
        return Leave("the rotation that made it may still be running")
    return Deactivate(Deletion.ORPHAN)


def _next_for_superseded(key: AccessKey, superseded_at: datetime, around: Circumstances) -> Verdict:
    if around.current_made_at is None:
        return Held("the key in AWSCURRENT does not work, and this one may be the last that does")
    now = around.evidence.now
    since = max(superseded_at, around.current_made_at)
    overlap = timedelta(hours=around.evidence.overlap_hours)
    if now - since < overlap:
        return Leave(f"in its overlap until {iso_utc(since + overlap)}")
    if now - since >= timedelta(hours=around.max_overlap_hours):
        return Deactivate(FORCED)
    try:
        use = around.last_use(key.key_id)
    except PermissionDeniedError:
        return StillInUse(None)
    if use.at is not None and now - use.at < overlap:
        return StillInUse(use)
    if waiting := around.not_restarted():
        return Held("consumers have not restarted since the promotion", waiting)
    if waiting := around.gates_open():
        return Held("consumers do not report the new credentials yet", waiting)
    return Deactivate(QUIET)


def _next_for_inactive(key: AccessKey, marks: KeyMarks, around: Circumstances) -> Verdict:
    evidence = around.evidence
    if marks.inactive_since is None:
        return MarkDeactivated()
    try:
        used_at = around.last_use(key.key_id).at
    except PermissionDeniedError:
        return Held("whether anything used it since it was deactivated may not be read")
    # Used after the mark: it was Active again in between, and the mark tells of the time before.
    since = max(marks.inactive_since, used_at or marks.inactive_since)
    free_at = since + timedelta(hours=evidence.inactive_hours)
    if evidence.now < free_at:
        return Leave(f"Inactive, to be deleted at {iso_utc(free_at)} at the earliest")
    if marks.revoked_at is None and around.current_made_at is None and is_superseded(key, evidence):
        return Held("the key in AWSCURRENT does not work, and this one is what can be activated instead")
    if not evidence.alarm_ok():
        return Held(f"alarm {evidence.deletion_alarm} is not OK")
    return Delete(_why_deleted(key, marks, evidence))


def _why_deleted(key: AccessKey, marks: KeyMarks, evidence: Evidence) -> Deletion:
    if not is_superseded(key, evidence):
        return Deletion.ORPHAN
    return Deletion.EXPIRED if marks.revoked_at is None else Deletion.REVOKED
