"""Values that must never be seen: text and bytes whose repr, str, format and pickle show nothing.

A secret lives in one of these from the adapter that read it to the adapter that writes it; `reveal` is the only way
in, so a search for it lists every place where a secret is open.
"""

import hmac
from typing import Final, Generic, NoReturn, TypeVar, final

_SHOWN: Final = "<redacted>"

T = TypeVar("T", str, bytes)


class _Redacted(Generic[T]):
    """Holds a value and shows nothing of it. Not hashable: a hash would outlive it in some table."""

    __slots__ = ("_value",)
    _value: T
    __hash__ = None  # type: ignore[assignment]  # how Python spells "not hashable"

    def __init__(self, value: T) -> None:
        self._value = value

    def reveal(self) -> T:
        """The value itself. Hand it to a parser, a cipher or an SDK call; never to a message."""
        return self._value

    def __repr__(self) -> str:
        return _SHOWN

    def __format__(self, _spec: str) -> str:
        return _SHOWN

    def __eq__(self, other: object) -> bool:
        """Compare without telling by time how far two values agree."""
        if not isinstance(other, _Redacted) or type(other) is not type(self):
            return NotImplemented
        return hmac.compare_digest(_as_bytes(self._value), _as_bytes(other.reveal()))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


@final
class SecretText(_Redacted[str]):
    """A secret string: a passphrase, a blob, a secret access key."""

    __slots__ = ()


@final
class SecretBytes(_Redacted[bytes]):
    """Secret bytes: a derived key."""

    __slots__ = ()


def _as_bytes(value: str | bytes) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
