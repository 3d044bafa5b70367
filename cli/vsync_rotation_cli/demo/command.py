"""The command: the view that was asked for, and the story in it."""

import os
import sys
from argparse import Namespace

from vsync_rotation_cli.demo.plain import Plain
from vsync_rotation_cli.demo.report import Report
from vsync_rotation_cli.demo.view import View


def run(arguments: Namespace) -> int:
    """Play the story. Returns the exit status."""
    # Held here, because the embedded AWS puts its own streams in their place while a function runs.
    complaints = sys.stderr
    with _view_for(arguments) as view:
        # Loading it takes seconds on a busy machine: the view is there first.
        from vsync_rotation_cli.demo.stage import play_for_real

        return play_for_real(view, complaints)


def _view_for(arguments: Namespace) -> View:
    if arguments.json:
        return Report(sys.stdout)
    if arguments.plain or not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        return Plain(sys.stdout)
    # The terminal library is loaded only for a terminal.
    from vsync_rotation_cli.demo.timeline import Timeline

    return Timeline(sys.stdout)
