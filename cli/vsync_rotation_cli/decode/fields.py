"""What a value says, without what must not be shown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from vsync_rotation.errors import SettingsError
from vsync_rotation.formats.blob_envelope import looks_like_blob
from vsync_rotation.formats.config_blob import Location, parse_config_blob, read_blob
from vsync_rotation.formats.endpoint import Endpoint
from vsync_rotation.formats.json_object import JsonObject
from vsync_rotation.formats.key_pair import KEY_PAIR_SECRET
from vsync_rotation.formats.key_secret import KeySecret, parse_key_secret
from vsync_rotation.formats.vault_config import MAX_ITERATIONS, MIN_ITERATIONS, SECRET_ACCESS_KEY
from vsync_rotation.redacted import SecretText

REDACTED: Final = "<redacted>"
# A shorter one is no real key, and hiding every value that contains it would hide too much.
MIN_SECRET_CHARACTERS: Final = 16
_SECRET_NAMES: Final = frozenset({SECRET_ACCESS_KEY, KEY_PAIR_SECRET})
# A key pair's other fields are its service's own, and such names are rarely given to what may be seen.
_SECRET_LOOKING: Final = re.compile(r"secret|passw|passphrase|token|private|credential", re.IGNORECASE)


class Form(StrEnum):
    """The three forms a secret of kind `iam-access-key` may have."""

    BLOB = "a blob"
    LOCATION = "a location (a vault's place before the first rotation makes its first key)"
    KEY_PAIR = "a plain IAM key pair"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A value's form, and its fields in their order with secrets redacted.

    `objection` says why a rotation would refuse the value although it is well formed; None where it would not.
    """

    form: Form
    fields: Mapping[str, object]
    objection: str | None = None


def decoded(text: SecretText) -> Decoded:
    """Read the value and give what may be shown.

    A blob that others boot from but we would not rotate (plain http, a prefix without its slash) is shown all the same.

    Raises:
        RotationError: the value is damaged, its endpoint is none, or its iterations are out of range.
    """
    if not looks_like_blob(text.reveal()):
        other = parse_key_secret(text)
        form = Form.LOCATION if isinstance(other, Location) else Form.KEY_PAIR
        hidden = _Hidden(_secret_of(other), _SECRET_LOOKING if form is Form.KEY_PAIR else None)
        return Decoded(form, hidden.fields(other.document))
    # A blob too full for another key cannot be rotated but can be read, so room is not asked for.
    blob = read_blob(text)
    fields = _Hidden(blob.credentials.secret_access_key, None).fields(blob.document)
    return Decoded(Form.BLOB, fields, _objection(text, fields))


def _objection(text: SecretText, fields: Mapping[str, object]) -> str | None:
    try:
        parse_config_blob(text)
    except SettingsError as refusal:
        Endpoint.read(str(fields["endpoint"]))
        if fields["iterations"] not in range(MIN_ITERATIONS, MAX_ITERATIONS + 1):
            raise
        return refusal.what
    return None


def _secret_of(found: KeySecret) -> SecretText | None:
    return None if isinstance(found, Location) else found.credentials.secret_access_key


@dataclass(frozen=True, slots=True)
class _Hidden:
    """Hides by name at any depth, and wherever the secret access key itself was written a second time."""

    secret: SecretText | None
    names: re.Pattern[str] | None

    def fields(self, document: JsonObject) -> dict[str, object]:
        return {name: self.field(name, value) for name, value in document.values().items()}

    def field(self, name: str, value: object) -> object:
        if name in _SECRET_NAMES or (self.names is not None and self.names.search(name)):
            return REDACTED
        return self._value(value)

    def _value(self, value: object) -> object:
        if isinstance(value, dict):
            return {name: self.field(name, inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._value(inner) for inner in value]
        return REDACTED if isinstance(value, str) and self._repeats_secret(value) else value

    def _repeats_secret(self, text: str) -> bool:
        secret = "" if self.secret is None else self.secret.reveal()
        return len(secret) >= MIN_SECRET_CHARACTERS and secret in text
