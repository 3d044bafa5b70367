"""Something to remove, and where it is."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.acceptance.aws import Aws
from tests.acceptance.cleanup.ownership import Kind, NotOursError, leads, owns
from tests.acceptance.run import Run
from tests.acceptance.waiting import Clock


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing of a run.

    Attributes:
        by_hand: the command that removes it.
        remove: removes it.
        part: what of it, where it is not the whole.
    """

    kind: Kind
    name: str
    by_hand: str
    remove: Callable[[], object]
    part: str = ""

    def __str__(self) -> str:
        whole = f"{self.kind} {self.name}"
        return f"{self.part} of {whole}" if self.part else whole


@dataclass(frozen=True, slots=True)
class Place:
    """An account and region, and the run whose things are looked for in it."""

    aws: Aws
    run: Run
    clock: Clock

    def client(self, service: str) -> Any:
        """A client with the caller's credentials."""
        return self.aws.client(service)

    def own(self, kind: Kind, names: Iterable[str]) -> Iterator[str]:
        """Those of the names that are the run's own."""
        return (name for name in names if owns(self.run, kind, name))

    def leads(self, kind: Kind) -> tuple[str, ...]:
        """What their names begin with."""
        return leads(self.run, kind)

    def removed(self, thing: Thing) -> None:
        """Remove it.

        Raises:
            NotOursError: it is not the run's own; nothing was removed.
        """
        if not owns(self.run, thing.kind, thing.name):
            raise NotOursError(f"{thing} does not carry {self.run.prefix}; it was left alone")
        thing.remove()

    def command(self, text: str) -> str:
        """A command of the AWS command line, for this region."""
        return f"aws {text} --region {self.aws.region}"


Finder = Callable[[Place], Iterator[Thing]]
