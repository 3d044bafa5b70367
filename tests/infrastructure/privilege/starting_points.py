"""Moments from which scenarios begin, each made once and restored for whoever begins there.

Furnishing an account takes a hundred requests, and some scenarios need a rotation or two before they begin.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.kms.models import kms_backends
from moto.ssm.models import ssm_backends

from simulator.world import ACCOUNT_ID, World
from tests.contract.checkpoint import Checkpoint, taken
from tests.infrastructure.privilege.account import Account

Prepare = Callable[[Account], None]


def _keys(world: World) -> dict[str, Any]:
    return kms_backends[ACCOUNT_ID][world.region].keys


def _parameters(world: World) -> dict[str, Any]:
    return ssm_backends[ACCOUNT_ID][world.region]._parameters


@dataclass(frozen=True, slots=True)
class _Moment:
    """What vaults' own checkpoints hold, and besides KMS keys, which nobody changes, and parameters' versions."""

    checkpoint: Checkpoint
    keys: Mapping[str, Any] = field(repr=False)
    parameters: Mapping[str, tuple[Any, ...]] = field(repr=False)

    @classmethod
    def of(cls, world: World) -> "_Moment":
        parameters = {name: tuple(versions) for name, versions in _parameters(world).items()}
        return cls(taken(world), dict(_keys(world)), parameters)

    def restore(self) -> None:
        self.checkpoint.restore()
        world = self.checkpoint.world
        _keys(world).update(self.keys)
        _parameters(world).update({name: list(versions) for name, versions in self.parameters.items()})


@dataclass(slots=True)
class StartingPoints:
    """`make` furnishes the account; `begin` brings it to where a preparation left it."""

    make: Callable[[], Account]
    _account: Account | None = None
    _moments: dict[Prepare | None, _Moment] = field(default_factory=dict)

    def begin(self, prepare: Prepare | None = None, replaced: Mapping[str, Any] | None = None) -> Account:
        """The account after the preparation, which runs under the full roles; then with these policies instead."""
        account = self._account or self._made()
        if prepare not in self._moments:
            self._moments[None].restore()
            account.deploy()
            assert prepare is not None
            prepare(account)
            assert account.world.gate.denied == []
            self._moments[prepare] = _Moment.of(account.world)
        self._moments[prepare].restore()
        account.deploy(replaced)
        return account

    def _made(self) -> Account:
        self._account = self.make()
        self._moments[None] = _Moment.of(self._account.world)
        return self._account
