"""What a text of a deployment file must look like."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

# A line stays one line, and short enough to be read, whatever a text holds.
_LONGEST_QUOTED: Final = 60


@dataclass(frozen=True, slots=True)
class Form:
    """What a text must be.

    Attributes:
        meaning: goes on behind "write ".
        wrong: says what is wrong with a text, and what to do; None where nothing is.
    """

    meaning: str
    wrong: Callable[[str], str | None]

    @classmethod
    def matching(cls, pattern: str, meaning: str) -> Self:
        """A text that a pattern describes as a whole."""
        compiled = re.compile(pattern, re.ASCII)

        def wrong(text: str) -> str | None:
            return None if compiled.fullmatch(text) else f"{quoted(text)} is malformed; write {meaning}"

        return cls(meaning, wrong)

    @classmethod
    def unrepeated(cls, pattern: str, meaning: str) -> Self:
        """The same where people paste what opens something: no message repeats the text."""
        compiled = re.compile(pattern, re.ASCII)

        def wrong(text: str) -> str | None:
            return None if compiled.fullmatch(text) else f"is malformed; write {meaning}"

        return cls(meaning, wrong)

    def narrowed(self, further: Callable[[str], str | None]) -> Self:
        """The same, and what is well formed is looked at further."""
        return type(self)(self.meaning, lambda text: self.wrong(text) or further(text))


def quoted(text: str) -> str:
    """A text as a message repeats it: on one line, in plain characters, and not at any length."""
    return json.dumps(shortened(text, _LONGEST_QUOTED))


def shortened(text: str, longest: int) -> str:
    """A text, or its beginning and three dots where it is longer."""
    return text if len(text) <= longest else f"{text[:longest]}..."
