"""What became of a storm, in the same words for the real one and for the replay."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """One storm.

    Attributes:
        seconds: virtual time from the first start to the last end.
        failed: rotations that used up all their attempts.
        repeated: rotations that needed more than one attempt, failed ones included.
        requests, throttled: tries on the wire, and those of them that a quota refused.
        peak_concurrency: the most invocations at once.
        refused_invocations: those beyond Lambda's concurrency.
        torn: vaults whose pointer had moved and whose AWSCURRENT had not, at the end of a rotation that failed.
        longest_window_seconds: of the rotations that succeeded, from pointer swap to label move.
    """

    rotations: int
    failed: int
    repeated: int
    seconds: float
    requests: int
    throttled: int
    peak_concurrency: int
    refused_invocations: int
    torn: int
    longest_window_seconds: float
