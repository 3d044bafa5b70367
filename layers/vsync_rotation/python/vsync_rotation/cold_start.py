"""Importing a function's code while Lambda starts an environment, without the garbage collector in the way.

The SDK makes tens of thousands of objects while it is imported, and hardly any of them is garbage. Python's cyclic
collector does not know that: it walks them again and again as they grow in number, and once more at every full
collection of every later invocation. docs/performance.md has what that costs.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Suspend the collector inside the block; leave out of later collections whatever is alive at its end.

    Objects without cycles are freed as always. Safe to nest and to repeat: a collector that was off stays off. Only for
    imports, whose objects live as long as the process: cyclic garbage that exists at the end is never freed.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()
