"""An account with one secret and one IAM user, small enough for ten thousand histories, and a judge in its IAM.

It implements the ports of the real function. What really happened is kept apart from what the tags say, and every
request that ends a key is held against the former.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from vsync_rotation.engine.ports import SecretDescription, SecretVersion
from vsync_rotation.errors import PermissionDeniedError
from vsync_rotation.events import Detail, iso_utc
from vsync_rotation.formats.credentials import Credentials
from vsync_rotation.keys.evidence import AccessKey, KeyStatus, LastUse
from vsync_rotation.keys.marks import MINTING, PROMOTED, SUPERSEDED, AccessKeyId
from vsync_rotation.keys.ports import KeyOwner
from vsync_rotation.memory.restarts import ConsumerRestart, Restarts, RestartState
from vsync_rotation.redacted import SecretText
from vsync_rotation.settings import Kind

START: Final = datetime(2026, 5, 1, tzinfo=UTC)
USER: Final = "reader"
SECRET: Final = "acme/prod/PAIR"
ARN: Final = f"arn:aws:secretsmanager:eu-central-1:123456789012:secret:{SECRET}-AbC123"
CONSUMER: Final = "ecs:prod/web"
ACTIVE, INACTIVE = KeyStatus.ACTIVE, KeyStatus.INACTIVE
# testSecret uses a key within the longest run of a function.
_ROTATIONS_OWN_USE: Final = timedelta(minutes=15)


class PromiseBroken(BaseException):
    """A key is about to end that may not."""


def _promise(kept: object, what: str) -> None:
    if not kept:
        raise PromiseBroken(what)


@dataclass(slots=True)
class Key:
    """An access key as it really is.

    Attributes:
        foreign: a person made it.
        superseded_at: when it ceased to be AWSCURRENT; None where it never was, or is again.
        inactive_since: since when it has been Inactive without a break.
        by_a_person: a person has activated it after it was deactivated, and no order or label says otherwise since.
        revoked: an order to revoke it was given and a person has not overruled it.
    """

    key_id: AccessKeyId
    created_at: datetime
    foreign: bool
    status: KeyStatus = ACTIVE
    used_at: datetime | None = None
    superseded_at: datetime | None = None
    was_current: bool = False
    inactive_since: datetime | None = None
    by_a_person: bool = False
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Hours:
    """The secret's settings."""

    overlap: float
    max_overlap: float
    inactive: float


@dataclass(slots=True)
class SmallWorld:
    """Clock, secret, user, alarm, memory, bus and log in one. What people and rotations do is in `moves.py`."""

    hours: Hours
    consumer: bool = False
    time: datetime = START
    keys: dict[AccessKeyId, Key] = field(default_factory=dict)
    user_tags: dict[str, str] = field(default_factory=dict)
    versions: dict[str, AccessKeyId | None] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    alarm_is_ok: bool = True
    uses_may_be_read: bool = True
    restarted_for: str | None = None
    ended: int = 0
    _made: int = 0
    _deactivated_in_this_run: set[AccessKeyId] = field(default_factory=set)

    def made_key(self, *, foreign: bool) -> Key:
        self._made += 1
        key = Key(AccessKeyId(f"AKIA{self._made:016d}"), self.time, foreign)
        self.keys[key.key_id] = key
        return key

    def put(self, key_id: AccessKeyId | None, label: str) -> str:
        version_id = f"version-{len(self.versions)}"
        self.versions[version_id] = key_id
        self.labels[label] = version_id
        return version_id

    def key_under(self, label: str) -> Key | None:
        key_id = self.versions.get(self.labels.get(label, ""))
        return None if key_id is None else self.keys.get(key_id)

    def set_mark(self, prefix: str, key: Key) -> None:
        self.user_tags[prefix + key.key_id] = iso_utc(self.time)

    def intend(self) -> None:
        self.user_tags[MINTING] = " ".join(("version", iso_utc(self.time), *self.keys))

    def promote(self, version_id: str, *, is_recorded: bool) -> None:
        """What finishSecret does; the last tag is best effort."""
        old, new = self.key_under("AWSCURRENT"), self.versions[version_id]
        if new in self.keys:
            self.set_mark(PROMOTED, self.keys[new])
        self.make_current(version_id)
        if is_recorded and old is not None:
            self.set_mark(SUPERSEDED, old)

    def make_current(self, version_id: str) -> None:
        """AWSCURRENT moves, by whoever's hand, and AWSPREVIOUS follows."""
        old = self.key_under("AWSCURRENT")
        self.labels["AWSPREVIOUS"], self.labels["AWSCURRENT"] = self.labels["AWSCURRENT"], version_id
        new = self.key_under("AWSCURRENT")
        if old is not None and old is not new:
            old.superseded_at = self.time
        if new is not None:
            new.was_current, new.superseded_at, new.by_a_person, new.revoked = True, None, False, False

    def change_status(self, key: Key, status: KeyStatus) -> None:
        key.inactive_since = self.time if status is INACTIVE and key.status is ACTIVE else key.inactive_since
        key.status = status
        if status is ACTIVE:
            key.inactive_since = None

    # The judge.

    def begin_run(self) -> None:
        self._deactivated_in_this_run.clear()

    def _require_free(self, key: Key) -> None:
        _promise(not key.foreign, "a key that this software did not make")
        for label in ("AWSCURRENT", "AWSPENDING"):
            _promise(self.key_under(label) is not key, f"{label} holds it")
        _promise(not key.by_a_person, "a person activated it")

    def _judge_deactivation(self, key: Key) -> None:
        self._require_free(key)
        if key.revoked:
            return
        if not key.was_current:
            reach = key.created_at + _ROTATIONS_OWN_USE
            _promise(key.used_at is None or key.used_at <= reach, "somebody received it")
            return
        assert key.superseded_at is not None, key
        current = self.key_under("AWSCURRENT")
        _promise(current is not None and current.status is ACTIVE, "the last key that works")
        age = self.time - key.superseded_at
        _promise(age >= timedelta(hours=self.hours.overlap), "in its overlap")
        if age >= timedelta(hours=self.hours.max_overlap):
            return
        quiet = key.used_at is None or self.time - key.used_at >= timedelta(hours=self.hours.overlap)
        _promise(quiet, "in use")
        _promise(self.uses_may_be_read, "whether it is in use may not be read")
        _promise(not self.consumer or self.restarted_for == self.labels["AWSCURRENT"], "a consumer has not restarted")

    def _judge_deletion(self, key: Key) -> None:
        self._require_free(key)
        _promise(key.status is INACTIVE, "it is Active")
        assert key.inactive_since is not None
        rest = self.time - key.inactive_since
        _promise(rest >= timedelta(hours=self.hours.inactive), f"Inactive for {rest} only")
        _promise(self.alarm_is_ok, "the alarm is not OK")

    # Ports: IAM.

    def of(self, user: str) -> tuple[AccessKey, ...]:
        assert user == USER
        return tuple(AccessKey(key.key_id, key.status, key.created_at) for key in self.keys.values())

    def create(self, user: str) -> Credentials:
        raise AssertionError("nobody makes keys here")

    def delete(self, user: str, key_id: AccessKeyId) -> None:
        self._judge_deletion(self.keys[key_id])
        del self.keys[key_id]
        self.ended += 1

    def set_status(self, user: str, key_id: AccessKeyId, status: KeyStatus) -> None:
        key = self.keys[key_id]
        if status is INACTIVE:
            self._judge_deactivation(key)
            self._deactivated_in_this_run.add(key_id)
            self.ended += 1
        else:
            assert key_id in self._deactivated_in_this_run, "activated what it had not deactivated itself"
        self.change_status(key, status)

    def owner(self, key_id: AccessKeyId) -> KeyOwner | None:
        if not self.uses_may_be_read:
            raise PermissionDeniedError("IAM refused GetAccessKeyLastUsed", remedy="allow it")
        key = self.keys.get(key_id)
        return None if key is None else KeyOwner(USER, LastUse(key.used_at, "s3", "eu-central-1"))

    def tags(self, user: str) -> dict[str, str]:
        return dict(self.user_tags)

    def tag(self, user: str, tags: Mapping[str, str]) -> None:
        self.user_tags |= tags

    def untag(self, user: str, keys: Sequence[str]) -> None:
        for key in keys:
            self.user_tags.pop(key, None)

    # Ports: CloudWatch and Systems Manager.

    def is_ok(self, name: str) -> bool:
        return self.alarm_is_ok

    def recall(self, name: str) -> str | None:
        if self.restarted_for is None:
            return None
        restart = ConsumerRestart(CONSUMER, RestartState.RESTARTED, self.time)
        return Restarts(self.restarted_for, {"web": restart}).encode()

    def remember(self, name: str, text: str) -> None:
        raise AssertionError("the parameter has another writer")

    def forget(self, name: str) -> None:
        raise AssertionError("the parameter has another writer")

    # Ports: Secrets Manager.

    def describe(self, secret_id: str) -> SecretDescription:
        held: dict[str, frozenset[str]] = {}
        for label, version_id in self.labels.items():
            held[version_id] = held.get(version_id, frozenset()) | {label}
        tags = {
            "vsync-rotation:kind": "iam-access-key",
            "vsync-rotation:iam-user": USER,
            "vsync-rotation:overlap-hours": str(self.hours.overlap),
            "vsync-rotation:max-overlap-hours": str(self.hours.max_overlap),
            "vsync-rotation:inactive-hours": str(self.hours.inactive),
            "vsync-rotation:deletion-alarm": "old-key-in-use",
        }
        tags |= {"vsync-rotation:consumer:web": CONSUMER} if self.consumer else {}
        return SecretDescription(ARN, SECRET, True, False, tags, held)

    def of_kind(self, kind: Kind) -> Iterator[SecretDescription]:
        yield self.describe(ARN)

    def find(self, secret_id: str, *, version_id: str, label: str) -> SecretVersion | None:
        return self.find_version(secret_id, version_id) if self.labels.get(label) == version_id else None

    def find_labelled(self, secret_id: str, label: str) -> SecretVersion | None:
        raise AssertionError("a label alone may be on the move")

    def find_version(self, secret_id: str, version_id: str) -> SecretVersion | None:
        key_id = self.versions[version_id]
        if key_id is None:
            return None
        pair = {"AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": "x" * 40}
        return SecretVersion(version_id, SecretText(json.dumps(pair)), START)

    def version_ids(self, secret_id: str) -> tuple[str, ...]:
        return tuple(self.versions)

    def version_created_at(self, secret_id: str, version_id: str) -> datetime | None:
        raise AssertionError("ages of versions decide nothing here")

    def put_pending(self, secret_id: str, *, version_id: str, value: SecretText, rotation_token: str | None) -> None:
        raise AssertionError("a value was written")

    def move_current(self, secret_id: str, *, to: str, away_from: str) -> None:
        raise AssertionError("a label was moved")

    # Ports: clock, bus and log.

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        raise AssertionError("there is nothing to wait for")

    def emit(self, detail_type: str, detail: Detail) -> None: ...

    def locate(self, **fields: str) -> None: ...

    def info(self, message: str, **fields: object) -> None: ...

    def warning(self, message: str, **fields: object) -> None: ...

    def error(self, message: str, **fields: object) -> None: ...

    def count(self, metric: str) -> None: ...

    def milliseconds(self, metric: str, value: float) -> None: ...

    def seconds(self, metric: str, value: float) -> None: ...
