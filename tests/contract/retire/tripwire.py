"""Watches what functions end: every access key that one deactivates, activates or deletes has to be announced first.

It compares the keys of all users before and after each request, so that neither a log line nor an answer is believed.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from moto.iam.models import iam_backends

from simulator.exchange import Request
from simulator.world import ACCOUNT_ID

_WATCHED: Final = frozenset({"DeleteAccessKey", "UpdateAccessKey"})


class Deed(StrEnum):
    """What became of a key."""

    DEACTIVATED = "deactivated"
    ACTIVATED = "activated"
    DELETED = "deleted"


Done = tuple[Deed, str]


@dataclass(slots=True)
class Tripwire:
    """An observer of requests. What is announced has to happen, once; what is allowed may happen, also repeatedly."""

    done: list[Done] = field(default_factory=list)
    _announced: Counter[Done] = field(default_factory=Counter)
    _allowed: set[Done] = field(default_factory=set)
    _before: Mapping[str, str] = field(default_factory=dict)

    def announce(self, deed: Deed, key_id: str) -> None:
        """The next run does this."""
        self._announced[deed, key_id] += 1

    def allow(self, deed: Deed, key_id: str) -> None:
        """A history that is cut off somewhere may or may not come to this."""
        self._allowed.add((deed, key_id))

    def before(self, request: Request) -> None:
        if _is_watched(request):
            self._before = _statuses()

    def after(self, request: Request) -> None:
        if _is_watched(request):
            now = _statuses()
            self.done += [
                (_deed(now.get(key_id)), key_id) for key_id, was in self._before.items() if now.get(key_id) != was
            ]

    def judge(self) -> None:
        """Everything that was done was announced or allowed, and everything announced was done."""
        done, announced = Counter(self.done), self._announced
        self.done, self._announced = [], Counter()
        assert [deed for deed in done - announced if deed not in self._allowed] == [], "nobody announced that"
        assert announced - done == Counter(), "announced and not done"


def _is_watched(request: Request) -> bool:
    return request.function is not None and request.operation in _WATCHED


def _statuses() -> dict[str, str]:
    users = iam_backends[ACCOUNT_ID]["aws"].users.values()
    return {key.access_key_id: key.status for user in users for key in user.access_keys}


def _deed(status: str | None) -> Deed:
    if status is None:
        return Deed.DELETED
    return Deed.DEACTIVATED if status == "Inactive" else Deed.ACTIVATED
