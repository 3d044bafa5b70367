"""The person at the terminal: told, asked, and never shown what they type in secret."""

import getpass
import sys
import termios
import warnings
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TextIO

from vsync_rotation.redacted import SecretText
from vsync_rotation_cli.refused import BAD_INPUT, NobodyToAskError, one_line

_YES: Final = frozenset({"y", "yes"})


@dataclass(frozen=True, slots=True)
class Console:
    """Standard input and output. `agreed`: every question for consent was answered beforehand, by --yes."""

    agreed: bool = False

    def say(self, line: str = "") -> None:
        """One line."""
        _out().write(f"{_shown(line)}\n")
        _out().flush()

    def has_person(self) -> bool:
        """Whether somebody can be asked."""
        return sys.stdin is not None and sys.stdin.isatty()

    def agrees(self, question: str) -> bool:
        """Whether to go on. Anything but a yes is a no, and so is one that was typed before the question was there.

        Raises:
            NobodyToAskError: there is nobody to ask.
        """
        if self.agreed:
            self.say(f"{question} yes (--yes)")
            return True
        self._require_person()
        _forget_what_was_typed()
        return self.ask(f"{question} [y/N] ").lower() in _YES

    def ask(self, question: str) -> str:
        """An answer that may be seen, without white space around it; empty where none is given.

        Raises:
            NobodyToAskError: there is nobody to ask.
        """
        self._require_person()
        _out().write(question)
        _out().flush()
        line = sys.stdin.readline()
        if not line:
            self.say()
        return line.strip()

    def ask_secret(self, question: str) -> SecretText:
        """An answer that is not shown while it is typed; exactly as typed, without the line's end.

        Raises:
            NobodyToAskError: there is nobody to ask, or the terminal cannot hide what is typed.
        """
        self._require_person()
        with warnings.catch_warnings():
            # Python would read on with a warning and show every character.
            warnings.simplefilter("error", getpass.GetPassWarning)
            try:
                return SecretText(getpass.getpass(question))
            except getpass.GetPassWarning:
                pass
            except EOFError:
                self.say()
                return SecretText("")
        raise NobodyToAskError("this terminal cannot hide what is typed; give the values with --from FILE")

    def _require_person(self) -> None:
        if not self.has_person():
            raise NobodyToAskError(
                "there is no terminal to ask at; say --yes, and give missing values with --from FILE", status=BAD_INPUT
            )


def _forget_what_was_typed() -> None:
    """A long diff went by meanwhile: a key that was pressed then agrees to nothing."""
    with suppress(OSError, termios.error):  # what is no terminal after all keeps nothing
        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)


def _out() -> TextIO:
    return sys.stdout


def _shown(line: str) -> str:
    """As it is, indentation included, unless a terminal might act on it."""
    return line if line.isprintable() else one_line(line)
