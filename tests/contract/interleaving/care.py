"""What looks after vaults and keys as actors, and what each of them must leave alone at any moment."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from moto.iam.models import iam_backends

from simulator.exchange import Request
from simulator.interleaving import Actor, Play
from simulator.vaults import Vault
from simulator.world import ACCOUNT_ID
from tests.contract.glance import glance
from tests.contract.interleaving.environments import CHECK, RETIRE
from tests.contract.interleaving.scenes import Scene

CHECKING: Final = "check"
RETIRING: Final = "retire"


def checking(scene: Scene, name: str = CHECKING) -> Actor:
    """A scheduled check of the one vault there is."""
    order = {"secret_id": scene.vault.passphrase_secret}
    return Actor(name, lambda: scene.world.invoke(CHECK, order), may_fail=True)


def retiring(scene: Scene, name: str = RETIRING) -> Actor:
    """A scheduled run over all secrets, of which there is one."""
    return Actor(name, lambda: scene.world.invoke(RETIRE, {}))


def said(play: Play, name: str) -> list[dict[str, Any]]:
    """What a run says that it did, in its summary."""
    outcomes: list[dict[str, Any]] = play.endings[name].value["outcomes"]
    return outcomes


@dataclass(slots=True)
class NoHeldKeyGoes:
    """An observer: a key that AWSCURRENT or AWSPENDING holds is never deleted, not for a moment.

    Deactivating can be taken back, and is where a label was moved meanwhile: that is judged at the end.
    """

    vault: Vault
    lost: list[str] = field(default_factory=list)
    _before: frozenset[str] = frozenset()

    def before(self, request: Request) -> None:
        if request.operation == "DeleteAccessKey":
            self._before = self._keys()

    def after(self, request: Request) -> None:
        if request.operation == "DeleteAccessKey":
            self.lost += (self._before - self._keys()) & self._held()

    def _keys(self) -> frozenset[str]:
        return frozenset(
            key.access_key_id for key in iam_backends[ACCOUNT_ID]["aws"].users[self.vault.iam_user].access_keys
        )

    def _held(self) -> frozenset[str]:
        seen = glance(self.vault)
        return frozenset(key for key in map(seen.key_in, ("AWSCURRENT", "AWSPENDING")) if key is not None)


@dataclass(slots=True)
class Guarded:
    """A start whose every history is watched so. `guard.judge()` belongs to the judging of each."""

    start: Callable[[], Scene]
    watch: NoHeldKeyGoes = field(init=False)

    def __call__(self) -> Scene:
        scene = self.start()
        self.watch = NoHeldKeyGoes(scene.vault)
        # A world's observers end with its reset, which every start begins with.
        scene.world.switchboard.observers.append(self.watch)
        return scene

    def judge(self) -> None:
        assert self.watch.lost == [], "a key was deleted that a label holds"
