"""The command line: options, help texts and refusals.

A refusal never repeats a long word of the command line: it may be a blob that was pasted in the wrong place.
"""

import argparse
import re
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final, NoReturn

# Longer than any option or command, shorter than a secret access key (40) or a passphrase that we make (44).
_LONG_WORD: Final = re.compile(r"\S{32,}")

_DESCRIPTION: Final = "Shows how the two values a vsync application boots from are rotated, and what is in them."
_EXAMPLES: Final = """\
examples:
  vsync-rotation demo                    both rotations and the days after them, on an embedded AWS
  vsync-rotation demo --json | jq .checks
  vsync-rotation decode < blob.txt
  vsync-rotation decode --secret-id acme_web/prod/VSYNC_CONFIG --region eu-central-1
"""
_DEMO: Final = """\
Makes a vault on an AWS embedded in this process, rotates its access key and then its passphrase with the real
functions, and checks after each that an application still boots. Then days pass in seconds: restarts, a stale push that
is healed, the old key held, deactivated and deleted. Nothing leaves this machine and no account is needed.
Exit status 0 if every check holds, 1 if one does not (standard error names it)."""
_DEMO_EXAMPLES: Final = """\
examples:
  vsync-rotation demo                    a live timeline on a terminal
  vsync-rotation demo --plain | tee run  the same story, line by line
  vsync-rotation demo --json | jq '.rotations[] | {kind, race_window_ms}'
  vsync-rotation demo --json | jq .lifelines
"""
_DECODE: Final = """\
Prints every field of a VSYNC_CONFIG value; the secret access key is redacted. The value is read from standard input,
or from Secrets Manager with --secret-id. A location (a value before its first rotation) and a plain IAM key pair are
read too. Exit status 2 and one line on standard error if there is nothing good to read."""
_DECODE_EXAMPLES: Final = """\
examples:
  vsync-rotation decode < blob.txt
  printf %s "$VSYNC_CONFIG" | vsync-rotation decode --json | jq -r .bucket
  vsync-rotation decode --secret-id acme_web/prod/VSYNC_CONFIG --profile production
"""


class _Parser(argparse.ArgumentParser):
    def __init__(self, **options: object) -> None:
        shape = {"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False}
        super().__init__(**{**shape, **options})  # type: ignore[arg-type]  # handed on unseen by add_parser

    def error(self, message: str) -> NoReturn:
        told = _LONG_WORD.sub("<long text; a value is read from standard input>", " ".join(message.split()))
        self.exit(2, f"{self.prog}: {told} (try {self.prog} --help)\n")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line; `command` says which one it is.

    Raises:
        SystemExit: help or version were asked for (0), or it is no command line of ours (2).
    """
    parser = _Parser(prog="vsync-rotation", description=_DESCRIPTION, epilog=_EXAMPLES)
    parser.add_argument("--version", action="version", version=f"vsync-rotation {version('vsync-rotation')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="<command>", title="commands")
    _add_demo(commands)
    _add_decode(commands)
    return parser.parse_args(argv)


def _add_demo(commands: "argparse._SubParsersAction[_Parser]") -> None:
    demo = commands.add_parser(
        "demo",
        help="both rotations and the old key's end, on an embedded AWS",
        description=_DEMO,
        epilog=_DEMO_EXAMPLES,
    )
    view = demo.add_mutually_exclusive_group()
    view.add_argument("--plain", action="store_true", help="line by line (the default without a terminal)")
    view.add_argument("--json", action="store_true", help="one JSON document on standard output and nothing else")


def _add_decode(commands: "argparse._SubParsersAction[_Parser]") -> None:
    decode = commands.add_parser(
        "decode", help="what a VSYNC_CONFIG value says", description=_DECODE, epilog=_DECODE_EXAMPLES
    )
    decode.add_argument("--secret-id", metavar="NAME-OR-ARN", help="read the AWSCURRENT value of this secret")
    decode.add_argument("--region", help="where the secret is (default: the ARN's, else that of the environment)")
    decode.add_argument("--profile", help="whose credentials to use (default: the ordinary credential chain)")
    decode.add_argument("--json", action="store_true", help="one JSON object instead of lines")
