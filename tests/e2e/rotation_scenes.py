"""Functions and time as a rotation that is followed meets them: the service works while the command waits."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from rotate_iam_access_key.handler import lambda_handler as rotate_iam_access_key
from simulator.world import World

FUNCTION = "rota-1-rotate_iam_access_key"
LOG_GROUP = f"/aws/lambda/{FUNCTION}"


@dataclass
class Waiting:
    """A clock whose every wait is a turn of the world: `between` is what happens while the command sleeps.

    `slowness`: how much longer a wait takes than was asked for; more of it needs fewer turns to a time-out.
    """

    between: Callable[[], object]
    slowness: float = 1.0
    elapsed: float = 0.0

    def monotonic(self) -> float:
        return self.elapsed

    def sleep(self, seconds: float) -> None:
        self.elapsed += seconds * self.slowness
        self.between()


def deployed(world: World, secret: str, handler: Callable[[Any, Any], Any] = rotate_iam_access_key) -> str:
    """The rotation function, configured for the secret as the stack configures it. Returns its ARN."""
    arn = world.deploy(FUNCTION, handler)
    manager = world.client("secretsmanager")
    manager.rotate_secret(SecretId=secret, RotationLambdaARN=arn, RotateImmediately=False)
    world.rotation_service.run()
    return arn


def works(world: World, clocks_apart: timedelta = timedelta()) -> Callable[[], None]:
    """One turn: the rotation service does what waits, and what the functions wrote since arrives in CloudWatch Logs.

    `clocks_apart`: how far this machine's clock is ahead of AWS's.
    """
    logs = world.client("logs")
    arrived = 0

    def turn() -> None:
        nonlocal arrived
        world.rotation_service.run()
        lines = world.log_lines[arrived:]
        arrived += len(lines)
        at = int((world.clock.now() - clocks_apart).timestamp() * 1_000)
        events = [{"timestamp": at, "message": line} for line in ["START RequestId: 1", *lines]]
        with suppress(ClientError):
            logs.create_log_group(logGroupName=LOG_GROUP)
            logs.create_log_stream(logGroupName=LOG_GROUP, logStreamName="one")
        logs.put_log_events(logGroupName=LOG_GROUP, logStreamName="one", logEvents=events)

    return turn
