"""An access key as a blob or a key pair holds it."""

import re
from dataclasses import dataclass, field
from typing import Final

from vsync_rotation.formats.field_reader import FieldReader
from vsync_rotation.redacted import SecretText

# AWS documents ids of 16 to 128 characters; other stores choose freely within printable ASCII.
MAX_CREDENTIAL_CHARACTERS: Final = 128

_PRINTABLE: Final = re.compile(rf"[!-~]{{1,{MAX_CREDENTIAL_CHARACTERS}}}")
_DESCRIPTION: Final = f"at most {MAX_CREDENTIAL_CHARACTERS} printable ASCII characters without white space"


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key: its id, which may be shown, and its secret half, which may not."""

    access_key_id: str
    secret_access_key: SecretText = field(repr=False)

    def as_fields(self, id_field: str, secret_field: str) -> dict[str, SecretText]:
        """The two values under the names a format has for them, id first."""
        return {id_field: SecretText(self.access_key_id), secret_field: self.secret_access_key}


def read_credentials(fields: FieldReader, id_field: str, secret_field: str) -> Credentials:
    """Read the two fields.

    Raises:
        RotationError: of the reader's class, where one is missing, empty, too long or not printable ASCII.
    """
    fields.require([id_field, secret_field])
    return Credentials(
        access_key_id=fields.matching(id_field, _PRINTABLE, _DESCRIPTION),
        secret_access_key=SecretText(fields.matching(secret_field, _PRINTABLE, _DESCRIPTION)),
    )
