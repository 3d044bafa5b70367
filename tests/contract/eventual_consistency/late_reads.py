"""Histories in which reads answer late: which there are, how one is run, and what every one of them must have kept.

The reads are taken from the record of a rotation nobody hinders, so one that is added to a rotation is covered at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from simulator.replicas import is_read
from simulator.rotation_records import RotationRecord
from simulator.staleness import Where, every_read
from simulator.world import World
from tests.contract.key_scene import STEPS, succeeded

READ_COUNTS: Final = (5, 1)  # the most first: where it makes no more reads than that, fewer are the same history
# One more than the most late reads: a step that makes one read per attempt has a fresh one in its last.
ATTEMPTS: Final = max(READ_COUNTS) + 2
MAY_BE_LATE: Final = frozenset({"iam", "secretsmanager"})
# S3 is strongly consistent, a key unknown to STS is `world.propagation`, and an alarm is late by its nature.
NEVER_LATE_HERE: Final = frozenset({"monitoring", "s3", "sts"})

# The latest write alone, or everything since the order: a replica that is a little, or as far behind as it can be.
DEPTHS: Final = (1, None)


@dataclass(frozen=True, slots=True)
class LateRead:
    """The first `reads` reads of an operation in one step do not see the latest `writes` writes (None: none since)."""

    step: str
    action: str
    reads: int
    writes: int | None


def reads_of(record: RotationRecord) -> dict[str, list[str]]:
    """By step, each reading operation once that may be late. A service nobody has thought about is an error."""
    found: dict[str, set[str]] = {step: set() for step in STEPS}
    for step in record.steps:
        for request in step.requests:
            if is_read(request.operation):
                assert request.service in MAY_BE_LATE | NEVER_LATE_HERE, request.action
                if request.service in MAY_BE_LATE:
                    found[step.step].add(request.action)
    return {step: sorted(actions) for step, actions in found.items()}


@contextmanager
def in_step(world: World, late: LateRead, where: Where = every_read) -> Iterator[None]:
    """The reads answer late in that step, in whichever attempts it takes to make them."""
    present = ""

    def enter(step: str, _attempt: int) -> None:
        nonlocal present
        present = step

    world.rotation_service.before_step = enter
    numbers = range(1, late.reads + 1)
    world.staleness.behind(late.action, numbers, late.writes, lambda incoming: present == late.step and where(incoming))
    yield
    world.staleness.settle()
    world.rotation_service.before_step = None


@contextmanager
def in_the_retry(world: World, action: str, reads: int, writes: int) -> Iterator[None]:
    """The first reads after the first attempt answer late."""
    retried = False

    def enter(_step: str, attempt: int) -> None:
        nonlocal retried
        retried = attempt > 1

    world.rotation_service.before_step = enter
    world.staleness.behind(action, range(1, reads + 1), writes, lambda _: retried)
    yield
    world.staleness.settle()
    world.rotation_service.before_step = None


def told_otherwise(world: World) -> bool:
    """Whether any late answer so far said something else than the truth."""
    return any(answer.differed for answer in world.staleness.answers)


# What the guards say of a secret, and the slots of a user, that are described as they were: the step refuses and changes
# nothing, which is not worth waiting for, since the service tries again.
REFUSALS: Final = frozenset({"ContractError", "ForeignKeyError"})


def failed_harmlessly_or_not_at_all(world: World, record: RotationRecord) -> None:
    """Every failure on the way was a refusal, or said that the same call may succeed later; and in the end it did."""
    succeeded(record)
    told = [event.detail for event in world.events if event.detail_type == "Rotation Step Failed"]
    assert [d["message"] for d in told if not d["retryable"] and d["error"] not in REFUSALS] == []
    assert world.leaks() == []
