"""An exception nobody expected: logged by where it came from, never by its text, which may quote what it was given."""

import traceback
from typing import Final

from vsync_rotation.engine.ports import Journal
from vsync_rotation.errors import RotationError

_FRAMES_LOGGED: Final = 12


def as_failure(error: Exception, journal: Journal, *, safe: str, **fields: object) -> RotationError:
    """Log the exception's class and frames, and give the failure to report instead of it.

    Args:
        error: what was raised.
        journal: where its frames go, with `fields`.
        safe: what is still safe although nobody knows how far the work came.
    """
    kind = type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES_LOGGED:]
    named = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    journal.error("unexpected exception", error=kind, frames=named, **fields)
    return RotationError(f"unexpected {kind}", remedy="report it with the logged frames", safe=safe)
