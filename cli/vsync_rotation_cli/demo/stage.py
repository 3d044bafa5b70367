"""Where the story is played: an embedded AWS, and the five functions deployed in it."""

from typing import Final, TextIO

from check_vaults.handler import lambda_handler as check_vaults
from restart_consumers.handler import lambda_handler as restart_consumers
from retire_iam_access_keys.handler import lambda_handler as retire_iam_access_keys
from rotate_iam_access_key.handler import lambda_handler as rotate_iam_access_key
from rotate_vault_passphrase.handler import lambda_handler as rotate_vault_passphrase
from simulator.world import Transport, World
from vsync_rotation_cli.demo.deployment import Handlers
from vsync_rotation_cli.demo.scenario import Pace, Scenario
from vsync_rotation_cli.demo.view import View

ALL_HOLD: Final = 0
SOMETHING_FAILED: Final = 1
REAL: Final = Handlers(
    key=rotate_iam_access_key,
    passphrase=rotate_vault_passphrase,
    retire=retire_iam_access_keys,
    check=check_vaults,
    restart=restart_consumers,
)


def play_for_real(view: View, complaints: TextIO) -> int:
    """The five functions of this repository, over HTTP, the rotations in real time. Returns the exit status."""
    with World(Transport.HTTP) as world:
        return play(world, REAL, view, complaints, Pace())


def play(world: World, handlers: Handlers, view: View, complaints: TextIO, pace: Pace) -> int:
    """Play the story in a clean world; each failed check is one line of `complaints`. Returns the exit status."""
    story = Scenario(world, handlers, view.tell, pace).play()
    view.end(story)
    complaints.writelines(f"vsync-rotation demo: {check.name}: {check.detail}\n" for check in story.failed)
    return SOMETHING_FAILED if story.failed else ALL_HOLD
