"""Where the story is played: an embedded AWS, and the two functions deployed in it."""

from typing import Final, TextIO

from rotate_iam_access_key.handler import lambda_handler as rotate_iam_access_key
from rotate_vault_passphrase.handler import lambda_handler as rotate_vault_passphrase
from simulator.world import Transport, World
from vsync_rotation_cli.demo.premises import CLI_ITERATIONS
from vsync_rotation_cli.demo.scenario import Handlers, Scenario
from vsync_rotation_cli.demo.view import View

ALL_HOLD: Final = 0
SOMETHING_FAILED: Final = 1


def play_for_real(view: View, complaints: TextIO) -> int:
    """The two functions of this repository, over HTTP, in real time. Returns the exit status."""
    with World(Transport.HTTP) as world:
        handlers = Handlers(key=rotate_iam_access_key, passphrase=rotate_vault_passphrase)
        return play(world, handlers, view, complaints)


def play(world: World, handlers: Handlers, view: View, complaints: TextIO, iterations: int = CLI_ITERATIONS) -> int:
    """Play the story in a clean world; each failed check is one line of `complaints`. Returns the exit status."""
    story = Scenario(world, handlers, view.tell, iterations).play()
    view.end(story)
    complaints.writelines(f"vsync-rotation demo: {check.name}: {check.detail}\n" for check in story.failed)
    return SOMETHING_FAILED if story.failed else ALL_HOLD
