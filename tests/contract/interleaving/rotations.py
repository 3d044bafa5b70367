"""A rotation of one secret under one token, invoked as the service invokes it, and as a late invocation comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from simulator.interleaving import Actor
from simulator.world import World

STEPS: Final = ("createSecret", "setSecret", "testSecret", "finishSecret")
_ATTEMPTS: Final = 5
_SPACING_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Rotation:
    """One version of one secret, and the function that rotates it."""

    world: World
    function: str
    secret_arn: str
    version_id: str

    def step(self, step: str, *, remaining_ms: float | None = None) -> None:
        """One invocation."""
        event = {"Step": step, "SecretId": self.secret_arn, "ClientRequestToken": self.version_id}
        self.world.invoke(self.function, event, remaining_ms=remaining_ms)

    def steps(self, steps: Sequence[str]) -> None:
        for step in steps:
            self.step(step)

    def carry_out(self) -> None:
        """All four steps, and all again while one fails, as often as the service does.

        Apart from the simulator's service, which carries out one order at a time.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self.steps(STEPS)
            except Exception:
                if attempt == _ATTEMPTS:
                    raise
                self.world.clock.advance(_SPACING_SECONDS)
            else:
                return

    def late(self, step: str) -> Actor:
        """An invocation whose answer the service no longer waits for: it may still be running, and may fail."""
        return Actor(f"late {step}", lambda: self.step(step), may_fail=True)

    def only(self, steps: Sequence[str]) -> Actor:
        """The service, in one attempt and with these steps alone; they may fail."""
        return Actor("service", lambda: self.steps(steps), may_fail=True)

    def finishing(self) -> Actor:
        """The service at finishSecret, which tries the whole rotation again if that fails, and has to succeed."""
        return Actor("service", self._finish)

    def _finish(self) -> None:
        try:
            self.step("finishSecret")
        except Exception:  # noqa: BLE001 - only raising fails a step, whatever is raised
            self.world.clock.advance(_SPACING_SECONDS)
            self.carry_out()

    def again(self) -> Actor:
        """The service, which tries the whole rotation again and has to succeed."""
        return Actor("service", self.carry_out)


def begun(world: World, function: str, secret: str) -> Rotation:
    """The service has made the pending version of this secret and nothing more."""
    version_id = world.begin_rotation(secret)
    arn = world.client("secretsmanager").describe_secret(SecretId=secret)["ARN"]
    return Rotation(world, function, arn, version_id)
