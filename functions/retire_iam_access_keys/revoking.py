"""Revoking by command, after a leak: at once, whatever the hours, the gates or the consumers say."""

from retire_iam_access_keys.ending import Ending
from retire_iam_access_keys.looking import Look, Lookout
from retire_iam_access_keys.matter import Matter, require_own_user, settings_of
from vsync_rotation.engine.ports import SecretDescription
from vsync_rotation.errors import ContractError, ForeignKeyError, PausedError
from vsync_rotation.fleet import Outcome
from vsync_rotation.keys.evidence import AccessKey, KeyStatus, is_held, is_superseded
from vsync_rotation.keys.marks import AccessKeyId, deactivated_tag, revoked_tag
from vsync_rotation.keys.ports import AccessKeys
from vsync_rotation.keys.retirement import REVOKED
from vsync_rotation.settings import PAUSED, is_paused


class Revocation:
    """Carries the order out. May be repeated: a key that is Inactive already is only marked."""

    def __init__(self, keys: AccessKeys, lookout: Lookout, ending: Ending) -> None:
        self._keys = keys
        self._lookout = lookout
        self._ending = ending

    def revoke(
        self, secret: SecretDescription, key_id: AccessKeyId | None, shared_users: frozenset[str]
    ) -> list[Outcome]:
        """Deactivate the superseded keys, or the one that is named, and mark them revoked.

        Raises:
            ContractError: there is none, the secret is scheduled for deletion, or AWSCURRENT or AWSPENDING holds it.
            ForeignKeyError: the user has no such key.
            PausedError: the secret is paused.
            SettingsError: several secrets name the user, so that another one's AWSCURRENT may hold the key.
        """
        settings = settings_of(secret)
        require_own_user(settings, shared_users)
        if secret.scheduled_for_deletion:
            raise ContractError(
                "the secret is scheduled for deletion, so that which key is in use cannot be read",
                remedy=f"restore it first, or act by hand: {_by_hand(settings.iam_user, key_id)}",
            )
        if is_paused(secret.tags):
            raise PausedError(
                f"the secret is paused by tag {PAUSED}",
                remedy=f"remove the tag, or act by hand: {_by_hand(settings.iam_user, key_id)}",
            )
        matter = Matter(settings, self._lookout.look(secret.arn, settings))
        targets = [_named(matter, key_id)] if key_id is not None else _superseded(matter)
        return [self._revoke(key, matter) for key in targets]

    def _revoke(self, key: AccessKey, matter: Matter) -> Outcome:
        if key.status is KeyStatus.INACTIVE:
            # With since when: Active again without that, it would seem to be an order nobody carried out.
            known = matter.look.marks.of(key.key_id).inactive_since is not None
            now = matter.look.evidence.now
            since = {} if known else deactivated_tag(key.key_id, now)
            self._keys.tag(matter.user, {**since, **revoked_tag(key.key_id, now)})
            return matter.outcome(key, "revoked", "it was Inactive already")
        self._ending.revoke(key, matter)
        return matter.outcome(key, "revoked", REVOKED)


def _named(matter: Matter, key_id: AccessKeyId) -> AccessKey:
    key = matter.look.key(key_id)
    if key is None:
        raise ForeignKeyError(
            f"IAM user {matter.user} has no access key {key_id}",
            remedy=f"see which it has: aws iam list-access-keys --user-name {matter.user}",
        )
    if is_held(key, matter.look.evidence):
        raise ContractError(
            f"AWSCURRENT or AWSPENDING holds key {key_id}: applications use it, or will",
            remedy="rotate first (aws secretsmanager rotate-secret), which supersedes it, then revoke it",
        )
    return key


def _superseded(matter: Matter) -> list[AccessKey]:
    look: Look = matter.look
    found = [key for key in look.keys if is_superseded(key, look.evidence)]
    if not found:
        raise ContractError(
            f"IAM user {matter.user} has no superseded access key",
            remedy="rotate first (aws secretsmanager rotate-secret), or name the key: access_key_id",
        )
    return found


def _by_hand(user: str, key_id: AccessKeyId | None) -> str:
    key = key_id or "<access key id>"
    return f"aws iam update-access-key --user-name {user} --access-key-id {key} --status Inactive"
