"""What every function does around its work: environment, deadline, log, metrics and ports for one invocation.

The environment is read here and nowhere in a function: what it says goes on as a value. Both variables are optional.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.clock import SystemClock
from vsync_rotation.aws.event_bridge import EventBus
from vsync_rotation.aws.secrets_manager import SecretsManager
from vsync_rotation.engine.deadline import Deadline
from vsync_rotation.engine.ports import Ports
from vsync_rotation.telemetry import MetricDetail, PowertoolsJournal

# Which of many installations of the functions this one is; secrets name theirs in the tag `vsync-rotation:served-by`.
SERVES: Final = "VSYNC_ROTATION_SERVES"
# `on`: metrics besides for each secret apart. CloudWatch bills every combination of dimensions as a metric of its own.
PER_VAULT_METRICS: Final = "VSYNC_ROTATION_PER_VAULT_METRICS"


@dataclass(frozen=True, slots=True)
class Invocation:
    """The ports and the deadline of one invocation, and who runs it.

    `serves` is what a secret's tag has to name for a run over all secrets to serve it; None: it serves every one.
    """

    ports: Ports
    deadline: Deadline
    function_name: str
    actor: str
    serves: str | None


@contextmanager
def begun(function: str, clients: Clients, context: object) -> Iterator[Invocation]:
    """Begin an invocation; its metrics are written at the end, whatever the end is."""
    clock = SystemClock()
    deadline = Deadline.of(context, clock)
    clients.bound_by(deadline)
    journal = PowertoolsJournal(function, _metric_detail())
    name = str(getattr(context, "function_name", function))
    serves = os.environ.get(SERVES) or None
    try:
        yield Invocation(
            ports=Ports(SecretsManager(clients), clock, EventBus(clients, journal, serves), journal),
            deadline=deadline,
            function_name=name,
            actor=str(getattr(context, "invoked_function_arn", name)),
            serves=serves,
        )
    finally:
        journal.flush()


def _metric_detail() -> MetricDetail:
    return MetricDetail.EACH_SECRET if os.environ.get(PER_VAULT_METRICS) == "on" else MetricDetail.EACH_STEP
