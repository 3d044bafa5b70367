"""What key rotations need from IAM and STS, as protocols."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from vsync_rotation.errors import SettingsError
from vsync_rotation.formats.credentials import Credentials
from vsync_rotation.keys.evidence import AccessKey, KeyStatus, LastUse
from vsync_rotation.keys.marks import AccessKeyId


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """Whose a key is and when it was last used (IAM tells hours late, and testSecret's own use counts)."""

    user: str
    last_use: LastUse


# IAM quota for tags of a user.
# See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MAX_TAGS_PER_USER: Final = 50


def no_room_for_tags(user: str) -> SettingsError:
    """The finding that a user's tags are at their limit: what cannot be recorded is not done."""
    return SettingsError(
        f"IAM user {user} has {MAX_TAGS_PER_USER} tags and no room for another one",
        remedy=f"remove what nothing needs (aws iam list-user-tags --user-name {user}), then let it be tried again",
        not_done=True,
    )


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
