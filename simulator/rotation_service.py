"""The rotation service of Secrets Manager: takes orders from RotateSecret and invokes the function, step by step.

A failing step fails the attempt, and the whole rotation is tried again with the same token, so createSecret is
entered again too. A value changed by hand meanwhile abandons the rotation.

See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

from collections.abc import Callable
from typing import Any, Final

from simulator.clock import Clock
from simulator.corrections.rotation_requests import RotationOrder
from simulator.corrections.secret_versions import CURRENT, PENDING, PREVIOUS, detach, holder, remove_version
from simulator.functions import FunctionCrashed, Functions
from simulator.rotation_records import Outcome, RotationRecord, StepRecord
from simulator.rotation_tokens import RotationTokens
from simulator.trail import TrailEntry, TrailEvent

STEPS: Final = ("createSecret", "setSecret", "testSecret", "finishSecret")
DEFAULT_ATTEMPTS: Final = 5  # AWS says "several" and gives neither number nor spacing
RETRY_SPACING_SECONDS: Final = 60.0

BeforeStep = Callable[[str, int], None]


class RotationService:
    """Orders wait until `run()`: a test decides when the asynchronous part happens.

    Attributes:
        attempts: how often a rotation is tried, 1 or more.
        send_rotation_tokens: send a RotationToken with every step, and let PutSecretValue insist on it.
        before_step: called with step and attempt before each invocation; what it does is done by nobody's function.
    """

    def __init__(self, functions: Functions, clock: Clock) -> None:
        self._functions = functions
        self._clock = clock
        self._queue: list[RotationOrder] = []
        self._running: RotationOrder | None = None
        self._abandoned = False
        self._cancelled = False
        self.tokens = RotationTokens()
        self.attempts = DEFAULT_ATTEMPTS
        self.send_rotation_tokens = False
        self.before_step: BeforeStep | None = None
        self.trail: list[TrailEntry] = []
        self.records: list[RotationRecord] = []

    # What RotateSecret asks of the service (corrections.rotation_requests.RotationDesk).

    def knows_function(self, arn: str) -> bool:
        return self._functions.find(arn) is not None

    def place(self, order: RotationOrder) -> None:
        self._queue.append(order)

    def is_underway(self, secret_arn: str, version_id: str) -> bool:
        return any((order.secret.arn, order.version_id) == (secret_arn, version_id) for order in self._orders())

    def cancel(self, secret_arn: str) -> None:
        """No further steps; AWSPENDING stays wherever it is, for a person to clean up."""
        self._queue = [order for order in self._queue if order.secret.arn != secret_arn]
        if self._running is not None and self._running.secret.arn == secret_arn:
            self._cancelled = True

    def _orders(self) -> list[RotationOrder]:
        return self._queue if self._running is None else [*self._queue, self._running]

    # What the versions of a secret tell the service.

    def current_moved(self, secret: Any, version_id: str) -> None:
        """A rotation whose secret got another current version is abandoned."""
        for order in self._orders():
            if order.secret is secret and order.version_id != version_id and not order.test_only:
                self._abandon(order)

    def label_moved(self, secret: Any, label: str, version_id: str) -> None:
        if label not in {PENDING, PREVIOUS}:
            self._note(TrailEvent.LABEL_UPDATED, secret.arn, version_id, label)

    def _abandon(self, order: RotationOrder) -> None:
        if holder(order.secret, PENDING) == order.version_id:
            detach(order.secret, PENDING)
        self._note(TrailEvent.ROTATION_ABANDONED, order.secret.arn, order.version_id)
        if order is self._running:
            self._abandoned = True
        else:
            self._queue.remove(order)
            self.records.append(_record(order, Outcome.ABANDONED, [], "the value was changed by hand"))

    # The work.

    def run(self) -> list[RotationRecord]:
        """Carry out every order that waits. Returns what became of each, in order."""
        first = len(self.records)
        while self._queue:
            self._running, self._abandoned, self._cancelled = self._queue.pop(0), False, False
            try:
                self.records.append(self._carry_out(self._running))
            finally:
                self.tokens.forget(self._running.version_id)
                self._running = None
        return self.records[first:]

    def _carry_out(self, order: RotationOrder) -> RotationRecord:
        if order.test_only:
            return self._test(order)
        self._note(TrailEvent.ROTATION_STARTED, order.secret.arn, order.version_id)
        done: list[StepRecord] = []
        for attempt in range(1, self.attempts + 1):
            if attempt > 1:
                self._clock.advance(RETRY_SPACING_SECONDS)
            finished = self._attempt(order, STEPS, attempt, done)
            if self._abandoned:
                return _record(order, Outcome.ABANDONED, done, "the value was changed by hand")
            if self._cancelled:
                return self._failed(order, done, "rotation was cancelled")
            if finished:
                return self._finished(order, done)
        return self._failed(order, done, "every attempt failed")

    def _attempt(self, order: RotationOrder, steps: tuple[str, ...], attempt: int, done: list[StepRecord]) -> bool:
        for step in steps:
            if self.before_step is not None:
                self.before_step(step, attempt)
            if self._abandoned or self._cancelled:
                return False
            done.append(self._step(order, step, attempt))
            if done[-1].error is not None:
                return False
        return not (self._abandoned or self._cancelled)

    def _step(self, order: RotationOrder, step: str, attempt: int) -> StepRecord:
        event = {"Step": step, "SecretId": order.secret.arn, "ClientRequestToken": order.version_id}
        if self.send_rotation_tokens:
            event["RotationToken"] = self.tokens.of(order.version_id)
        invocation, call = self._functions.begin(order.function_arn, event)
        began = self._clock.monotonic()
        error: BaseException | None = None
        try:
            call()
        except (Exception, FunctionCrashed) as raised:  # noqa: BLE001 - only raising fails a step, whatever is raised
            error = raised
        return StepRecord(
            step=step,
            attempt=attempt,
            ms=(self._clock.monotonic() - began) * 1000,
            requests=tuple(invocation.requests),
            error=type(error).__name__ if error is not None else None,
            message=str(error) if error is not None else None,
            output=tuple(invocation.output),
            peak_rss_kib=invocation.peak_rss_kib,
        )

    def _test(self, order: RotationOrder) -> RotationRecord:
        """RotateImmediately=false: testSecret alone, on a version without a value that is removed afterwards."""
        self._note(TrailEvent.TEST_ROTATION_STARTED, order.secret.arn, order.version_id)
        done: list[StepRecord] = []
        passed = self._attempt(order, ("testSecret",), 1, done)
        remove_version(order.secret, order.version_id)
        event = TrailEvent.TEST_ROTATION_SUCCEEDED if passed else TrailEvent.TEST_ROTATION_FAILED
        self._note(event, order.secret.arn, order.version_id)
        return _record(order, Outcome.SUCCEEDED if passed else Outcome.FAILED, done, None if passed else "test failed")

    def _finished(self, order: RotationOrder, done: list[StepRecord]) -> RotationRecord:
        if holder(order.secret, CURRENT) != order.version_id:
            return self._failed(order, done, "finishSecret returned, but AWSCURRENT is on another version")
        order.secret.last_rotation_date = self._clock.now().timestamp()
        self._note(TrailEvent.ROTATION_SUCCEEDED, order.secret.arn, order.version_id)
        return _record(order, Outcome.SUCCEEDED, done, None)

    def _failed(self, order: RotationOrder, done: list[StepRecord], reason: str) -> RotationRecord:
        self._note(TrailEvent.ROTATION_FAILED, order.secret.arn, order.version_id)
        return _record(order, Outcome.FAILED, done, reason)

    def _note(self, event: TrailEvent, secret_arn: str, version_id: str | None, label: str | None = None) -> None:
        self.trail.append(TrailEntry(event, self._clock.now(), secret_arn, version_id, label))


def _record(order: RotationOrder, outcome: Outcome, steps: list[StepRecord], reason: str | None) -> RotationRecord:
    return RotationRecord(order.secret.arn, order.version_id, outcome, tuple(steps), reason)
