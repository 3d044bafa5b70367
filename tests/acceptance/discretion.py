"""The secrets a run knows, and texts without them: nothing it prints or writes may hold one."""

import json
from dataclasses import dataclass, field
from typing import Final

_PLACEHOLDER: Final = "<secret>"


@dataclass(slots=True)
class Discretion:
    """Every secret is told here before anything else is done with it."""

    _secrets: set[str] = field(default_factory=set, repr=False)

    def keep(self, *secrets: str | None) -> None:
        """Never show these."""
        for secret in secrets:
            if secret:
                self._secrets |= {secret, json.dumps(secret)[1:-1]}

    def cleared(self, text: str) -> str:
        """The text without any of them; the longest go first, since one may hold another."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, _PLACEHOLDER)
        return text
