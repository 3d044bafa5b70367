"""Secrets as an operator handles them: looked at, given their first value, tagged, rotated.

No value is read here. See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/
"""

from collections.abc import Mapping, Sequence
from enum import Enum, auto
from typing import TYPE_CHECKING, Final
from uuid import NAMESPACE_URL, uuid5

from botocore.exceptions import ClientError

from vsync_rotation.aws.failures import code_of
from vsync_rotation.errors import ConcurrentChangeError, ContractError
from vsync_rotation.redacted import SecretText
from vsync_rotation_cli.aws.secret_facts import CURRENT, SecretFacts, facts_in
from vsync_rotation_cli.aws.session import Session, asking

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

# On a first value only while it is being stored.
SEED_LABEL: Final = "vsync-rotation-seed"
_SERVICE: Final = "Secrets Manager"
_ABSENT: Final = frozenset({"ResourceNotFoundException"})
_TAKEN: Final = "ResourceExistsException"
_NOT_NOW: Final = "InvalidRequestException"
_NOT_SO: Final = frozenset({"InvalidParameterException", "InvalidRequestException"})


class Ordered(Enum):
    """What RotateSecret answered."""

    STARTED = auto()
    REATTEMPTED = auto()  # a previous one is not complete, and is tried again


class Secrets:
    """The secrets of one account and region."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, secret_id: str) -> SecretFacts | None:
        """What there is under this name or full ARN; None where there is nothing."""
        with asking(_SERVICE, "DescribeSecret"):
            try:
                answer = self._client.describe_secret(SecretId=secret_id)
            except ClientError as error:
                if code_of(error) in _ABSENT:
                    return None
                raise
        return facts_in(answer)

    def store_first(self, secret: SecretFacts, value: SecretText) -> None:
        """Give a secret that has none its first value. Repeating it with the same value changes nothing.

        Never over another: the value goes in under a label of ours, and the service itself makes the very first
        version AWSCURRENT. Where it was not the first, AWSCURRENT is moved here without naming a holder, which the
        service refuses once there is one. The version's id follows from the ARN, so that a second value is refused
        and says nothing about the value itself.

        Raises:
            ConcurrentChangeError: somebody else gave it a value; theirs stands.
        """
        token = str(uuid5(NAMESPACE_URL, f"{secret.arn}#{SEED_LABEL}"))
        with asking(_SERVICE, "PutSecretValue"):
            try:
                answer = self._client.put_secret_value(
                    SecretId=secret.arn,
                    ClientRequestToken=token,
                    SecretString=value.reveal(),
                    VersionStages=[SEED_LABEL],
                )
            except ClientError as error:
                if code_of(error) == _TAKEN:
                    raise _somebody_else(secret.name) from None
                raise
        won = CURRENT in answer.get("VersionStages", []) or self._claim(secret.arn, token)
        self.forget_seeding(secret.arn, token)
        if not won:
            raise _somebody_else(secret.name)

    def forget_seeding(self, arn: str, version_id: str) -> None:
        """Take our label off: a version that carries one never goes away."""
        with asking(_SERVICE, "UpdateSecretVersionStage"):
            self._client.update_secret_version_stage(
                SecretId=arn, VersionStage=SEED_LABEL, RemoveFromVersionId=version_id
            )

    def tag(self, arn: str, tags: Mapping[str, str]) -> None:
        """Set tags, keeping others."""
        with asking(_SERVICE, "TagResource"):
            self._client.tag_resource(
                SecretId=arn, Tags=[{"Key": name, "Value": value} for name, value in tags.items()]
            )

    def untag(self, arn: str, names: Sequence[str]) -> None:
        """Remove tags; absent ones are removed."""
        with asking(_SERVICE, "UntagResource"):
            self._client.untag_resource(SecretId=arn, TagKeys=list(names))

    def rotate(self, secret_id: str, version_id: str) -> Ordered:
        """Order a rotation, whose version will have this id. Repeating it with the same id orders nothing more.

        Raises:
            ContractError: the service does not rotate this secret as it stands.
        """
        with asking(_SERVICE, "RotateSecret"):
            try:
                self._client.rotate_secret(SecretId=secret_id, ClientRequestToken=version_id)
            except ClientError as error:
                if code_of(error) != _NOT_NOW:
                    raise
                message = str(error.response.get("Error", {}).get("Message", ""))
                if "previous rotation" in message:
                    return Ordered.REATTEMPTED
                raise ContractError(
                    f"Secrets Manager does not rotate this secret now ({message})",
                    remedy="look at it with aws secretsmanager describe-secret",
                    code=_NOT_NOW,
                ) from None
        return Ordered.STARTED

    @property
    def _client(self) -> "SecretsManagerClient":
        return self._session.clients.secrets_manager

    def _claim(self, arn: str, version_id: str) -> bool:
        """Make the version current where none is; whether it is."""
        with asking(_SERVICE, "UpdateSecretVersionStage"):
            try:
                self._client.update_secret_version_stage(SecretId=arn, VersionStage=CURRENT, MoveToVersionId=version_id)
            except ClientError as error:
                if code_of(error) in _NOT_SO:
                    return False
                raise
        return True


def _somebody_else(name: str) -> ConcurrentChangeError:
    return ConcurrentChangeError(
        f"secret {name} got another value meanwhile",
        safe="that value stands, nothing was written over it",
        remedy="see who wrote it, then do this again for what is still missing",
    )
