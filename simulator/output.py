"""Standard output and error of functions, taken per thread: a function's lines never reach the real stream.

Logging handlers bind the stream that was there when they were made, often at import, long before any function runs.
So besides replacing `sys.stdout` and `sys.stderr`, handlers bound to a known standard stream are re-bound once to the
tap; for a thread that runs no function the tap passes everything on to the stream of that moment.
"""

import io
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from simulator.invocation import current_invocation


class Tap(io.TextIOBase):
    """Text written by a running function goes to its invocation, everything else to the real stream."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._real: TextIO = getattr(sys, name)
        self._known: list[Any] = [self._real, getattr(sys, f"__{name}__")]

    def is_known(self, stream: object) -> bool:
        return any(stream is known for known in self._known)

    def install(self) -> None:
        """Take the place of the stream of this moment."""
        stream = getattr(sys, self._name)
        if stream is not self:
            self._real = stream
            if not self.is_known(stream):
                self._known.append(stream)
            setattr(sys, self._name, self)

    def uninstall(self) -> None:
        if getattr(sys, self._name) is self:
            setattr(sys, self._name, self._real)

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        invocation = current_invocation()
        if invocation is not None:
            invocation.write(text)
        else:
            self._outside().write(text)
        return len(text)

    def flush(self) -> None:
        if current_invocation() is None:
            self._outside().flush()

    def _outside(self) -> TextIO:
        stream: Any = getattr(sys, self._name)
        return self._real if stream is self else cast("TextIO", stream)


_taps = (Tap("stdout"), Tap("stderr"))
_users = 0
_lock = threading.Lock()


@contextmanager
def tapped() -> Iterator[None]:
    """Inside the block the taps stand in for the standard streams; blocks may nest and overlap between threads."""
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _users  # noqa: PLW0603 - one pair of standard streams per process, so one counter
    with _lock:
        _users += 1
        for tap in _taps:
            tap.install()
        _rebind_handlers()


def _leave() -> None:
    global _users  # noqa: PLW0603 - see _enter
    with _lock:
        _users -= 1
        if _users == 0:
            for tap in _taps:
                tap.uninstall()


def _rebind_handlers() -> None:
    loggers = [logging.root, *logging.root.manager.loggerDict.values()]
    for logger in loggers:
        for handler in getattr(logger, "handlers", ()):
            if isinstance(handler, logging.StreamHandler):
                _rebind(handler)


def _rebind(handler: "logging.StreamHandler[Any]") -> None:
    for tap in _taps:
        if handler.stream is not tap and tap.is_known(handler.stream):
            handler.setStream(tap)
