"""The entry point: which command, and which exit status.

0 it did what was asked, or there was nothing to do; 1 AWS, a check or the person said no, or this machine could not
read or write something; 2 wrong usage or bad input; 130 interrupted; 141 nobody reads the output any more.
"""

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from vsync_rotation_cli.arguments import parse
from vsync_rotation_cli.output import OutputError, told_apart
from vsync_rotation_cli.words import shown_path

NOT_DONE: Final = 1
INTERRUPTED: Final = 130  # what shells report for a process ended by SIGINT: 128 + 2
READER_GONE: Final = 141  # and for one ended by SIGPIPE: 128 + 13


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit status; never a traceback for a person's Ctrl-C or a closed pipe."""
    if sys.stdout is None or sys.stderr is None:
        return NOT_DONE  # closed by the caller: there is nowhere to say anything
    _speak_in_any_encoding()
    try:
        with told_apart():
            status = _run(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _forget_standard_output()
        return READER_GONE
    except OutputError as error:
        _forget_standard_output()
        sys.stderr.write(f"vsync-rotation: the output could not be written: {error.strerror}\n")
        return NOT_DONE
    except OSError as error:
        sys.stderr.write(f"vsync-rotation: {_what_failed(error)}\n")
        return NOT_DONE
    return status


def _run(argv: Sequence[str]) -> int:
    arguments = parse(argv)
    return _command(arguments.command)(arguments)


def _what_failed(error: OSError) -> str:
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    if isinstance(error.filename, str | bytes):
        return f"{shown_path(Path(os.fsdecode(error.filename)))} could not be read or written: {reason}"
    return f"this machine could not do something: {reason}"


def _command(name: str) -> Callable[[Namespace], int]:
    """Imported when chosen: the embedded AWS takes a second to load, and decode needs none of it."""
    match name:
        case "adopt":
            from vsync_rotation_cli.adopt.command import run as adopt

            return adopt
        case "demo":
            from vsync_rotation_cli.demo.command import run as demo

            return demo
        case "deploy":
            from vsync_rotation_cli.deploy.command import run as deploy

            return deploy
        case "rotate":
            from vsync_rotation_cli.rotate.command import run as rotate

            return rotate
        case "seed":
            from vsync_rotation_cli.seed.command import run as seed

            return seed
    from vsync_rotation_cli.decode.command import run as decode

    return decode


def _speak_in_any_encoding() -> None:
    """A terminal that cannot show a character gets its escape, not an exception."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _forget_standard_output() -> None:
    """Python flushes standard output once more at its end and would complain about the closed pipe then."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
