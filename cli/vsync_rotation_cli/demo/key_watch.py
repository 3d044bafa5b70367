"""The reader's access keys, watched as requests come and go: what IAM holds, not what anyone says of it."""

from datetime import datetime

from simulator.exchange import Answer, Request
from simulator.inventory import KeyFacts, access_keys, current_value
from simulator.vaults import Vault
from simulator.world import World
from vsync_rotation_cli.demo.facts import Lifeline, LifelinesSeen
from vsync_rotation_cli.demo.judgements import key_id


class KeyWatch:
    """An observer of the world. Looks after each request, beside the API, so that looking is in no record."""

    def __init__(self, world: World, vault: Vault) -> None:
        self._world = world
        self._vault = vault
        self._lifelines: dict[str, Lifeline] = {}
        self._current = key_id(vault.config())
        self._look()

    def before(self, _request: Request) -> Answer | None:
        return None

    def after(self, request: Request) -> None:
        self._look()
        if request.operation == "UpdateSecretVersionStage":
            self._see_labels()

    def of(self, access_key_id: str) -> Lifeline:
        """The life of a key so far.

        Raises:
            KeyError: there never was such a key.
        """
        return self._lifelines[access_key_id]

    def alive(self) -> set[str]:
        """The keys that were not seen to be deleted."""
        return {line.access_key_id for line in self._lifelines.values() if line.deleted_at is None}

    def seen(self, day_0: datetime) -> LifelinesSeen:
        """Everything until now."""
        return LifelinesSeen(tuple(self._lifelines.values()), day_0, self._world.clock.now())

    def _look(self) -> None:
        now, present = self._world.clock.now(), access_keys(self._world.account_id, self._vault.iam_user)
        for facts in present:
            line = self._lifelines.setdefault(facts.key_id, Lifeline(facts.key_id, facts.made_at))
            _note(line, facts, now)
        for line in self._lifelines.values():
            if line.deleted_at is None and line.access_key_id not in {facts.key_id for facts in present}:
                line.deleted_at = now

    def _see_labels(self) -> None:
        value = current_value(self._world.account_id, self._vault.config_secret)
        current = self._current if value is None else key_id(value)
        if current != self._current and current in self._lifelines:
            now = self._world.clock.now()
            self._lifelines[self._current].superseded_at = self._lifelines[current].promoted_at = now
            self._current = current


def _note(line: Lifeline, facts: KeyFacts, now: datetime) -> None:
    if facts.used_at is not None and facts.used_at not in line.used_at[-1:]:
        line.used_at.append(facts.used_at)
    if not facts.active and line.deactivated_at is None:
        line.deactivated_at = now
    if facts.active:
        line.deactivated_at = None
