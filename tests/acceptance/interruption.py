"""Signals that end a run end it like Ctrl-C: by an exception, so that cleaning up comes behind it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

_ENDING: Final = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def ended_in_order() -> Iterator[None]:
    """In the block, SIGTERM and SIGHUP raise KeyboardInterrupt too, where they are not ignored; SIGINT does by itself."""
    before = {
        number: signal.signal(number, _interrupt)
        for number in _ENDING
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def deaf_to_hang_ups() -> Iterator[None]:
    """In the block, a terminal may go; a person may still interrupt."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


def _interrupt(number: int, _frame: Any) -> None:
    # A terminal that goes says so twice, through its shell and by the kernel: the second must not end the tidying up.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    raise KeyboardInterrupt(signal.Signals(number).name)
