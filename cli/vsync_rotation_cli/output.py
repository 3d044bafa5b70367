"""Standard output whose failures can be told from all others: an error of the system does not name it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast


class OutputError(OSError):
    """Standard output could not be written. A reader that has gone away is not meant: that stays a BrokenPipeError."""


@contextmanager
def told_apart() -> Iterator[None]:
    """Inside, writing to standard output fails with an OutputError.

    Raises:
        OutputError: it could not be written.
    """
    stream = sys.stdout
    sys.stdout = cast("TextIO", _Output(stream))
    try:
        yield
        sys.stdout.flush()
    finally:
        sys.stdout = stream


class _Output:
    """The stream, but for what its writing raises."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with _of_output():
            return self._stream.write(text)

    def flush(self) -> None:
        with _of_output():
            self._stream.flush()


@contextmanager
def _of_output() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(error.errno, error.strerror) from None
