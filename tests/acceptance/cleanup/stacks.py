"""Stacks: those that can be replaced first, so that no function works on while the rest goes."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

from tests.acceptance.aws import tried
from tests.acceptance.cleanup.ownership import Kind
from tests.acceptance.cleanup.thing import Place, Thing
from tests.acceptance.live_stacks import live_stacks
from tests.acceptance.waiting import until

_WITHIN_SECONDS: Final = 1_800.0
_EVERY_SECONDS: Final = 10.0
_GONE: Final = "DELETE_COMPLETE"
_NOT_BEGUN: Final = "REVIEW_IN_PROGRESS"
# Whatever is none of these comes first: nobody knows what stands on it.
_SURVIVING: Final = ("vault-", "foundation")


class StackStaysError(Exception):
    """CloudFormation did not delete a stack."""


def replaceable_stacks(place: Place) -> Iterator[Thing]:
    """What watches, then what rotates and shows; a chat channel takes nothing from the others."""
    names = [name for name in _own(place) if _rank(place, name) is None]
    return (_thing(place, name) for name in sorted(names, reverse=True))


def surviving_stacks(place: Place) -> Iterator[Thing]:
    """Vaults, then what they stand on."""
    names = [name for name in _own(place) if _rank(place, name) is not None]
    return (_thing(place, name) for name in sorted(names, key=lambda name: (_rank(place, name), name)))


def _own(place: Place) -> Sequence[str]:
    return list(dict.fromkeys(place.own(Kind.STACK, live_stacks(place.client("cloudformation")))))


def _rank(place: Place, name: str) -> int | None:
    rest = name.removeprefix(f"{place.run.prefix}-")
    return next((rank for rank, lead in enumerate(_SURVIVING) if rest.startswith(lead)), None)


def _thing(place: Place, name: str) -> Thing:
    by_hand = place.command(f"cloudformation delete-stack --stack-name {name}")
    return Thing(Kind.STACK, name, by_hand, partial(_delete, place, name))


def _delete(place: Place, name: str) -> None:
    """Once whatever is under way with it has ended; until it is gone.

    Raises:
        StackStaysError: it stays.
    """
    stacks = place.client("cloudformation")
    _settled(place, stacks, name)
    stacks.delete_stack(StackName=name)
    status, reason = _settled(place, stacks, name)
    if status != _GONE:
        raise StackStaysError(f"it is {status}{f': {reason}' if reason else ''}")


def _settled(place: Place, stacks: Any, name: str) -> tuple[str, str]:
    """Status and reason, once nothing is in progress."""

    def look() -> tuple[str, str] | None:
        answer = tried(stacks.describe_stacks, StackName=name)
        if not answer.went_well:
            # Asked by name, CloudFormation does not know a stack that is gone.
            return _GONE, ""
        stack = answer.value["Stacks"][0]
        status = str(stack["StackStatus"])
        under_way = status.endswith("_IN_PROGRESS") and status != _NOT_BEGUN
        return None if under_way else (status, str(stack.get("StackStatusReason", "")))

    found = until(place.clock, look, timeout_seconds=_WITHIN_SECONDS, every_seconds=_EVERY_SECONDS)
    if found is None:
        raise StackStaysError(f"it has been under way for {_WITHIN_SECONDS:g} s")
    return found
