"""The command: which secret, and whether to wait."""

from argparse import Namespace

from vsync_rotation.aws.clock import SystemClock
from vsync_rotation_cli.aws.session import Session, choose, region_in
from vsync_rotation_cli.console import Console
from vsync_rotation_cli.refused import ended
from vsync_rotation_cli.rotate.following import Clock
from vsync_rotation_cli.rotate.rotating import ROTATED, Rotating


def run(arguments: Namespace, clock: Clock | None = None) -> int:
    """Rotate. Returns the exit status, with --follow the rotation's. `clock` is the machine's unless one is given."""
    return ended("rotate", lambda: _run(arguments, clock or SystemClock()))


def _run(arguments: Namespace, clock: Clock) -> int:
    choose(arguments.region or region_in(arguments.secret_id), arguments.profile)
    console = Console()
    rotating = Rotating(Session(), console, clock)
    order = rotating.order(arguments.secret_id)
    if arguments.follow:
        return rotating.follow(order, arguments.timeout)
    console.say("  it goes on by itself; --follow shows how")
    return ROTATED
