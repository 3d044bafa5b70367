"""Who broke what: the account that decides which promise may be unkept, and since whose act.

An entry lasts only as long as its promise is unkept: once it holds again, however that came about, the next one who
breaks it answers for it anew.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from tests.contract.glance import Glance
from tests.contract.whole_world.promises import Promise

Unkept = Callable[[Glance], frozenset[Promise]]


@dataclass(slots=True)
class Ledger:
    """`entries`: the promises that are unkept now, each with what broke it."""

    unkept: Unkept
    entries: dict[Promise, str] = field(default_factory=dict)

    def account(self, seen: Glance, deed: str, may_break: Collection[Promise]) -> None:
        """Somebody did something: what it broke must be among what it may break, and is written down.

        Raises:
            AssertionError: a promise was broken by whoever may not break it.
        """
        now = self.unkept(seen)
        for promise in [kept for kept in self.entries if kept not in now]:
            del self.entries[promise]
        for promise in sorted(now - self.entries.keys()):
            assert promise in may_break, f"{deed} broke what it may not: {promise}"
            self.entries[promise] = deed
