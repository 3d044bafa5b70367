"""What this function remembers of a version's restarts, written after each change.

The parameter has no conditional write and needs none: this function alone writes it, and two deliveries at once cost a
second restart at most.
"""

from collections.abc import Iterable
from dataclasses import replace

from vsync_rotation.engine.ports import Journal
from vsync_rotation.errors import RotationError
from vsync_rotation.memory.ports import Memory
from vsync_rotation.memory.restarts import ConsumerRestart, Restarts, restarts_name


class RestartRecord:
    """The restarts of one version of one secret."""

    def __init__(self, memory: Memory, journal: Journal, secret_name: str, restarts: Restarts) -> None:
        self._memory = memory
        self._journal = journal
        self._name = restarts_name(secret_name)
        self._restarts = restarts
        self._is_writable = True

    @classmethod
    def read(cls, memory: Memory, journal: Journal, secret_name: str, version_id: str) -> "RestartRecord":
        """What is remembered; a record of another version counts as none.

        Raises:
            PermissionDeniedError, UnreachableError: it cannot be told what is remembered.
        """
        found = Restarts.parse(memory.recall(restarts_name(secret_name)))
        restarts = found if found is not None and found.version_id == version_id else Restarts(version_id, {})
        return cls(memory, journal, secret_name, restarts)

    @classmethod
    def unread(cls, memory: Memory, journal: Journal, secret_name: str, version_id: str) -> "RestartRecord":
        """Nothing is remembered; what is written replaces what could not be read."""
        return cls(memory, journal, secret_name, Restarts(version_id, {}))

    def of(self, name: str, consumer: str) -> ConsumerRestart | None:
        """The consumer's restart; one of another target under the same name counts as none."""
        found = self._restarts.by_name.get(name)
        return found if found is not None and found.consumer == consumer else None

    def keep(self, names: Iterable[str]) -> None:
        """Leave out consumers that are not declared any more, from the next writing on."""
        declared = set(names)
        kept = {name: restart for name, restart in self._restarts.by_name.items() if name in declared}
        self._restarts = replace(self._restarts, by_name=kept)

    def note(self, name: str, restart: ConsumerRestart) -> None:
        """Write it down, if it is news. Best effort: what is not remembered is done again."""
        if self._restarts.by_name.get(name) == restart:
            return
        self._restarts = replace(self._restarts, by_name={**self._restarts.by_name, name: restart})
        if not self._is_writable:
            return
        try:
            self._memory.remember(self._name, self._restarts.encode())
        except RotationError as error:
            # Said once and not tried again: each try takes time that the other consumers need.
            self._is_writable = False
            self._journal.warning("restarts are not remembered and may be repeated", reason=str(error))
