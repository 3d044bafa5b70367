"""AES-256-GCM as a stream: chunk in, chunk of the same length out, the tag last (SPEC 2.5).

No additional data is authenticated: RQE1 has none.
"""

from typing import final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import GCM

from vsync_rotation.errors import WrongPassphraseError
from vsync_rotation.redacted import SecretBytes


@final
class Encryptor:
    """Encrypts one message. An IV must never meet the same key twice: callers draw a fresh one per message."""

    __slots__ = ("_context",)

    def __init__(self, key: SecretBytes, iv: bytes) -> None:
        self._context = Cipher(AES256(key.reveal()), GCM(iv)).encryptor()

    def update(self, chunk: bytes) -> bytes:
        """The next ciphertext."""
        return self._context.update(chunk)

    def tag(self) -> bytes:
        """End the message: its 16-byte tag. Nothing can be added afterwards."""
        self._context.finalize()
        return self._context.tag


@final
class Decryptor:
    """Decrypts one message. What `update` returns is unproven until `verify` has returned."""

    __slots__ = ("_context",)

    def __init__(self, key: SecretBytes, iv: bytes) -> None:
        self._context = Cipher(AES256(key.reveal()), GCM(iv)).decryptor()

    def update(self, chunk: bytes) -> bytes:
        """The next plaintext, not yet authenticated."""
        return self._context.update(chunk)

    def verify(self, tag: bytes) -> None:
        """End the message and compare tags.

        Raises:
            WrongPassphraseError: the tag is another one. A wrong key and a changed ciphertext look the same here.
        """
        if not self._holds(tag):
            raise WrongPassphraseError(
                "the passphrase does not open the bundle, or the bundle was changed after it was encrypted",
                remedy="find which passphrase the last push used (a stale laptop, a rotation by hand) and push again "
                "with the current one",
            )

    def _holds(self, tag: bytes) -> bool:
        try:
            self._context.finalize_with_tag(tag)
        except InvalidTag:
            return False
        return True
