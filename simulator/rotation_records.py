"""What became of a rotation: its attempts, their steps, and for each step its duration and its requests."""

from dataclasses import dataclass
from enum import StrEnum

from simulator.exchange import Request


class Outcome(StrEnum):
    """How a rotation ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One invocation of the function. `error` is the class name of what it raised, None where it did not."""

    step: str
    attempt: int
    ms: float
    requests: tuple[Request, ...]
    error: str | None
    message: str | None
    output: tuple[str, ...] = ()
    peak_rss_kib: int | None = None

    @property
    def calls(self) -> int:
        """Requests made, retries by the SDK included."""
        return len(self.requests)


@dataclass(frozen=True, slots=True)
class RotationRecord:
    """One rotation from its order to its end."""

    secret_arn: str
    version_id: str
    outcome: Outcome
    steps: tuple[StepRecord, ...]
    reason: str | None = None

    @property
    def attempts(self) -> int:
        """How often the whole rotation was tried."""
        return max((step.attempt for step in self.steps), default=0)

    @property
    def error(self) -> str | None:
        """The class name of the last failure, None for a rotation that succeeded."""
        return None if self.outcome is Outcome.SUCCEEDED or not self.steps else self.steps[-1].error

    @property
    def message(self) -> str | None:
        """The text of the last failure."""
        return None if self.outcome is Outcome.SUCCEEDED or not self.steps else self.steps[-1].message
