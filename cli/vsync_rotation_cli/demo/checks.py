"""How a judgement becomes a check: found as expected, found otherwise, or failed on the way."""

from collections.abc import Callable
from typing import Final

from simulator.leaks import SecretRegister
from vsync_rotation_cli.demo.facts import Check

_WITHHELD: Final = "a message that holds secret material and is not shown"


class UnexpectedError(Exception):
    """A judgement found something else than it should. The text says what, in one clause without secrets."""


Judgement = Callable[[], str]


def judged(name: str, expected: str, judge: Judgement, secrets: SecretRegister) -> Check:
    """The check. `judge` returns what it found, or raises `UnexpectedError` with it."""
    try:
        return Check(name, ok=True, detail=judge())
    except UnexpectedError as finding:
        found = str(finding)
    except Exception as error:  # noqa: BLE001 - whatever breaks a judgement is a finding, never a traceback
        found = message_of(error)
    return Check(name, ok=False, detail=f"expected {expected}, found {without_secrets(found, secrets)}")


def message_of(error: BaseException) -> str:
    """Class and text on one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def without_secrets(text: str, secrets: SecretRegister) -> str:
    """The text, unless a message from elsewhere carries what it should not."""
    return _WITHHELD if secrets.find("message", text) else text


def require(holds: bool, found: str) -> None:  # noqa: FBT001 - reads as an assertion: require(a == b, "...")
    """Go on only if it holds.

    Raises:
        UnexpectedError: with what was found.
    """
    if not holds:
        raise UnexpectedError(found)
