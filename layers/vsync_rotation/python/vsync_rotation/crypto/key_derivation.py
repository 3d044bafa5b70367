"""The bundle key: PBKDF2-HMAC-SHA256 of the passphrase (SPEC 2.4)."""

from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from vsync_rotation.errors import SettingsError, WrongPassphraseError
from vsync_rotation.redacted import SecretBytes, SecretText

KEY_SIZE: Final = 32  # bytes: AES-256


def derive_key(passphrase: SecretText, *, salt: str, iterations: int) -> SecretBytes:
    """Derive the 32-byte key. The salt is its UTF-8 bytes as it stands: base64 in it is never decoded.

    The cost is `iterations` times two SHA-256 compressions; the accepted range is checked where the number is read.

    Raises:
        WrongPassphraseError: the passphrase has no UTF-8 form, so no vsync ever encrypted with it.
        SettingsError: the salt has no UTF-8 form.
    """
    secret = _utf8(passphrase.reveal())
    if secret is None:
        raise WrongPassphraseError(
            "the passphrase holds a lone surrogate and has no UTF-8 form",
            remedy="put the passphrase that the vault was pushed with into the secret",
        )
    salt_bytes = _utf8(salt)
    if salt_bytes is None:
        raise SettingsError(
            "the salt holds a lone surrogate and has no UTF-8 form", remedy="take the salt from the vault's own config"
        )
    function = PBKDF2HMAC(algorithm=hashes.SHA256(), length=KEY_SIZE, salt=salt_bytes, iterations=iterations)
    return SecretBytes(function.derive(secret))


def _utf8(text: str) -> bytes | None:
    """The bytes, or None: the codec's exception carries the whole text and must not become anybody's context."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return None
