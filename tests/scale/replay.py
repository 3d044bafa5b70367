"""A storm at the size of a fleet: recorded requests replayed against the same quotas, as discrete events.

What is recorded: which requests a step makes, in their order. What is modelled from the product's code: what a step does
when a request is refused (`step_model.py`). From the assumptions: latency, the service's attempts, Lambda's concurrency.
What is left out: the SDK's retry quota of an environment (500 tokens), cold starts, S3's slow partitions.
"""

import heapq
from collections.abc import Sequence
from random import Random

from simulator.quotas import Meter, Quota
from tests.scale import assumptions
from tests.scale.outcome import Outcome
from tests.scale.plan import Starts, Waits, version_id_of
from tests.scale.step_model import EMIT, ReplayedRotation, Settings, StepModel, Wait
from tests.scale.traces import STEPS, Trace
from vsync_rotation.engine import deadline


class Replay:
    """One storm; `run` it once. A `step_model.Wire` for its steps."""

    def __init__(
        self,
        traces: dict[str, Trace],
        quotas: Sequence[Quota],
        waits: Waits,
        *,
        settings: Settings | None = None,
        seed: int = 1,
        concurrency: int = assumptions.LAMBDA_CONCURRENCY,
    ) -> None:
        self.meter = Meter(quotas)
        self.now = 0.0
        self._traces = traces
        self._waits = waits
        self._settings = settings or Settings()
        self._seed = seed
        self._random = Random(seed)  # noqa: S311 - jitter, and the same at every run
        self._concurrency = concurrency
        self._running = self._peak = self._refused_invocations = 0
        self._requests = self._throttled = 0

    def run(self, starts: dict[str, Starts], vault_count: int) -> Outcome:
        """The key and the passphrase of every vault, for the kinds that have a plan."""
        rotations = [
            ReplayedRotation(kind, version_id_of(self._seed, kind, number))
            for kind in starts
            for number in range(vault_count)
        ]
        begun = [at for plan in starts.values() for at in plan.instants(vault_count, self._random)]
        self._carry_out_all(sorted(zip(begun, range(len(begun)), rotations, strict=True), key=lambda start: start[:2]))
        failed = [rotation for rotation in rotations if not rotation.succeeded]
        return Outcome(
            rotations=len(rotations),
            failed=len(failed),
            repeated=sum(rotation.attempts > 1 for rotation in rotations),
            seconds=self.now,
            requests=self._requests,
            throttled=self._throttled,
            peak_concurrency=self._peak,
            refused_invocations=self._refused_invocations,
            torn=sum(rotation.swapped_at is not None for rotation in failed),
            longest_window_seconds=max((rotation.window_seconds for rotation in rotations), default=0.0),
        )

    def _carry_out_all(self, starts: list[tuple[float, int, ReplayedRotation]]) -> None:
        """In the order of their instants; the number breaks ties. Only what has begun is in the heap, which is small."""
        due: list[tuple[float, int, Wait]] = []
        starts.reverse()
        number = len(starts)
        while starts or due:
            while starts and (not due or starts[-1][0] <= due[0][0]):
                at, first_number, rotation = starts.pop()
                heapq.heappush(due, (at, first_number, self._carry_out(rotation)))
            self.now, _, work = due[0]
            try:
                pause = next(work)
            except StopIteration:
                heapq.heappop(due)
            else:
                number += 1
                heapq.heapreplace(due, (self.now + pause, number, work))

    # One rotation, as the service carries it out.

    def _carry_out(self, rotation: ReplayedRotation) -> Wait:
        for attempt in range(1, assumptions.ATTEMPTS + 1):
            if attempt > 1:
                yield assumptions.ATTEMPT_SPACING_SECONDS
            rotation.attempts = attempt
            if (yield from self._attempt(rotation)):
                rotation.succeeded = True
                return True
        return False

    def _attempt(self, rotation: ReplayedRotation) -> Wait:
        trace = self._traces[rotation.kind]
        for step in STEPS:
            if self._running >= self._concurrency:
                # Undocumented: taken for a failed attempt, the worst the service could make of it.
                self._refused_invocations += 1
                return False
            self._running += 1
            self._peak = max(self._peak, self._running)
            ends_at = self.now + self._settings.timeout_seconds - deadline.MARGIN_SECONDS
            yield assumptions.STEP_SECONDS
            succeeded = yield from StepModel(self, self._settings, rotation, trace, step, ends_at).run()
            if not succeeded:
                yield from self.asked(EMIT, self._settings.tries_to_tell, ends_at)
            self._running -= 1
            if not succeeded:
                return False
        return True

    # One request, with the tries of its client.

    def asked(self, action: str, tries: int, ends_at: float) -> Wait:
        """One request with the SDK's tries; refused at once when the deadline has passed. True when it was admitted."""
        pause = assumptions.REQUEST_SECONDS
        for done in range(1, tries + 1):
            if self.now > ends_at:
                return False
            yield pause
            self._requests += 1
            if self.meter.admits(action, self.now):
                return True
            self._throttled += 1
            wait = self._waits.seconds(done, self._random) if done < tries else 0.0
            if done < tries and self.now + wait > ends_at:
                yield wait
                return False
            # One event for the wait and the request after it: half as many in a storm, which is mostly throttled tries.
            pause = wait + assumptions.REQUEST_SECONDS
        return False
