"""One rotation, ordered as an operator orders it, and told step by step."""

from collections import Counter
from dataclasses import dataclass, field, replace

from simulator.rotation_records import Outcome, RotationRecord
from simulator.world import World
from vsync_rotation_cli.demo.checks import message_of, without_secrets
from vsync_rotation_cli.demo.facts import Kind, Rotation, StepBegan, StepFigures, Tell
from vsync_rotation_cli.demo.judgements import race_window_ms


@dataclass(slots=True)
class _Watch:
    """Tells of every step as the service comes to it. The service invokes nothing between two steps."""

    world: World
    kind: Kind
    tell: Tell
    done: list[StepFigures] = field(default_factory=list)
    _open: tuple[str, float] | None = None

    def before_step(self, step: str, _attempt: int) -> None:
        self.end_step(None)
        self.tell(StepBegan(self.kind, step))
        self._open = (step, self.world.clock.monotonic())

    def end_step(self, error: str | None) -> None:
        if self._open is None:
            return
        (step, began), self._open = self._open, None
        ms = (self.world.clock.monotonic() - began) * 1000
        calls = Counter(request.service for request in self.world.functions.invocations[-1].requests)
        begins_ms = self.done[-1].begins_ms + self.done[-1].ms if self.done else 0.0
        self.done.append(StepFigures(step, ms, begins_ms, calls, error))
        self.tell(self.done[-1])


def rotate(world: World, kind: Kind, secret: str, function_arn: str, tell: Tell) -> Rotation:
    """Order the rotation and see it through; whatever goes wrong is in the result, and nothing is raised.

    One attempt only: a demonstration that needed the service's second try has failed.
    """
    watch = _Watch(world, kind, tell)
    world.rotation_service.attempts = 1
    world.rotation_service.before_step = watch.before_step
    try:
        rotation = _carried_out(world, watch, secret, function_arn)
    except BrokenPipeError:
        raise  # the teller's, not the rotation's: nobody reads any more
    except Exception as error:  # noqa: BLE001 - a rotation that cannot even be ordered is a finding too
        rotation = Rotation(kind, tuple(watch.done), problem=without_secrets(message_of(error), world.secrets))
    finally:
        world.rotation_service.before_step = None
    tell(rotation)
    return rotation


def _carried_out(world: World, watch: _Watch, secret: str, function_arn: str) -> Rotation:
    world.client("secretsmanager").rotate_secret(
        SecretId=secret, RotationLambdaARN=function_arn, RotationRules={"AutomaticallyAfterDays": 30}
    )
    record = world.rotation_service.run()[-1]
    watch.end_step(record.steps[-1].error if record.steps else None)
    problem = _problem(record)
    rotation = Rotation(watch.kind, tuple(watch.done), record.version_id)
    if problem is not None:
        return replace(rotation, problem=without_secrets(problem, world.secrets))
    return replace(rotation, race_window_ms=race_window_ms(world, record.version_id))


def _problem(record: RotationRecord) -> str | None:
    if record.outcome is Outcome.SUCCEEDED:
        return None
    if record.error is None:
        return record.reason or record.outcome.value
    return " ".join(f"{record.error} in {record.steps[-1].step}: {record.message}".split())
