"""A secret at work: what its tags say, what was seen, and how it is reported."""

from dataclasses import dataclass

from retire_iam_access_keys.looking import Look
from vsync_rotation.engine.ports import SecretDescription
from vsync_rotation.errors import ContractError, SettingsError
from vsync_rotation.events import Subject
from vsync_rotation.fleet import Outcome
from vsync_rotation.keys.evidence import AccessKey
from vsync_rotation.settings import IAM_USER, KIND, KeySettings, Kind, key_settings


@dataclass(frozen=True, slots=True)
class Matter:
    """A secret's settings and one look at it."""

    settings: KeySettings
    look: Look

    @property
    def user(self) -> str:
        """The IAM user."""
        return self.settings.iam_user

    @property
    def subject(self) -> Subject:
        """Whom events are about."""
        secret = self.look.secret
        return Subject(secret.arn, secret.name, Kind.IAM_ACCESS_KEY, self.look.repo, self.look.env)

    def outcome(self, key: AccessKey, action: str, reason: str) -> Outcome:
        """What the summary says of a key."""
        return outcome(self.look.secret, action, reason) | {
            "iam_user": self.user,
            "access_key_id": str(key.key_id),
        }


def outcome(secret: SecretDescription, action: str, reason: str) -> Outcome:
    """What the summary says of a secret."""
    return {"secret": secret.name, "action": action, "reason": reason}


def settings_of(secret: SecretDescription) -> KeySettings:
    """The settings of a secret that has to be of this kind.

    Raises:
        ContractError: it is of another kind.
        SettingsError: a tag is missing or malformed.
    """
    if secret.tags.get(KIND) != Kind.IAM_ACCESS_KEY:
        raise ContractError(
            f"tag {KIND} is missing or another one, this function serves {Kind.IAM_ACCESS_KEY}",
            remedy=f"name a secret with {KIND} = {Kind.IAM_ACCESS_KEY}",
        )
    return key_settings(secret.tags)


def require_own_user(settings: KeySettings, shared_users: frozenset[str]) -> None:
    """Whether a key is in use can be read from one secret only if no other one may hold it.

    Raises:
        SettingsError: several secrets name this one's user.
    """
    if settings.iam_user in shared_users:
        raise SettingsError(
            f"several secrets name the IAM user {settings.iam_user}: each would take the others' keys for its own",
            remedy=f"give every secret a user of its own (tag {IAM_USER})",
        )
