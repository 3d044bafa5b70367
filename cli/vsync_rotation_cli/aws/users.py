"""IAM users that exist already, as an operator names them."""

from dataclasses import dataclass

from botocore.exceptions import ClientError

from vsync_rotation.aws.failures import code_of
from vsync_rotation.aws.iam import AccessKeys
from vsync_rotation.keys.marks import AccessKeyId
from vsync_rotation_cli.aws.session import Session, asking


@dataclass(frozen=True, slots=True)
class UserFacts:
    """A user, the ids of its access keys and its tags."""

    arn: str
    key_ids: tuple[str, ...]
    tags: dict[str, str]


class Users:
    """The IAM users of one account."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._keys = AccessKeys(session.clients)

    def find(self, name: str) -> UserFacts | None:
        """The user of that name; None where there is none."""
        with asking("IAM", "GetUser"):
            try:
                arn = self._session.clients.iam.get_user(UserName=name)["User"]["Arn"]
            except ClientError as error:
                if code_of(error) == "NoSuchEntity":
                    return None
                raise
        return UserFacts(arn, tuple(key.key_id for key in self._keys.of(name)), self._keys.tags(name))

    def owner_of(self, key_id: str) -> str | None:
        """The name of the user the key belongs to; None where there is no such key in this account."""
        owner = self._keys.owner(AccessKeyId(key_id))
        return None if owner is None else owner.user
