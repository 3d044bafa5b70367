"""A rotation storm of the real handlers: many vaults at once on the embedded AWS, under quotas, in virtual time.

Every rotation is a task that does what the rotation service does: the four steps, and after a failure all of them
again, some attempts long. A request takes time, so requests of different rotations interleave and meet at the quotas.
The simulator's own service carries out one rotation after the other, which would hide exactly that.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random

from simulator.exchange import Answer, Request
from simulator.quotas import Quota, Throttle
from simulator.service_models import ServiceModels
from simulator.vault_bytes import BootError
from simulator.vaults import Layout, Vault, make_vault
from simulator.world import World
from tests.scale import assumptions
from tests.scale.lambda_environments import LambdaEnvironments
from tests.scale.outcome import Outcome
from tests.scale.plan import Starts, Waits, sdk_waits, version_id_of
from tests.scale.traces import KEY, PASSPHRASE, STEPS
from tests.scale.virtual_tasks import VirtualTasks

MODULES = {KEY: "rotate_iam_access_key.handler", PASSPHRASE: "rotate_vault_passphrase.handler"}


class _Latency:
    """Every request of a function takes a while, and meanwhile others go on."""

    def before(self, request: Request) -> Answer | None:
        if request.function is not None:
            time.sleep(assumptions.REQUEST_SECONDS)
        return None

    def after(self, request: Request) -> None: ...


@dataclass(slots=True)
class _Rotation:
    kind: str
    vault: Vault
    secret_arn: str
    version_id: str
    attempts: int = 0
    ended_at: float = 0.0
    succeeded: bool = False


@dataclass(slots=True)
class RealStorm:
    """The key and the passphrase of every vault, rotated at once. Make it, `run` it once, then look at it.

    Needs a world that was reset and whose clock stands still; quotas come into force with `run`.
    """

    world: World
    vault_count: int
    quotas: Sequence[Quota]
    seed: int = 1
    rotations: list[_Rotation] = field(default_factory=list)
    _functions: dict[str, str] = field(default_factory=dict)
    _environments: dict[str, LambdaEnvironments] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kind, module in MODULES.items():
            self._environments[kind] = LambdaEnvironments(module, seconds_before_the_handler=assumptions.STEP_SECONDS)
            self._functions[kind] = self.world.deploy(
                f"storm_{kind}", self._environments[kind], timeout_seconds=assumptions.FUNCTION_TIMEOUT_SECONDS
            )
        manager = self.world.client("secretsmanager")
        for number in range(self.vault_count):
            vault = make_vault(self.world, Layout.RUNTIME, repo=f"fleet_{number}", bucket="fleet")
            for kind, secret in ((KEY, vault.config_secret), (PASSPHRASE, vault.passphrase_secret)):
                arn = str(manager.describe_secret(SecretId=secret)["ARN"])
                self.rotations.append(_Rotation(kind, vault, arn, version_id_of(self.seed, kind, number)))

    def run(self, starts: dict[str, Starts], waits: Waits) -> Outcome:
        """The storm. Rotations that failed stay as they are."""
        random = Random(self.seed)  # noqa: S311 - jitter, and the same at every run
        throttle = Throttle(self.quotas, self.world.clock.monotonic)
        requests_before = len(self.world.requests)
        tasks = VirtualTasks(self.world.clock)
        for kind, plan in starts.items():
            chosen = [rotation for rotation in self.rotations if rotation.kind == kind]
            for rotation, at in zip(chosen, plan.instants(len(chosen), random), strict=True):
                tasks.start(at, partial(self._carry_out, rotation, tasks))
        with self.world.watched_by(_Latency(), throttle), sdk_waits(waits, random), ServiceModels().shared():
            tasks.run()
        failed = [rotation for rotation in self.rotations if not rotation.succeeded]
        return Outcome(
            rotations=len(self.rotations),
            failed=len(failed),
            repeated=sum(rotation.attempts > 1 for rotation in self.rotations),
            seconds=max(rotation.ended_at for rotation in self.rotations),
            requests=len(self.world.requests) - requests_before,
            throttled=len(throttle.refused),
            peak_concurrency=sum(environments.begun for environments in self._environments.values()),
            refused_invocations=0,
            torn=sum(not boots(rotation.vault) for rotation in failed if rotation.kind == PASSPHRASE),
            longest_window_seconds=self._longest_window_seconds(),
        )

    def carry_on(self) -> None:
        """After the storm, in calm: the rotations that failed are taken up again where they stood."""
        for rotation in self.rotations:
            if not rotation.succeeded:
                for step in STEPS:
                    self._step(rotation, step)
                rotation.succeeded = True

    def _carry_out(self, rotation: _Rotation, tasks: VirtualTasks) -> None:
        self.world.begin_rotation(rotation.secret_arn, rotation.version_id)
        for attempt in range(1, assumptions.ATTEMPTS + 1):
            if attempt > 1:
                time.sleep(assumptions.ATTEMPT_SPACING_SECONDS)
            rotation.attempts = attempt
            rotation.succeeded = self._attempt(rotation)
            if rotation.succeeded:
                break
        rotation.ended_at = tasks.now()

    def _attempt(self, rotation: _Rotation) -> bool:
        for step in STEPS:
            try:
                self._step(rotation, step)
            except Exception:  # noqa: BLE001 - the service asks only whether a step raised
                return False
        return True

    def _step(self, rotation: _Rotation, step: str) -> None:
        event = {"Step": step, "SecretId": rotation.secret_arn, "ClientRequestToken": rotation.version_id}
        self.world.invoke(self._functions[rotation.kind], event)

    def _longest_window_seconds(self) -> float:
        finished = [event.detail for event in self.world.events if event.detail_type == "Rotation Finished"]
        return max((detail.get("race_window_ms") or 0 for detail in finished), default=0) / 1000


def boots(vault: Vault) -> bool:
    """Whether an application starts with the two secrets as they are now."""
    try:
        vault.boot()
    except BootError:
        return False
    return True
