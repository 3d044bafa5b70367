"""A secret as an operator sees it: its versions with their labels and values, and its tags."""

import base64
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from simulator.world import World
from tests.contract.operator_clients import operator

BLOB_MAGIC: Final = "vsync-cfg-v1:"
Labels = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class SecretVersions:
    """One secret of the embedded AWS, by name."""

    world: World
    name: str

    @property
    def manager(self) -> Any:
        return operator(self.world, "secretsmanager")

    @property
    def arn(self) -> str:
        return str(self.manager.describe_secret(SecretId=self.name)["ARN"])

    def labels(self) -> Labels:
        """Version id to its labels in order of name; versions without a label are left out."""
        versions = self.manager.describe_secret(SecretId=self.name)["VersionIdsToStages"]
        return {version: sorted(labels) for version, labels in versions.items()}

    def holder(self, label: str) -> str | None:
        return next((version for version, labels in self.labels().items() if label in labels), None)

    def tags(self) -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in self.manager.describe_secret(SecretId=self.name).get("Tags", [])}

    def tag(self, name: str, value: str) -> None:
        """Set one of this software's tags; `name` without its prefix."""
        self.manager.tag_resource(SecretId=self.name, Tags=[{"Key": f"vsync-rotation:{name}", "Value": value}])

    def untag(self, name: str) -> None:
        self.manager.untag_resource(SecretId=self.name, TagKeys=[f"vsync-rotation:{name}"])

    def value(self, label: str = "AWSCURRENT") -> str:
        return str(self.manager.get_secret_value(SecretId=self.name, VersionStage=label)["SecretString"])

    def value_of(self, version_id: str) -> str | bytes | None:
        """The version's value, None where it has none."""
        try:
            found = self.manager.get_secret_value(SecretId=self.name, VersionId=version_id)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return None
        value: str | bytes = found.get("SecretString") or found["SecretBinary"]
        return value

    def values(self) -> dict[str, str | bytes | None]:
        """Every version's value, unlabelled versions included."""
        listed = self.manager.list_secret_version_ids(SecretId=self.name, IncludeDeprecated=True)["Versions"]
        return {version["VersionId"]: self.value_of(version["VersionId"]) for version in listed}

    def put(self, value: str, *labels: str) -> str:
        """Store a version by hand under these labels. Returns its id."""
        answer = self.manager.put_secret_value(SecretId=self.name, SecretString=value, VersionStages=list(labels))
        return str(answer["VersionId"])

    def set_current(self, value: str) -> str:
        """Change the value by hand. Returns the new version's id."""
        return self.put(value, "AWSCURRENT")

    def remove_label(self, label: str) -> None:
        """Take the label off the version that holds it."""
        holder = self.holder(label)
        self.manager.update_secret_version_stage(SecretId=self.name, VersionStage=label, RemoveFromVersionId=holder)


def blob_text(blob: str) -> str:
    """The JSON text inside a blob, as it is spelt there."""
    body = blob.removeprefix(BLOB_MAGIC)
    return gzip.decompress(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))).decode()


def blob_of(text: str | bytes) -> str:
    """A blob around any text, JSON or not."""
    raw = text.encode() if isinstance(text, str) else text
    return BLOB_MAGIC + base64.urlsafe_b64encode(gzip.compress(raw, 6, mtime=0)).decode().rstrip("=")


def fields_as_spelt(text: str) -> list[tuple[str, Any]]:
    """A JSON object's members in order, every number as it was written, so that 1e3 differs from 1000."""
    members: list[tuple[str, Any]] = json.loads(
        text,
        object_pairs_hook=list,
        parse_int=lambda spelling: ("number", spelling),
        parse_float=lambda spelling: ("number", spelling),
    )
    return members


def without_credentials(members: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """The members that a key rotation must not touch."""
    return [member for member in members if member[0] not in CREDENTIAL_FIELDS]


CREDENTIAL_FIELDS: Final = frozenset({"accessKeyId", "secretAccessKey", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"})


def encoded(fields: Mapping[str, Any]) -> str:
    """A blob holding these fields."""
    return blob_of(json.dumps(dict(fields), separators=(",", ":")))
