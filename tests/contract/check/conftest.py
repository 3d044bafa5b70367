"""Scenes to check. Making a vault and rotating it cost more than checking it, so that scenes begin from checkpoints."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from check_vaults.handler import lambda_handler as check_vaults
from rotate_vault_passphrase.handler import lambda_handler as rotate_vault_passphrase
from simulator.vaults import Layout, Vault
from simulator.world import World
from tests.contract.check.scene import HOUR, CheckScene
from tests.contract.checkpoint import Checkpoint, taken
from tests.contract.passphrase_rotation import payloads, vault_at_noon

Begin = Callable[..., CheckScene]


@dataclass(frozen=True, slots=True)
class _Start:
    vault: Vault
    payloads: dict[str, bytes] = field(repr=False)
    checkpoint: Checkpoint


def _deploy(world: World) -> None:
    world.deploy("check_vaults", check_vaults, timeout_seconds=300)
    world.deploy("rotate_vault_passphrase", rotate_vault_passphrase)


@pytest.fixture(scope="session")
def starts() -> dict[tuple[Layout, int, bool], _Start]:
    """By layout, number of rotations, and whether one more is staged; made when the first test asks."""
    return {}


@pytest.fixture
def begin(world: World, starts: dict[tuple[Layout, int, bool], _Start]) -> Begin:
    """Begins with a vault of this layout that was rotated so many times, the last one two hours ago, perhaps with one more up to its last
    step; with these tags (names without prefix, underscores for dashes)."""

    def begun(
        layout: Layout = Layout.BOTH, *, rotations: int = 1, with_staged: bool = False, **tags: str
    ) -> CheckScene:
        found = starts.get((layout, rotations, with_staged))
        if found is None:
            found = starts[layout, rotations, with_staged] = _made(world, layout, rotations, with_staged)
        found.checkpoint.restore()
        _deploy(world)
        scene = CheckScene(found.vault, found.payloads)
        scene.tag(**tags)
        return scene

    return begun


def _made(world: World, layout: Layout, rotations: int, with_staged: bool) -> _Start:
    world.reset()
    vault = vault_at_noon(world, layout)
    _deploy(world)
    found = payloads(vault)
    for _ in range(rotations):
        CheckScene(vault, found).rotated()
        world.clock.advance(2 * HOUR)
    if with_staged:
        CheckScene(vault, found).staged()
    return _Start(vault, found, taken(world))
