"""What a correction is: attributes of moto's classes, each replaced by one that behaves as the service does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Replacement:
    """`make` gets what stood at `owner.name` before and gives what shall stand there."""

    owner: Any
    name: str
    make: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Correction:
    """One difference between moto and the service, and its cure.

    Attributes:
        name: the behaviour in a few words, as in the catalogue of docs/simulator.md.
        replacements: applied in order, undone in reverse.
    """

    name: str
    replacements: tuple[Replacement, ...]


class Applied:
    """Corrections in force; undoing restores moto to the letter."""

    def __init__(self) -> None:
        self._undo: list[tuple[Any, str, Any]] = []

    def apply(self, correction: Correction) -> None:
        for replacement in correction.replacements:
            before = getattr(replacement.owner, replacement.name)
            self._undo.append((replacement.owner, replacement.name, before))
            setattr(replacement.owner, replacement.name, replacement.make(before))

    def undo(self) -> None:
        while self._undo:
            owner, name, before = self._undo.pop()
            setattr(owner, name, before)


def instead(function: Callable[..., Any]) -> Callable[[Any], Any]:
    """A replacement that has no use for what it replaces."""
    return lambda _before: function


@contextmanager
def in_force(correction: Correction) -> Iterator[None]:
    """The correction holds inside the block alone: for what is too slow to load, or wanted by few."""
    applied = Applied()
    applied.apply(correction)
    try:
        yield
    finally:
        applied.undo()
