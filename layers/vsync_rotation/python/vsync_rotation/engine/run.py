"""One invocation: parse, describe, guard, dispatch; and say so when it fails."""

from typing import Final, assert_never

from vsync_rotation.engine.bugs import as_failure
from vsync_rotation.engine.deadline import Deadline
from vsync_rotation.engine.event import RotationEvent, Step, named_in
from vsync_rotation.engine.ports import Ports
from vsync_rotation.engine.rotation import Job, Rotation
from vsync_rotation.engine.staging import Decision, decide
from vsync_rotation.errors import Place, RotationError
from vsync_rotation.events import RotationStepFailed, Subject

UNKNOWN: Final = "unknown"
_AFTER_A_BUG: Final = "the step may be half done, and repeating it completes it or refuses"


def run(event: object, rotation: Rotation, ports: Ports, deadline: Deadline) -> None:
    """Run one step of a rotation.

    Repeating any step is safe: a value that is stored is never made again, a version that is current is only
    completed, and each step of a rotation completes what an earlier run of it left.

    Raises:
        RotationError: the step failed; the place is named, a failure event was sent.
    """
    started = ports.clock.monotonic()
    failure = _Invocation(event, rotation, ports, deadline).failure()
    ports.journal.milliseconds("StepDuration", (ports.clock.monotonic() - started) * 1000)
    if failure is not None:
        # Whatever it was raised from is the SDK's or a library's, and may quote what it was given.
        failure.__cause__ = failure.__context__ = None
        raise failure


class _Invocation:
    """What is known so far, so that a failure at any point is reported with all of it."""

    def __init__(self, event: object, rotation: Rotation, ports: Ports, deadline: Deadline) -> None:
        self._raw = event
        self._rotation = rotation
        self._ports = ports
        self._deadline = deadline
        self._started_at = ports.clock.now()
        self._secret_id, self._version_id = named_in(event)
        self._event: RotationEvent | None = None
        self._job: Job | None = None

    def failure(self) -> RotationError | None:
        """Run the step; what it failed with, reported already, or None."""
        try:
            self._run()
        except RotationError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - the last boundary: a bug is reported without its text
            failure = as_failure(error, self._ports.journal, safe=_AFTER_A_BUG)
        else:
            return None
        self._report(failure)
        return failure

    def _run(self) -> None:
        journal = self._ports.journal
        journal.locate(secret=self._secret_id or UNKNOWN, version_id=self._version_id or UNKNOWN)
        event = self._event = RotationEvent.parse(self._raw)
        journal.locate(step=event.step)
        secret = self._ports.secrets.describe(event.secret_id)
        journal.locate(secret=secret.name)
        job = self._job = Job(
            secret=secret,
            version_id=event.version_id,
            rotation_token=event.rotation_token,
            ports=self._ports,
            deadline=self._deadline,
            started_at=self._started_at,
            subject=Subject(secret.arn, secret.name, self._rotation.kind),
        )
        match decide(secret, event.version_id, self._rotation.kind):
            case Decision.PROCEED:
                _step(self._rotation, event.step, job)
            case Decision.ALREADY_CURRENT if event.step is Step.FINISH:
                self._rotation.complete(job)
            case Decision.ALREADY_CURRENT:
                journal.info("version is current already, nothing to do")
        journal.info("step done")

    def _report(self, error: RotationError) -> None:
        """Log the failure and send it as an event. Never raises: the step's own error must reach the service."""
        step, job = (self._event.step if self._event else None), self._job
        name = job.secret.name if job else self._secret_id
        error.at(Place(name or UNKNOWN, self._version_id or UNKNOWN, step or "the invocation"))
        self._ports.journal.error(str(error), error=type(error).__name__, retryable=error.retryable)
        self._ports.journal.count("StepFailed")
        failed = RotationStepFailed(
            version_id=self._version_id,
            step=step,
            error=type(error).__name__,
            message=str(error),
            retryable=error.retryable,
        )
        subject = job.subject if job else Subject(self._secret_id, None, self._rotation.kind)
        self._ports.events.emit(failed.detail_type, failed.detail(subject, self._started_at))


def _step(rotation: Rotation, step: Step, job: Job) -> None:
    match step:
        case Step.CREATE:
            pending = job.find_pending()
            if pending is None:
                rotation.create_secret(job)
            else:
                rotation.already_created(job, pending)
        case Step.SET:
            rotation.set_secret(job)
        case Step.TEST:
            _test(rotation, job)
        case Step.FINISH:
            rotation.finish_secret(job)
        case _:
            assert_never(step)


def _test(rotation: Rotation, job: Job) -> None:
    pending = job.settled_pending()
    if pending is not None:
        rotation.test_secret(job, pending)
        return
    # RotateSecret with RotateImmediately=false runs testSecret alone, on a temporary version without a value.
    rotation.test_current(job, job.current())
