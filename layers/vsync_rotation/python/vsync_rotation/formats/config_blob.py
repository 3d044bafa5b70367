"""The `vsync-cfg-v1:` blob and the location it can be made from (SPEC 5)."""

from dataclasses import dataclass
from typing import Final

from vsync_rotation.errors import BlobError, SettingsError
from vsync_rotation.formats import blob_envelope
from vsync_rotation.formats.credentials import Credentials, read_credentials
from vsync_rotation.formats.field_reader import FieldReader
from vsync_rotation.formats.json_object import JsonObject, MalformedJsonError
from vsync_rotation.formats.vault_config import (
    ACCESS_KEY_ID,
    BLOB_VERSION,
    SECRET_ACCESS_KEY,
    VaultConfig,
    check_form,
    read_vault_config,
)
from vsync_rotation.redacted import SecretText

_BLOB_REMEDY: Final = "print the blob again with vsync runtime-token and store it whole, without a newline"
_LOCATION_REMEDY: Final = (
    "correct the location in the config secret; it is a blob's JSON object without its two credential fields"
)


@dataclass(frozen=True, slots=True)
class ConfigBlob:
    """A blob, decoded: everything it says and, unseen, the JSON text it said it with.

    Raises:
        SettingsError: from `with_credentials` and `mint`, where the blob would be too large to be read again.
    """

    config: VaultConfig
    credentials: Credentials
    document: JsonObject

    def with_credentials(self, credentials: Credentials) -> "ConfigBlob":
        """The same blob with another access key: two values change, every other byte of the JSON stays (SPEC 5.9)."""
        document = self.document.replace(credentials.as_fields(ACCESS_KEY_ID, SECRET_ACCESS_KEY))
        return ConfigBlob(self.config, credentials, document)

    def mint(self) -> SecretText:
        """The blob as it is stored, without a newline. Repeating it gives the same text."""
        return blob_envelope.pack(self.document.text)


@dataclass(frozen=True, slots=True)
class Location:
    """What a config secret holds before the first rotation: a blob's JSON object without credentials (SPEC 5.11)."""

    config: VaultConfig
    document: JsonObject

    def with_credentials(self, credentials: Credentials) -> ConfigBlob:
        """The first blob: the two credential fields stand behind `bucket`, where vsync puts them."""
        added = credentials.as_fields(ACCESS_KEY_ID, SECRET_ACCESS_KEY)
        return ConfigBlob(self.config, credentials, self.document.insert_after("bucket", added))


@dataclass(frozen=True, slots=True)
class WellFormedBlob:
    """A blob without damage, whose endpoint, prefix and iterations nobody has judged: it can be shown, not rotated."""

    credentials: Credentials
    document: JsonObject


def read_blob(text: SecretText) -> WellFormedBlob:
    """Decode a blob and check the form of every field; for people who want to see why we would not rotate it.

    Raises:
        BlobError: not a blob, damaged, or a field is missing or of the wrong form.
        UnsupportedVersionError: another version, in the prefix or in the field `v`.
    """
    document = _document_in(text)
    fields = _blob_reader(document)
    fields.version(BLOB_VERSION)
    credentials = read_credentials(fields, ACCESS_KEY_ID, SECRET_ACCESS_KEY)
    check_form(fields)
    return WellFormedBlob(credentials, document)


def parse_config_blob(text: SecretText) -> ConfigBlob:
    """Decode a blob and check every field, what we allow included.

    Raises:
        BlobError, UnsupportedVersionError: as `read_blob`.
        SettingsError: endpoint, prefix or iterations are well formed and not allowed.
    """
    blob = read_blob(text)
    return ConfigBlob(read_vault_config(_blob_reader(blob.document)), blob.credentials, blob.document)


def location_from(document: JsonObject) -> Location:
    """Check a JSON object that should be a location.

    Raises:
        SettingsError: it carries credentials, or a field is missing, of the wrong form or not allowed.
        UnsupportedVersionError: `v` is another integer than 1.
    """
    fields = FieldReader(document, "the location", SettingsError, _LOCATION_REMEDY)
    for name in (ACCESS_KEY_ID, SECRET_ACCESS_KEY):
        if name in document:
            raise SettingsError(
                f"the location carries the field {name}, so it is a decoded blob",
                remedy=f"store the blob itself, or remove {ACCESS_KEY_ID} and {SECRET_ACCESS_KEY} from the location",
            )
    fields.version(BLOB_VERSION)
    return Location(read_vault_config(fields), document)


def _blob_reader(document: JsonObject) -> FieldReader:
    return FieldReader(document, "the blob", BlobError, _BLOB_REMEDY)


def _document_in(text: SecretText) -> JsonObject:
    try:
        return JsonObject.parse(blob_envelope.unpack(text).reveal())
    except MalformedJsonError as problem:
        raise BlobError(
            f"the blob's content is not the JSON object it should be: {problem}", remedy=_BLOB_REMEDY
        ) from None
