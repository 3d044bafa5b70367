"""What every function does around its work: deadline, log, metrics and ports for one invocation."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.clock import SystemClock
from vsync_rotation.aws.event_bridge import EventBus
from vsync_rotation.aws.secrets_manager import SecretsManager
from vsync_rotation.engine.deadline import Deadline
from vsync_rotation.engine.ports import Ports
from vsync_rotation.telemetry import PowertoolsJournal


@dataclass(frozen=True, slots=True)
class Invocation:
    """The ports and the deadline of one invocation, and who runs it."""

    ports: Ports
    deadline: Deadline
    function_name: str
    actor: str


@contextmanager
def begun(function: str, clients: Clients, context: object) -> Iterator[Invocation]:
    """Begin an invocation; its metrics are written at the end, whatever the end is."""
    clock = SystemClock()
    deadline = Deadline.of(context, clock)
    clients.bound_by(deadline)
    journal = PowertoolsJournal(function)
    name = str(getattr(context, "function_name", function))
    try:
        yield Invocation(
            ports=Ports(SecretsManager(clients), clock, EventBus(clients, journal), journal),
            deadline=deadline,
            function_name=name,
            actor=str(getattr(context, "invoked_function_arn", name)),
        )
    finally:
        journal.flush()
