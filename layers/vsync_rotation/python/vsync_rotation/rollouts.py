"""What restarting a consumer means, whatever kind it is: one protocol, implemented in `vsync_rotation.aws`.

A restart is begun once for a version; where its service rolls it out over minutes, `follow` asks how far it is, so that
no function waits and is paid for waiting.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from vsync_rotation.consumers import Consumer


@dataclass(frozen=True, slots=True)
class Order:
    """For which version of which secret consumers restart. `at` is the instant that the rotation's event carries."""

    secret_arn: str
    secret_name: str
    kind: str
    version_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Restarted:
    """Everything that ran before is replaced, or the service has accepted all that it can be asked for."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """The service is at it; `handle` names the rollout there."""

    handle: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The rollout has ended and the consumer still runs on what it had. `reason`: at most 120 characters, our own."""

    reason: str


class Restarter(Protocol):
    """One kind of consumer."""

    def restart(self, consumer: Consumer, order: Order) -> Restarted | UnderWay:
        """Begin a restart. Repeating it costs a second restart at most: each of these services replaces one by one.

        Raises:
            RotationError: nothing was restarted; `retryable` tells whether the same call may succeed later.
        """

    def follow(self, consumer: Consumer, handle: str) -> Restarted | UnderWay | Failed:
        """How far a restart is that `restart` reported under way.

        Raises:
            RotationError: that cannot be told now.
        """
