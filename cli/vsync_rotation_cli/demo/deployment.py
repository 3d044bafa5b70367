"""The five functions as they are deployed: the rotations, two schedules, and a rule on the bus."""

import json
from dataclasses import dataclass
from typing import Any, Final

from simulator.functions import Handler
from simulator.world import World

ROTATE_KEY: Final = "rotate_iam_access_key"
ROTATE_PASSPHRASE: Final = "rotate_vault_passphrase"  # noqa: S105 - the name of a function
RETIRE: Final = "retire_iam_access_keys"
CHECK: Final = "check_vaults"
RESTART: Final = "restart_consumers"
CHECK_MINUTES: Final = 15
_PATTERN: Final = {"source": ["vsync.rotation"], "detail-type": ["Rotation Finished", "Consumers Restarting"]}


@dataclass(frozen=True, slots=True)
class Handlers:
    """The five functions, by their Lambda entry points."""

    key: Handler
    passphrase: Handler
    retire: Handler
    check: Handler
    restart: Handler


@dataclass(frozen=True, slots=True)
class Deployment:
    """The functions in a world, and what invokes them."""

    world: World
    key_arn: str
    passphrase_arn: str

    @classmethod
    def make(cls, world: World, handlers: Handlers) -> "Deployment":
        """Deploy everything; the schedules begin later."""
        world.deploy(RETIRE, handlers.retire)
        world.deploy(CHECK, handlers.check)
        restart_arn = world.deploy(RESTART, handlers.restart)
        events = world.client("events")
        events.put_rule(Name=RESTART, EventPattern=json.dumps(_PATTERN))
        events.put_targets(Rule=RESTART, Targets=[{"Id": RESTART, "Arn": restart_arn}])
        key, passphrase = world.deploy(ROTATE_KEY, handlers.key), world.deploy(ROTATE_PASSPHRASE, handlers.passphrase)
        return cls(world, key, passphrase)

    def begin_checks(self) -> None:
        """`check_vaults` every quarter of an hour, from now on."""
        self._schedule().create_schedule(**self._scheduled(CHECK, f"rate({CHECK_MINUTES} minutes)"))

    def end_checks(self) -> None:
        """No more of them."""
        self._schedule().delete_schedule(Name=CHECK)

    def begin_retiring(self, every_hours: int) -> None:
        """`retire_iam_access_keys` at this rate, from now on."""
        unit = "hour" if every_hours == 1 else "hours"
        self._schedule().create_schedule(**self._scheduled(RETIRE, f"rate({every_hours} {unit})"))

    def _schedule(self) -> Any:
        return self.world.client("scheduler")

    def _scheduled(self, function: str, expression: str) -> dict[str, Any]:
        role = f"arn:aws:iam::{self.world.account_id}:role/scheduler"
        target = {"Arn": f"{self.world.functions.arn_prefix}{function}", "RoleArn": role, "Input": "{}"}
        off = {"Mode": "OFF"}
        return {"Name": function, "ScheduleExpression": expression, "FlexibleTimeWindow": off, "Target": target}
