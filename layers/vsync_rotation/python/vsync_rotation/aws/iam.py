"""IAM access keys and the tags of their user.

Every call names its user: IAM takes the caller's own where none is named.
See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from botocore.exceptions import ClientError

from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.failures import code_of, translated
from vsync_rotation.errors import KeySlotsFullError, SettingsError
from vsync_rotation.formats.credentials import Credentials
from vsync_rotation.keys.evidence import AccessKey, KeyStatus, LastUse
from vsync_rotation.keys.marks import AccessKeyId
from vsync_rotation.keys.ports import KeyOwner, no_room_for_tags
from vsync_rotation.redacted import SecretText

_SERVICE: Final = "IAM"
_NO_SUCH_ENTITY: Final = "NoSuchEntity"
# What IAM itself answers for a key that was never used.
_NOT_KNOWN: Final = "N/A"


class AccessKeys:
    """Implements `keys.ports.AccessKeys`."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def of(self, user: str) -> tuple[AccessKey, ...]:
        """The user's keys, inactive ones included."""
        with _of_user(user, "ListAccessKeys"):
            pages = self._clients.iam.get_paginator("list_access_keys").paginate(UserName=user)
            return tuple(
                AccessKey(AccessKeyId(key["AccessKeyId"]), KeyStatus(key["Status"]), key["CreateDate"].astimezone(UTC))
                for page in pages
                for key in page["AccessKeyMetadata"]
            )

    def create(self, user: str) -> Credentials:
        """Make a key. Not repeatable: after an unclear answer there may be a key that nobody received."""
        with _of_user(user, "CreateAccessKey"):
            try:
                key = self._clients.iam_once.create_access_key(UserName=user)["AccessKey"]
            except ClientError as error:
                if code_of(error) == "LimitExceeded":
                    raise KeySlotsFullError(
                        f"IAM user {user} has no free access key slot (another one was made just now)",
                        remedy=f"see what is there: aws iam list-access-keys --user-name {user}",
                        not_done=True,
                    ) from None
                raise
        return Credentials(key["AccessKeyId"], SecretText(key["SecretAccessKey"]))

    def delete(self, user: str, key_id: AccessKeyId) -> None:
        """Delete a key; one that is gone already is deleted."""
        with translated(_SERVICE, "DeleteAccessKey"):
            try:
                self._clients.iam.delete_access_key(UserName=user, AccessKeyId=key_id)
            except ClientError as error:
                if code_of(error) != _NO_SUCH_ENTITY:
                    raise

    def set_status(self, user: str, key_id: AccessKeyId, status: KeyStatus) -> None:
        """Activate or deactivate a key; one that is gone already stays gone."""
        with translated(_SERVICE, "UpdateAccessKey"):
            try:
                self._clients.iam.update_access_key(UserName=user, AccessKeyId=key_id, Status=status.value)
            except ClientError as error:
                if code_of(error) != _NO_SUCH_ENTITY:
                    raise

    def owner(self, key_id: AccessKeyId) -> KeyOwner | None:
        """Whose the key is and when it was last used; None if there is no such key."""
        with translated(_SERVICE, "GetAccessKeyLastUsed"):
            try:
                answer = self._clients.iam.get_access_key_last_used(AccessKeyId=key_id)
            except ClientError as error:
                if code_of(error) == _NO_SUCH_ENTITY:
                    return None
                raise
        use = answer.get("AccessKeyLastUsed", {})
        used_at: datetime | None = use.get("LastUsedDate")
        return KeyOwner(
            answer.get("UserName", ""),
            LastUse(
                None if used_at is None else used_at.astimezone(UTC),
                use.get("ServiceName", _NOT_KNOWN),
                use.get("Region", _NOT_KNOWN),
            ),
        )

    def tags(self, user: str) -> dict[str, str]:
        """The user's tags."""
        with _of_user(user, "ListUserTags"):
            pages = self._clients.iam.get_paginator("list_user_tags").paginate(UserName=user)
            return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}

    def tag(self, user: str, tags: Mapping[str, str]) -> None:
        """Set tags, keeping others."""
        with _of_user(user, "TagUser"):
            try:
                self._clients.iam.tag_user(
                    UserName=user, Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
                )
            except ClientError as error:
                if code_of(error) == "LimitExceeded":
                    raise no_room_for_tags(user) from None
                raise

    def untag(self, user: str, keys: Sequence[str]) -> None:
        """Remove tags; absent ones are removed."""
        with _of_user(user, "UntagUser"):
            self._clients.iam.untag_user(UserName=user, TagKeys=list(keys))


@contextmanager
def _of_user(user: str, operation: str) -> Iterator[None]:
    with translated(_SERVICE, operation):
        try:
            yield
        except ClientError as error:
            if code_of(error) == _NO_SUCH_ENTITY:
                raise SettingsError(
                    f"there is no IAM user {user}", remedy="correct the tag vsync-rotation:iam-user, or make the user"
                ) from None
            raise
