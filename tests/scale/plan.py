"""How a storm is ordered and how those who are throttled behave: the two things that decide whether it ends well."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any, Final
from unittest.mock import patch
from uuid import UUID, uuid5

from botocore.retries.standard import ExponentialBackoff

from simulator.quotas import Quota
from tests.scale.traces import KEY, PASSPHRASE, Trace

# botocore's standard mode: a throttled try waits a random part of 1, 2, 4 ... 20 seconds before the next.
LONGEST_SDK_WAIT_SECONDS: Final = 20.0


_FLEET: Final = UUID(int=0)


def version_id_of(seed: int, kind: str, number: int) -> str:
    """The version a rotation makes. The product draws its jitter from it, so the real storm and the replay share it."""
    return str(uuid5(_FLEET, f"{seed} {kind} {number}"))


class Waits(StrEnum):
    """How long the SDK waits between the tries of one request. How many tries there are is the product's setting."""

    SHIPPED = "back-off, jitter"
    WITHOUT_JITTER = "back-off, no jitter"
    NONE = "no back-off"

    def seconds(self, tries_done: int, random: Random) -> float:
        """The wait after `tries_done` (1 or more) throttled tries."""
        if self is Waits.NONE:
            return 0.0
        longest = min(2.0 ** (tries_done - 1), LONGEST_SDK_WAIT_SECONDS)
        return longest if self is Waits.WITHOUT_JITTER else random.random() * longest


@contextmanager
def sdk_waits(waits: Waits, random: Random) -> Iterator[None]:
    """Inside the block the real SDK waits this way; as shipped, only its randomness is given a seed."""
    shipped = ExponentialBackoff.delay_amount

    def delay(backoff: Any, context: Any) -> float:
        backoff._random = (lambda: 1.0) if waits is Waits.WITHOUT_JITTER else random.random
        return 0.0 if waits is Waits.NONE else float(shipped(backoff, context))

    with patch.object(ExponentialBackoff, "delay_amount", delay):
        yield


class Spread(StrEnum):
    """Where in time the rotations of one kind begin, given so many a second."""

    SLOTS = "paced"  # each somewhere in a slot of its own: an operator's loop with jitter
    WINDOW = "window"  # each anywhere in the whole time: EventBridge Scheduler's flexible window
    AT_ONCE = "at once"  # all in the same instant: one cron expression for the whole fleet


@dataclass(frozen=True, slots=True)
class Starts:
    """When the rotations of one kind begin. `per_second` counts for nothing where all begin at once."""

    spread: Spread
    per_second: float = 1.0

    def instants(self, count: int, random: Random) -> list[float]:
        """Seconds from the beginning of the storm."""
        match self.spread:
            case Spread.SLOTS:
                return [(number + random.random()) / self.per_second for number in range(count)]
            case Spread.WINDOW:
                return [random.random() * count / self.per_second for _ in range(count)]
            case Spread.AT_ONCE:
                return [0.0] * count


def capacity(trace: Trace, quotas: Sequence[Quota]) -> dict[str, float]:
    """Rotations a second that each quota allows, by its name: its rate by the requests of one undisturbed rotation."""
    counts = {quota.name: trace.count(quota.covers) for quota in quotas}
    return {quota.name: quota.per_second / counts[quota.name] for quota in quotas if counts[quota.name]}


def sustainable(traces: dict[str, Trace], quotas: Sequence[Quota], share: float) -> dict[str, float]:
    """Rotations a second of each kind, side by side, that use at most this share of every quota.

    Keys go as fast as they can alone, but never take more than half of what both share; passphrases take the rest.
    """
    fastest_key = min(capacity(traces[KEY], quotas).values())
    fastest_passphrase = min(capacity(traces[PASSPHRASE], quotas).values())
    keys = min(fastest_key, fastest_passphrase / 2) * share
    # Both kinds write to Secrets Manager equally often, so what keys take is missing for passphrases one by one.
    return {KEY: keys, PASSPHRASE: fastest_passphrase * share - keys}


def starts(spread: Spread, rates: dict[str, float]) -> dict[str, Starts]:
    """Both kinds spread alike, each at its own rate (rotations a second)."""
    return {kind: Starts(spread, rate) for kind, rate in rates.items()}
