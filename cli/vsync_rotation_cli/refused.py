"""What a command will not do, and why: lines for a person, a status for a script."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from vsync_rotation.errors import RotationError
from vsync_rotation_cli.aws.explained import explained

NOT_DONE: Final = 1
BAD_INPUT: Final = 2


class RefusedError(Exception):
    """Nothing further is done.

    Attributes:
        problems: what is in the way, one line each, with what to do about it; no secret value.
        status: BAD_INPUT where the command line, a file or a value given is wrong, else NOT_DONE.
    """

    def __init__(self, *problems: str, status: int = NOT_DONE) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        self.status = status


class NobodyToAskError(RefusedError):
    """There is no person, or no terminal that can hide what they type: asking again changes nothing."""


def bad_input(*problems: str) -> RefusedError:
    """A refusal of what a person gave."""
    return RefusedError(*problems, status=BAD_INPUT)


def ended(command: str, work: Callable[[], int]) -> int:
    """Run the command's work; a refusal, or what AWS refuses, becomes lines on standard error and the exit status.

    Raises:
        KeyboardInterrupt: a person's Ctrl-C; what they must know of it is said by then.
    """
    try:
        return work()
    except KeyboardInterrupt as interruption:
        complain(command, *getattr(interruption, "__notes__", ()))
        raise
    except RefusedError as refusal:
        complain(command, *refusal.problems)
        return refusal.status
    except RotationError as error:
        complain(command, "; ".join(explained(error)))
        return NOT_DONE


@contextmanager
def telling_if_interrupted(standing: Callable[[], str]) -> Iterator[None]:
    """Where a person's Ctrl-C ends the block, have `standing` told: what goes on, what is done, what to do next."""
    try:
        yield
    except KeyboardInterrupt as interruption:
        interruption.add_note(standing())
        raise


def complain(command: str, *problems: str) -> None:
    """Say what is wrong, one line each."""
    sys.stderr.writelines(f"vsync-rotation {command}: {one_line(problem)}\n" for problem in problems)


def one_line(text: str) -> str:
    """The text without line ends and control characters, which a service's answer may hold."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())
