"""The leak register: every secret of a world from its birth, and the places none of them may show up in."""

import base64
import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, quote_plus

MIN_LENGTH: Final = 8  # shorter texts turn up by chance
Expander = Callable[[str], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Leak:
    """Where a secret was seen and in which form; the secret itself is told by a fingerprint only."""

    where: str
    form: str
    fingerprint: str


def json_credentials(text: str) -> Iterator[str]:
    """The values of secret-looking fields of a JSON object."""
    try:
        value = json.loads(text)
    except ValueError:
        return
    if isinstance(value, dict):
        marks = ("secret", "password", "passphrase", "token")
        yield from (v for k, v in value.items() if isinstance(v, str) and any(mark in k.lower() for mark in marks))


@dataclass(slots=True)
class SecretRegister:
    """Secrets in all their forms.

    Attributes:
        expanders: each gets a new secret and gives further ones that are inside it.
    """

    expanders: list[Expander] = field(default_factory=lambda: [json_credentials])
    _forms: dict[str, tuple[str, str]] = field(default_factory=dict, repr=False)

    def add(self, text: str) -> None:
        """Register a secret and what the expanders find in it."""
        for secret in [text, *(inner for expander in self.expanders for inner in expander(text))]:
            if len(secret) >= MIN_LENGTH:
                fingerprint = hashlib.sha256(secret.encode()).hexdigest()[:12]
                for form, spelling in _spellings(secret):
                    self._forms.setdefault(spelling, (form, fingerprint))

    def find(self, where: str, text: str) -> list[Leak]:
        """Every secret that this text contains."""
        seen = {facts for spelling, facts in list(self._forms.items()) if spelling in text}
        return [Leak(where, form, fingerprint) for form, fingerprint in sorted(seen)]


def _spellings(secret: str) -> Iterator[tuple[str, str]]:
    raw = secret.encode()
    yield "raw", secret
    yield "json", json.dumps(secret)[1:-1]
    for encoded in {quote(secret, safe=""), quote_plus(secret), quote(secret)}:
        yield "url", encoded
        yield "url", encoded.lower()
    for offset in range(3):
        spelling = _base64_core(raw, offset)
        yield "base64", spelling
        yield "base64url", spelling.translate(str.maketrans("+/", "-_"))


def _base64_core(raw: bytes, offset: int) -> str:
    """The characters any base64 text has in which these bytes begin `offset` bytes into a group of three."""
    whole = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
    end = (offset + len(raw)) * 8 // 6
    return whole[math.ceil(offset * 8 / 6) : end]


def texts_of(error: BaseException) -> Iterator[str]:
    """Everything an exception may show: message, arguments, notes, and the same of what caused it."""
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        current = todo.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield str(current)
        yield repr(current.args)
        yield from getattr(current, "__notes__", ())
        todo += [current.__cause__, current.__context__]
        todo += getattr(current, "exceptions", ())
