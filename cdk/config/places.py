"""Where something stands in a deployment file, as every message begins."""

import re
from dataclasses import dataclass, replace
from typing import Final

from cdk.config.forms import quoted

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,60}")


@dataclass(frozen=True, slots=True)
class Place:
    """The file, the entry of a list where there are many alike, and the key in it."""

    file: str
    entry: str = ""
    key: str = ""

    def at(self, *keys: str) -> "Place":
        """The place of a key of the table that stands here, of a key within that, and so on."""
        spelled = (key if _BARE_KEY.fullmatch(key) else quoted(key) for key in keys)
        return replace(self, key=".".join(part for part in (self.key, *spelled) if part))

    def item(self, number: int) -> "Place":
        """The place of an item of the array that stands here; the first is 1."""
        return replace(self, key=f"{self.key}[{number}]")

    def as_entry(self, label: str) -> "Place":
        """The same place, as an entry of that label whose keys are named from there."""
        return Place(self.file, f"{self.entry}{self.key}{label}")

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.entry, self.key) if part)
