"""What one call costs, told by the interpreter itself, so that a loaded machine changes nothing."""

import sys
import tracemalloc
from collections.abc import Callable
from typing import Any, Final

KIB: Final = 1024
MIB: Final = 1024 * KIB


def peak_bytes(call: Callable[[], object]) -> int:
    """The most memory that Python held for the call at any moment beyond what it held before, in bytes.

    The least of three times: what another thread of the process takes meanwhile is not the call's.
    """
    return min(_peak_bytes_once(call) for _ in range(3))


def _peak_bytes_once(call: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def calls_made(call: Callable[[], object]) -> int:
    """How many functions, the interpreter's own in C included, the call entered: its work without the clock."""
    entered = 0

    def count(_frame: Any, event: str, _argument: object) -> None:
        nonlocal entered
        entered += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        call()
    finally:
        sys.setprofile(before)
    return entered
