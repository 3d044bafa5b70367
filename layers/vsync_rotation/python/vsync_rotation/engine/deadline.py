"""How long an invocation may still run."""

from typing import Final

from vsync_rotation.engine.ports import Clock
from vsync_rotation.errors import UnreachableError

# Without a context (tests, local runs). Longer than a new IAM key usually needs to be known (5 to 15 seconds).
DEFAULT_SECONDS: Final = 30.0
# Kept back for the answer, the failure event and the log: a function that Lambda kills says nothing.
MARGIN_SECONDS: Final = 1.0


class Deadline:
    """An instant on the monotonic clock; nothing new is begun after it, unless it was lifted."""

    def __init__(self, clock: Clock, at: float) -> None:
        self._clock = clock
        self._at = at
        self._begun_at = clock.monotonic()
        self._lifted = False

    @classmethod
    def of(cls, context: object, clock: Clock) -> "Deadline":
        """The deadline of a Lambda context, or the default one where there is no context."""
        remaining_ms = getattr(context, "get_remaining_time_in_millis", None)
        seconds = DEFAULT_SECONDS if remaining_ms is None else remaining_ms() / 1000
        return cls(clock, clock.monotonic() + seconds - MARGIN_SECONDS)

    def remaining_seconds(self) -> float:
        """Seconds left, negative once passed."""
        return self._at - self._clock.monotonic()

    def require(self, seconds: float, purpose: str) -> None:
        """Refuse to begin what may not end in time.

        Raises:
            UnreachableError: fewer than `seconds` remain.
        """
        if not self._lifted and self.remaining_seconds() < seconds:
            raise UnreachableError(
                f"not enough time left for {purpose}", remedy="let it be tried again, or raise the function's time-out"
            )

    def lift(self, *, seconds_wanted: float, purpose: str) -> None:
        """Begin what must not be left half done: refuse now, or never again in this invocation.

        Where the whole invocation was given less than twice what is wanted, half of what it was given must remain.

        Raises:
            UnreachableError: too little time is left.
        """
        given_seconds = self._at - self._begun_at
        self.require(min(seconds_wanted, given_seconds / 2), purpose)
        self._lifted = True
