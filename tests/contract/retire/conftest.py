"""Scenes in which something may be retired, and the tripwire around each of them.

A rotation costs ten times what a run of this function does, so that the scenes begin from checkpoints: of a vault that
was just made, and of the same vault just rotated by the real function.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from retire_iam_access_keys.handler import lambda_handler as retire_iam_access_keys
from rotate_iam_access_key.handler import lambda_handler as rotate_iam_access_key
from simulator.world import World
from tests.contract.checkpoint import Checkpoint, taken
from tests.contract.key_scene import KeyScene, key_scene
from tests.contract.passphrase_rotation import NOON
from tests.contract.retire.scene import Make, RetireScene
from tests.contract.retire.tripwire import Tripwire

HANDLERS = {"rotate_iam_access_key": rotate_iam_access_key, "retire_iam_access_keys": retire_iam_access_keys}


@dataclass(frozen=True, slots=True)
class Starts:
    """The same vault before and after its first rotation."""

    scene: KeyScene
    made: Checkpoint
    rotated: Checkpoint


@pytest.fixture(scope="session")
def starts(running_world: World) -> Starts:
    """Made once; every scene restores one of the two."""
    running_world.reset()
    running_world.clock.stand_still(NOON)
    scene = key_scene(running_world, running_world.deploy("rotate_iam_access_key", rotate_iam_access_key))
    made = taken(running_world)
    scene.rotated()
    return Starts(scene, made, taken(running_world))


@pytest.fixture
def tripwire(world: World) -> Iterator[Tripwire]:
    """Judged after every run, and once more when the test is over."""
    wire = Tripwire()
    yield wire
    wire.judge()


@pytest.fixture
def begin(world: World, starts: Starts, tripwire: Tripwire) -> Iterator[Callable[..., RetireScene]]:
    """Restores a checkpoint; names of tags without prefix, underscores for dashes."""
    with ExitStack() as stack:

        def restored(checkpoint: Checkpoint, tags: dict[str, str]) -> RetireScene:
            stack.close()
            checkpoint.restore()
            for name, handler in HANDLERS.items():
                world.deploy(name, handler)
            stack.enter_context(world.watched_by(tripwire))
            for name, value in tags.items():
                starts.scene.secret.tag(name.replace("_", "-"), value)
            return RetireScene(starts.scene, "retire_iam_access_keys", tripwire)

        yield restored


@pytest.fixture
def never_rotated(begin: Callable[..., RetireScene], starts: Starts) -> Make:
    """Makes a vault whose key is the first one, with these tags on its secret."""
    return lambda **tags: begin(starts.made, tags)


@pytest.fixture
def rotated(begin: Callable[..., RetireScene], starts: Starts) -> Make:
    """Makes a vault whose first key has just been superseded, with these tags on its secret."""
    return lambda **tags: begin(starts.rotated, tags)
