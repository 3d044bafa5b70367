"""Secrets Manager, as `engine.ports.SecretStore`.

See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.failures import code_of, translated
from vsync_rotation.engine.ports import SecretDescription, SecretVersion
from vsync_rotation.errors import ConcurrentChangeError, ContractError, SettingsError
from vsync_rotation.redacted import SecretText
from vsync_rotation.settings import KIND, Kind

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.type_defs import GetSecretValueResponseTypeDef

_SERVICE: Final = "Secrets Manager"
# ListSecrets: at most 100 in one answer.
_PAGE: Final = 100
_NOT_FOUND: Final = "ResourceNotFoundException"
_EXISTS: Final = "ResourceExistsException"
_NOT_NOW: Final = "InvalidRequestException"


class SecretsManager:
    """The secrets of one account and region."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def describe(self, secret_id: str) -> SecretDescription:
        """Labels, tags and rotation status.

        Raises:
            ContractError: there is no such secret.
        """
        with translated(_SERVICE, "DescribeSecret"):
            try:
                answer = self._clients.secrets_manager.describe_secret(SecretId=secret_id)
            except ClientError as error:
                if code_of(error) == _NOT_FOUND:
                    raise ContractError(
                        f"there is no secret {secret_id}",
                        remedy="name a secret of this account and region, by full ARN or name",
                    ) from None
                raise
        return _description(answer, answer.get("VersionIdsToStages", {}))

    def of_kind(self, kind: Kind) -> Iterator[SecretDescription]:
        """Every secret of that kind, those scheduled for deletion included.

        The service filters by the beginning of a tag's name, so that what comes back is looked at again.
        """
        next_page: dict[str, Any] = {}
        while True:
            with translated(_SERVICE, "ListSecrets"):
                answer = self._clients.secrets_manager.list_secrets(
                    Filters=[{"Key": "tag-key", "Values": [KIND]}],
                    IncludePlannedDeletion=True,
                    MaxResults=_PAGE,
                    **next_page,
                )
            for entry in answer.get("SecretList", []):
                found = _description(entry, entry.get("SecretVersionsToStages", {}))
                if found.tags.get(KIND) == kind:
                    yield found
            if not answer.get("NextToken"):
                return
            next_page = {"NextToken": answer["NextToken"]}

    def find(self, secret_id: str, *, version_id: str, label: str) -> SecretVersion | None:
        """By version id and label, which must both match."""
        return _version(secret_id, self._find(secret_id, {"VersionId": version_id, "VersionStage": label}))

    def find_labelled(self, secret_id: str, label: str) -> SecretVersion | None:
        """By label alone."""
        return _version(secret_id, self._find(secret_id, {"VersionStage": label}))

    def find_version(self, secret_id: str, version_id: str) -> SecretVersion | None:
        """By version id alone; binary data as text of the same bytes, since an old version may hold anything."""
        answer = self._find(secret_id, {"VersionId": version_id})
        binary = None if answer is None else answer.get("SecretBinary")
        if answer is None or binary is None:
            return _version(secret_id, answer)
        value = SecretText(binary.decode("latin-1"))
        return SecretVersion(answer["VersionId"], value, answer["CreatedDate"].astimezone(UTC))

    def version_ids(self, secret_id: str) -> tuple[str, ...]:
        """Every version the service still lists, also those without a label."""
        return tuple(version_id for version_id, _ in self._versions(secret_id))

    def version_created_at(self, secret_id: str, version_id: str) -> datetime | None:
        """When the version was made; its value is not read."""
        return next((created for found, created in self._versions(secret_id) if found == version_id), None)

    def put_pending(self, secret_id: str, *, version_id: str, value: SecretText, rotation_token: str | None) -> None:
        """Store a value under AWSPENDING. The stage is always named: without it AWSCURRENT would move.

        Raises:
            ConcurrentChangeError: the version has another value already.
        """
        token: dict[str, Any] = {} if rotation_token is None else {"RotationToken": rotation_token}
        with translated(_SERVICE, "PutSecretValue"):
            try:
                self._clients.secrets_manager.put_secret_value(
                    SecretId=secret_id,
                    ClientRequestToken=version_id,
                    SecretString=value.reveal(),
                    VersionStages=["AWSPENDING"],
                    **token,
                )
            except ClientError as error:
                if code_of(error) == _EXISTS:
                    raise ConcurrentChangeError(
                        "the pending version got another value meanwhile", remedy="let the rotation be tried again"
                    ) from None
                raise

    def move_current(self, secret_id: str, *, to: str, away_from: str) -> None:
        """Move AWSCURRENT, only if `away_from` holds it; AWSPREVIOUS follows by itself."""
        with translated(_SERVICE, "UpdateSecretVersionStage"):
            self._clients.secrets_manager.update_secret_version_stage(
                SecretId=secret_id, VersionStage="AWSCURRENT", MoveToVersionId=to, RemoveFromVersionId=away_from
            )

    def _versions(self, secret_id: str) -> Iterator[tuple[str, datetime]]:
        next_page: dict[str, Any] = {}
        while True:
            with translated(_SERVICE, "ListSecretVersionIds"):
                answer = self._clients.secrets_manager.list_secret_version_ids(
                    SecretId=secret_id, IncludeDeprecated=True, **next_page
                )
            for version in answer.get("Versions", []):
                yield version["VersionId"], version["CreatedDate"].astimezone(UTC)
            if not answer.get("NextToken"):
                return
            next_page = {"NextToken": answer["NextToken"]}

    def _find(self, secret_id: str, selection: dict[str, str]) -> "GetSecretValueResponseTypeDef | None":
        with translated(_SERVICE, "GetSecretValue"):
            try:
                answer = self._clients.secrets_manager.get_secret_value(SecretId=secret_id, **selection)
            except ClientError as error:
                if code_of(error) == _NOT_FOUND:
                    return None
                if code_of(error) == _NOT_NOW:
                    raise ContractError(
                        f"secret {secret_id} does not give this version (its label moved, or it is to be deleted)",
                        remedy="look at it with aws secretsmanager describe-secret, then rotate again",
                        code=_NOT_NOW,
                    ) from None
                raise
        return answer


def _description(answer: Any, labels: Mapping[str, Sequence[str]]) -> SecretDescription:
    return SecretDescription(
        arn=answer["ARN"],
        name=answer["Name"],
        rotation_enabled=answer.get("RotationEnabled"),
        scheduled_for_deletion="DeletedDate" in answer,
        tags={tag["Key"]: tag["Value"] for tag in answer.get("Tags", [])},
        labels={version: frozenset(names) for version, names in labels.items()},
        next_rotation_at=_utc(answer.get("NextRotationDate")),
        last_rotated_at=_utc(answer.get("LastRotatedDate")),
    )


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)


def _version(secret_id: str, answer: "GetSecretValueResponseTypeDef | None") -> SecretVersion | None:
    if answer is None:
        return None
    if "SecretString" not in answer:
        raise SettingsError(f"secret {secret_id} holds binary data", remedy="store its value as text (SecretString)")
    return SecretVersion(answer["VersionId"], SecretText(answer["SecretString"]), answer["CreatedDate"].astimezone(UTC))
