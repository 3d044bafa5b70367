"""A new access key is not known everywhere at once: chosen uses of it are refused, service by service.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html (changes are not always immediately visible)
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from moto.iam.models import iam_backends


@dataclass(slots=True)
class Propagation:
    """Which uses of keys made from now on look like those of an unknown key. None, unless asked for."""

    account_id: str
    _refused: dict[str, frozenset[int]] = field(default_factory=dict)
    _known: frozenset[str] = frozenset()
    _uses: Counter[tuple[str, str]] = field(default_factory=Counter)

    def delay(self, service: str, uses: int) -> None:
        """The first `uses` uses of a new key at this service (signing name) fail."""
        self.refuse(service, range(1, uses + 1))

    def refuse(self, service: str, uses: Iterable[int], of: Collection[str] = ()) -> None:
        """Just these uses fail, counted from 1: one success does not prove that the next succeeds.

        `of` names keys that exist already and count as new all the same.
        """
        self._refused[service] = frozenset(uses)
        self._known = frozenset(iam_backends[self.account_id]["aws"].access_keys) - frozenset(of)

    def settle(self) -> None:
        """Every key is known everywhere, and nothing has been counted."""
        self._refused.clear()
        self._uses.clear()

    def hides(self, key_id: str, service: str) -> bool:
        """Count a use of the key and tell whether it fails."""
        if service not in self._refused or key_id in self._known:
            return False
        self._uses[key_id, service] += 1
        return self._uses[key_id, service] in self._refused[service]
