"""What a run says, to whoever watches it."""

import os
import sys
from contextlib import suppress
from dataclasses import dataclass

from tests.acceptance.discretion import Discretion


@dataclass(slots=True)
class Voice:
    """Says lines without any secret. A terminal or a pipe that goes takes the words along, and nothing else.

    Attributes:
        lost: a line reached nobody; nothing is said from then on.
    """

    discretion: Discretion
    lost: bool = False

    def say(self, line: str) -> None:
        """One line."""
        if self.lost:
            return
        try:
            print(self.discretion.cleared(line), flush=True)
        except (OSError, ValueError):  # ValueError: it was closed
            self.lost = True
            _forget_standard_output()


def _forget_standard_output() -> None:
    """Python flushes standard output once more at its end, and would end with a status of its own."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
