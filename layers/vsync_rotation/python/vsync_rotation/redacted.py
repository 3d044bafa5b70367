"""Values that must never be seen: text and bytes whose repr, str, format and pickle show nothing.

A secret lives in one of these from the adapter that read it to the adapter that writes it; `reveal` is the only way
in, so a search for it lists every place where a secret is open.
"""

import hmac
from typing import Final, NoReturn, final

_SHOWN: Final = "<redacted>"


@final
class SecretText:
    """A secret string: a passphrase, a blob, a secret access key."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself. Hand it to a parser, a cipher or an SDK call; never to a message."""
        return self._value

    def __repr__(self) -> str:
        return _SHOWN

    def __format__(self, _spec: str) -> str:
        return _SHOWN

    def __eq__(self, other: object) -> bool:
        """Compare without telling by time how far two values agree."""
        if not isinstance(other, SecretText):
            return NotImplemented
        return hmac.compare_digest(
            self._value.encode("utf-8", "surrogatepass"), other._value.encode("utf-8", "surrogatepass")
        )

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


@final
class SecretBytes:
    """Secret bytes: a derived key."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def reveal(self) -> bytes:
        """The bytes themselves, for a cipher."""
        return self._value

    def __repr__(self) -> str:
        return _SHOWN

    def __format__(self, _spec: str) -> str:
        return _SHOWN

    def __eq__(self, other: object) -> bool:
        """Compare without telling by time how far two values agree."""
        if not isinstance(other, SecretBytes):
            return NotImplemented
        return hmac.compare_digest(self._value, other._value)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")
