"""How long an invocation may still run."""

from dataclasses import dataclass
from typing import Final

from vsync_rotation.engine.ports import Clock
from vsync_rotation.errors import UnreachableError

# Without a context (tests, local runs). Longer than a new IAM key usually needs to be known (5 to 15 seconds).
DEFAULT_SECONDS: Final = 30.0
# Kept back for the answer, the failure event and the log: a function that Lambda kills says nothing.
MARGIN_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Deadline:
    """An instant on the monotonic clock; nothing new is begun after it."""

    clock: Clock
    at: float

    @classmethod
    def of(cls, context: object, clock: Clock) -> "Deadline":
        """The deadline of a Lambda context, or the default one where there is no context."""
        remaining_ms = getattr(context, "get_remaining_time_in_millis", None)
        seconds = DEFAULT_SECONDS if remaining_ms is None else remaining_ms() / 1000
        return cls(clock, clock.monotonic() + seconds - MARGIN_SECONDS)

    def remaining_seconds(self) -> float:
        """Seconds left, negative once passed."""
        return self.at - self.clock.monotonic()

    def require(self, seconds: float, purpose: str) -> None:
        """Refuse to begin what may not end in time.

        Raises:
            UnreachableError: fewer than `seconds` remain.
        """
        if self.remaining_seconds() < seconds:
            raise UnreachableError(
                f"not enough time left for {purpose}", todo="let it be tried again, or raise the function's time-out"
            )
