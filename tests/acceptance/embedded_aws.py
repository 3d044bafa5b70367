"""The embedded AWS in the place of a real one: clients, and a clock whose waits let the world go on."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from simulator.run import ACCOUNT_ID, FUNCTION, OPERATOR
from simulator.vault_bytes import blob_credentials
from simulator.world import KeyPair, World
from tests.acceptance.aws import Aws, Credentials

ADMIN: Final = f"arn:aws:iam::{ACCOUNT_ID}:role/platform/admins"


class EmbeddedAws(Aws):
    """The embedded AWS, whose operator is nobody in particular; a real one is a role or a user."""

    @property
    def principal(self) -> str:
        return ADMIN


# By service, `<service> over plain http` for such a client: what stands in front of the embedded one.
Played = Mapping[str, Callable[[Any], Any]]


def embedded(world: World, played: Played | None = None) -> Aws:
    """As `here`, in a world. An endpoint of one's own is the world's: there is no other."""

    def make(service: str, credentials: Credentials | None, details: Mapping[str, Any]) -> Any:
        if credentials is None:
            client = world.client(service, OPERATOR)
        else:
            pair = KeyPair(credentials.access_key_id, credentials.secret_access_key)
            token = {} if credentials.session_token is None else {"aws_session_token": credentials.session_token}
            client = world.client(service, pair, **token)
        role = f"{service} over plain http" if "endpoint_url" in details else service
        return (played or {}).get(role, _as_it_is)(client)

    return EmbeddedAws(world.region, make)


def _as_it_is(client: Any) -> Any:
    return client


@dataclass
class Turns:
    """A clock whose every wait is a turn of the world: the rotation service works, logs arrive, others act.

    `pace`: how much longer than asked each wait takes, so that nobody has to look as often.
    """

    world: World
    pace: float = 1.0
    others: list[Callable[[], object]] = field(default_factory=list)
    _delivered: int = 0
    _groups: set[str] = field(default_factory=set)

    def now(self) -> datetime:
        return self.world.clock.now()

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        self.world.clock.advance(seconds * self.pace)
        self.world.rotation_service.run()
        self._deliver_logs()
        for other in self.others:
            other()

    def _deliver_logs(self) -> None:
        """What functions wrote, where Lambda would put it."""
        logs, at = self.world.client("logs", FUNCTION), int(self.now().timestamp() * 1_000)
        invocations = self.world.functions.invocations
        for invocation in invocations[self._delivered :]:
            group = f"/aws/lambda/{invocation.function}"
            if group not in self._groups:
                self._groups.add(group)
                logs.create_log_group(logGroupName=group)
                logs.create_log_stream(logGroupName=group, logStreamName="one")
            lines = [{"timestamp": at, "message": line} for line in invocation.output]
            if lines:
                logs.put_log_events(logGroupName=group, logStreamName="one", logEvents=lines)
        self._delivered = len(invocations)


def register_blobs(world: World) -> None:
    """Have the leak register look inside blobs."""
    if blob_credentials not in world.secrets.expanders:
        world.secrets.expanders.append(blob_credentials)
