"""The two passphrases of a rotation, as bundle keys derived at most once per invocation."""

from collections.abc import Callable

from vsync_rotation.crypto.key_derivation import derive_key
from vsync_rotation.redacted import SecretBytes, SecretText

# A passphrase, or how to read it where that costs a request and may not be needed.
Passphrase = SecretText | Callable[[], SecretText]


class KeyRing:
    """Derives each key on first use: a derivation costs as much as everything else of a small rotation."""

    def __init__(self, *, salt: str, iterations: int, current: Passphrase, pending: Passphrase) -> None:
        self._salt = salt
        self._iterations = iterations
        self._current = current
        self._pending = pending
        self._derived: dict[str, SecretBytes] = {}

    def current(self) -> SecretBytes:
        """The key of AWSCURRENT."""
        return self._key("current", self._current)

    def pending(self) -> SecretBytes:
        """The key of AWSPENDING."""
        return self._key("pending", self._pending)

    def _key(self, name: str, passphrase: Passphrase) -> SecretBytes:
        if name not in self._derived:
            text = passphrase if isinstance(passphrase, SecretText) else passphrase()
            self._derived[name] = derive_key(text, salt=self._salt, iterations=self._iterations)
        return self._derived[name]
