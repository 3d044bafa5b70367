"""Request quotas as token buckets: how often operations may be asked together, and what is refused beyond that.

A bucket holds `burst` tokens at most and gains `per_second` of them each second; a request takes one, and one that
finds none is throttled and takes nothing. Time is whatever clock the caller reads, so virtual time serves too.

    with world.watched_by(Throttle([Quota("writes", frozenset({"secretsmanager:PutSecretValue"}), 50, burst=50)],
                                   world.clock.monotonic)): ...
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from simulator.exchange import Answer, Request
from simulator.faults import any_request, throttle

# Refilling adds fractions; what is short of a whole token by less than this was rounded away.
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Quota:
    """Operations that share one rate.

    Attributes:
        name: what results are counted under.
        actions: `service:Operation`, or `service:*` for all of a service.
        per_second: requests a second in the long run, above 0.
        burst: requests at once after a quiet time, at least 1.

    Raises:
        ValueError: a number is out of its range.
    """

    name: str
    actions: frozenset[str]
    per_second: float
    burst: float

    def __post_init__(self) -> None:
        if self.per_second <= 0 or self.burst < 1:
            raise ValueError(f"quota {self.name}: a rate is above 0 and a burst at least 1")

    def covers(self, action: str) -> bool:
        return action in self.actions or f"{action.partition(':')[0]}:*" in self.actions

    def divided_by(self, divisor: float) -> "Quota":
        """The quota a `divisor` times smaller account would need; the burst stays at least one request."""
        return Quota(self.name, self.actions, self.per_second / divisor, max(1.0, self.burst / divisor))


class TokenBucket:
    """One quota's tokens, full at first. Time given to it never goes back."""

    __slots__ = ("_at", "_burst", "_level", "_per_second")

    def __init__(self, per_second: float, burst: float) -> None:
        self._per_second = per_second
        self._burst = burst
        self._level = burst
        self._at: float | None = None

    def has_one(self, now: float) -> bool:
        """Whether a token is there at `now` (seconds)."""
        if self._at is not None:
            self._level = min(self._burst, self._level + (now - self._at) * self._per_second)
        self._at = now
        return self._level >= 1 - _ROUNDING

    def take(self) -> None:
        """Take the token that `has_one` has just found."""
        self._level -= 1


class Meter:
    """Admits or refuses requests by every quota that covers them; counts both by quota name."""

    def __init__(self, quotas: Iterable[Quota]) -> None:
        self._buckets = [(quota, TokenBucket(quota.per_second, quota.burst)) for quota in quotas]
        self._of_action: dict[str, tuple[tuple[str, TokenBucket], ...]] = {}
        self.admitted: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def admits(self, action: str, now: float) -> bool:
        """Whether every quota has a token; then one of each is taken, otherwise none of any."""
        found = self._of_action.get(action)
        if found is None:
            found = tuple((quota.name, bucket) for quota, bucket in self._buckets if quota.covers(action))
            self._of_action[action] = found
        for name, bucket in found:
            if not bucket.has_one(now):
                self.refused[name] += 1
                return False
        for name, bucket in found:
            bucket.take()
            self.admitted[name] += 1
        return True


class Throttle:
    """An observer: requests beyond the quotas are answered as the service answers who asks too often.

    Every request counts, whoever makes it: an account's quotas are shared by all of its callers.
    """

    def __init__(self, quotas: Iterable[Quota], monotonic: Callable[[], float]) -> None:
        self.meter = Meter(quotas)
        self._monotonic = monotonic
        self._refusal = throttle(any_request)

    @property
    def refused(self) -> list[Request]:
        """The requests that were throttled, in order."""
        return self._refusal.hits

    def before(self, request: Request) -> Answer | None:
        return None if self.meter.admits(request.action, self._monotonic()) else self._refusal.before(request)

    def after(self, request: Request) -> None: ...
