"""What an invocation said it did, in a line each; what it says again and again is told once."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from simulator.asynchronous import Delivery
from vsync_rotation_cli.demo.checks import message_of
from vsync_rotation_cli.demo.narration import Narrator

# Short enough for a line of 80 columns beside what they do.
_SHORT: Final = {"retire_iam_access_keys": "retire", "check_vaults": "check", "restart_consumers": "restart"}
_LISTS: Final = ("restarted", "failed", "under_way")


class Diary:
    """Tells what invocations returned. What they returned is no evidence: the checks look for themselves."""

    def __init__(self, narrator: Narrator, began_at: datetime) -> None:
        self._narrator = narrator
        self._began_at = began_at
        self._last: dict[str, list[str]] = {}

    def note(self, delivery: Delivery) -> None:
        """After each invocation."""
        lines = list(dict.fromkeys(_lines(delivery)))
        if lines and lines == self._last.get(delivery.function):
            return
        self._last[delivery.function] = lines
        for line in lines:
            function = _SHORT.get(delivery.function, delivery.function)
            self._narrator.happened(delivery.at - self._began_at, f"{function}: {line}")


def _lines(delivery: Delivery) -> Iterator[str]:
    if delivery.error is not None:
        yield message_of(delivery.error)
    elif isinstance(delivery.returned, dict):
        yield from _summary(delivery.returned)


def _summary(summary: dict[str, Any]) -> Iterator[str]:
    for outcome in summary.get("outcomes", []):
        yield f"{outcome.get('action')}, {outcome.get('reason')}"
    for error in summary.get("errors", []):
        yield f"error, {error}"
    for name in _LISTS:
        if summary.get(name):
            yield f"{name.replace('_', ' ')}: {', '.join(summary[name])}"
