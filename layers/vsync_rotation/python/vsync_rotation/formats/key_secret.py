"""What a secret of kind `iam-access-key` may hold: a blob, a location or a plain key pair (SPEC 5.13)."""

from typing import Final

from vsync_rotation.errors import BlobError, SettingsError
from vsync_rotation.formats.blob_envelope import (
    MAX_DECODED_BYTES,
    MAX_ENCODED_CHARACTERS,
    TRAILING_WHITE_SPACE,
    looks_like_blob,
    pack,
)
from vsync_rotation.formats.config_blob import ConfigBlob, Location, location_from, parse_config_blob
from vsync_rotation.formats.json_object import JsonObject, MalformedJsonError, same_values
from vsync_rotation.formats.key_pair import KEY_PAIR_ID, KEY_PAIR_SECRET, KeyPair, is_key_pair, key_pair_from
from vsync_rotation.formats.vault_config import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from vsync_rotation.redacted import SecretText

KeySecret = ConfigBlob | Location | KeyPair

# What a new key can add at most: two values of 128 characters, each escaped, and two field names; 4/3 of it in base64.
_ROOM: Final = 1_024
_EXPECTED: Final = (
    "store a vsync-cfg-v1: blob, a location (the blob's JSON object without its two credential fields), "
    f"or a JSON object with {KEY_PAIR_ID} and {KEY_PAIR_SECRET}"
)


def parse_key_secret(text: SecretText) -> KeySecret:
    """Tell the three forms apart and check the one found, also for room to hold a new key before one is made.

    Raises:
        BlobError: none of the three, or a damaged blob, or JSON that is damaged.
        UnsupportedVersionError: a blob or location of another version.
        SettingsError: a location or a key pair with fields missing or not allowed; no room for a new key.
    """
    plain = text.reveal()
    if looks_like_blob(plain):
        found: KeySecret = parse_config_blob(text)
    elif plain.lstrip().startswith("{"):
        found = _from_json(plain.rstrip(TRAILING_WHITE_SPACE))
    else:
        raise BlobError("the value is neither a vsync-cfg-v1: blob nor a JSON object", remedy=_EXPECTED)
    _require_room(found)
    return found


def differs_in_credentials_only(one: KeySecret, other: KeySecret) -> bool:
    """Whether everything but the credential fields is equal in value; a key pair never equals a blob or a location."""
    if isinstance(one, KeyPair) is not isinstance(other, KeyPair):
        return False
    return same_values(_without_credentials(one), _without_credentials(other))


def _without_credentials(value: KeySecret) -> dict[str, object]:
    names = {KEY_PAIR_ID, KEY_PAIR_SECRET} if isinstance(value, KeyPair) else {ACCESS_KEY_ID, SECRET_ACCESS_KEY}
    return {name: field for name, field in value.document.values().items() if name not in names}


def _from_json(text: str) -> Location | KeyPair:
    size = _utf8_size(text)
    if size is None:
        raise BlobError("the JSON object holds a lone surrogate and has no UTF-8 form", remedy=_EXPECTED)
    if size > MAX_DECODED_BYTES:
        raise BlobError(f"the JSON object has {size} bytes, more than {MAX_DECODED_BYTES}", remedy=_EXPECTED)
    try:
        document = JsonObject.parse(text)
    except MalformedJsonError as problem:
        raise BlobError(f"the value begins like JSON but is no JSON object: {problem}", remedy=_EXPECTED) from None
    return key_pair_from(document) if is_key_pair(document) else location_from(document)


def _require_room(value: KeySecret) -> None:
    """A value too full for a new key is refused before the key exists, not after."""
    size = _utf8_size(value.document.text.reveal()) or 0
    encoded = 0 if isinstance(value, KeyPair) else len(pack(value.document.text).reveal())
    if size + _ROOM > MAX_DECODED_BYTES or encoded + _ROOM > MAX_ENCODED_CHARACTERS:
        raise SettingsError(
            f"the value has {size} bytes of JSON and leaves no room for a new access key within {MAX_DECODED_BYTES}",
            remedy="shorten the fields that vsync does not need",
        )


def _utf8_size(text: str) -> int | None:
    """The size in bytes, or None: the codec's exception carries the whole text and must not be anybody's context."""
    try:
        return len(text.encode("utf-8"))
    except UnicodeEncodeError:
        return None
