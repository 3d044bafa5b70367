"""What is a run's own, by its name alone: nothing else may be touched, whatever else an account holds."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from tests.acceptance.run import Run


class Kind(StrEnum):
    """Kinds of things that a run makes."""

    STACK = "stack"
    FUNCTION = "function"
    RULE = "rule"
    SCHEDULE = "schedule"
    QUEUE = "queue"
    USER = "user"
    ROLE = "role"
    BUCKET = "bucket"
    SECRET = "secret"
    LOG_GROUP = "log group"
    PARAMETER = "parameter"


# What a name begins with, up to a character that no prefix ends in: another run's may begin alike.
_LEADS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.STACK: ("{prefix}-",),
    Kind.FUNCTION: ("{prefix}-",),
    Kind.RULE: ("{prefix}-",),
    Kind.SCHEDULE: ("{prefix}-",),
    Kind.QUEUE: ("{prefix}-",),
    Kind.USER: ("{prefix}-", "vsync-{prefix}-"),
    Kind.ROLE: ("{prefix}-",),
    Kind.BUCKET: ("{prefix}-",),
    Kind.SECRET: ("{prefix}/",),
    Kind.LOG_GROUP: ("{prefix}-", "/aws/lambda/{prefix}-"),
    Kind.PARAMETER: ("/vsync-rotation/checked/{prefix}/", "/vsync-rotation/restarted/{prefix}/"),
}


class NotOursError(Exception):
    """Something that does not carry the run's prefix was about to be removed."""


def leads(run: Run, kind: Kind) -> tuple[str, ...]:
    """What the names of this kind begin with."""
    return tuple(lead.format(prefix=run.prefix) for lead in _LEADS[kind])


def owns(run: Run, kind: Kind, name: str) -> bool:
    """Whether the thing is the run's own."""
    return name.startswith(leads(run, kind))
