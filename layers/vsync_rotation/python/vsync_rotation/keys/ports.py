"""What key rotations need from IAM and STS, as protocols."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from vsync_rotation.formats.credentials import Credentials
from vsync_rotation.keys.marks import AccessKeyId
from vsync_rotation.keys.slots import AccessKey, KeyStatus


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """Whose a key is and when it was last used (IAM tells hours late, and testSecret's own use counts)."""

    user: str
    last_used_at: datetime | None


class AccessKeys(Protocol):
    """The access keys of IAM users, and the users' tags."""

    def of(self, user: str) -> tuple[AccessKey, ...]:
        """The user's keys, inactive ones included. Raises SettingsError where there is no such user."""

    def create(self, user: str) -> Credentials:
        """Make a key; never repeated. Raises KeySlotsFullError where no slot is free."""

    def delete(self, user: str, key_id: AccessKeyId) -> None:
        """Delete a key; one that is gone already is deleted."""

    def set_status(self, user: str, key_id: AccessKeyId, status: KeyStatus) -> None:
        """Activate or deactivate a key; one that is gone already stays gone."""

    def owner(self, key_id: AccessKeyId) -> KeyOwner | None:
        """Whose the key is; None if there is no such key."""

    def tags(self, user: str) -> dict[str, str]:
        """The user's tags."""

    def tag(self, user: str, tags: Mapping[str, str]) -> None:
        """Set tags, keeping others."""

    def untag(self, user: str, keys: Sequence[str]) -> None:
        """Remove tags; absent ones are removed."""


class KeyProbe(Protocol):
    """What credentials can do, tried with nothing but themselves."""

    def user_of(self, credentials: Credentials) -> Callable[[], str | None]:
        """A question to ask as often as needed.

        It answers with the IAM user the credentials belong to; None where STS does not know them (yet, or any more).
        """


class Alarms(Protocol):
    """CloudWatch alarms."""

    def is_ok(self, name: str) -> bool:
        """Whether the alarm, metric or composite, exists and is OK."""
