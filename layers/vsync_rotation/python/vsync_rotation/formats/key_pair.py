"""A plain IAM key pair: a JSON object with the two fields the AWS tools read from the environment (SPEC 5.12)."""

from dataclasses import dataclass
from typing import Final

from vsync_rotation.errors import SettingsError
from vsync_rotation.formats.credentials import Credentials, read_credentials
from vsync_rotation.formats.field_reader import FieldReader
from vsync_rotation.formats.json_object import JsonObject
from vsync_rotation.redacted import SecretText

KEY_PAIR_ID: Final = "AWS_ACCESS_KEY_ID"
KEY_PAIR_SECRET: Final = "AWS_SECRET_ACCESS_KEY"  # noqa: S105 - a field's name


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A key pair and, unseen, the JSON text that holds it with whatever else."""

    credentials: Credentials
    document: JsonObject

    def with_credentials(self, credentials: Credentials) -> "KeyPair":
        """The same object with another access key: two values change, every other byte stays (SPEC 5.9)."""
        return KeyPair(credentials, self.document.replace(credentials.as_fields(KEY_PAIR_ID, KEY_PAIR_SECRET)))

    def mint(self) -> SecretText:
        """The JSON text as it is stored."""
        return self.document.text


def is_key_pair(document: JsonObject) -> bool:
    """Whether the object claims to be a key pair: one of the two fields is enough to mean it."""
    return KEY_PAIR_ID in document or KEY_PAIR_SECRET in document


def key_pair_from(document: JsonObject) -> KeyPair:
    """Check a JSON object that should be a key pair.

    Raises:
        SettingsError: a field is missing or of the wrong form.
    """
    fields = FieldReader(
        document, "the key pair", SettingsError, f"store a JSON object with {KEY_PAIR_ID} and {KEY_PAIR_SECRET}"
    )
    return KeyPair(read_credentials(fields, KEY_PAIR_ID, KEY_PAIR_SECRET), document)
