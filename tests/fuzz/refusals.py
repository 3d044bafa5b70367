"""What a parser may do with bytes it did not write: give a value, or refuse by the one family without showing them."""

import traceback
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from simulator.leaks import SecretRegister, texts_of
from vsync_rotation.errors import RotationError

# Planted wherever an input may hold a secret; each of its words is looked for, since an echo may be cut short.
_WORDS: Final = ("canary/0f+a=", "secret~that_", "nobody(may)see")
CANARY: Final = "".join(_WORDS)
_MAX_MESSAGE: Final = 1_000  # characters; an echo of a hostile input would be longer sooner or later

T = TypeVar("T")


def read(parse: Callable[[], T], *classes: type[RotationError], public: str = "") -> T | None:
    """What the parser gives, or None where it refused with exactly one of the classes and told nothing.

    Any other exception goes on and fails the test. `public`: the part of the input that a message may name.
    """
    try:
        return parse()
    except RotationError as error:
        refusal = error
    assert type(refusal) in classes, f"{type(refusal).__name__} is none of the classes for this input"
    assert_discreet(refusal, public=public)
    return None


def assert_refused(parse: Callable[[], object], *classes: type[RotationError]) -> None:
    """The parser refuses with exactly one of the classes and tells nothing."""
    accepted = object()
    assert read(lambda: (parse(), accepted), *classes) is None, "accepted what must be refused"


def assert_discreet(error: RotationError, *, public: str = "") -> None:
    """The error says what happened and what to do next, on one printable line, and nowhere what the input was."""
    assert error.what
    assert error.remedy
    message = str(error)
    assert error.what in message
    assert f"Next: {error.remedy}" in message
    assert len(message) < _MAX_MESSAGE + len(public)
    assert message.replace(public, "").isprintable(), "a message breaks the line it stands in"
    leaks = [leak for text in shown_by(error) for leak in canary.find("error", text)]
    assert leaks == []


def shown_by(error: BaseException) -> Iterator[str]:
    """Everything a log, a debugger or a crash report would show of it, causes and contexts included."""
    yield from texts_of(error)
    yield repr(error)
    yield "".join(traceback.format_exception(error))


canary: Final = SecretRegister()
for _word in _WORDS:
    canary.add(_word)
