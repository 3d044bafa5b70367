"""The command line: options and refusals.

A refusal never repeats a long word of the command line: it may be a blob that was pasted in the wrong place.
"""

import argparse
import re
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final, NoReturn

from vsync_rotation_cli import help_texts

# Longer than any option or command, shorter than a secret access key (40) or a passphrase that we make (44).
_LONG_WORD: Final = re.compile(r"\S{32,}")

_REGION: Final = re.compile(r"[a-z]{2,8}(-[a-z]{1,16}){1,3}-[0-9]{1,2}")

# As long as Lambda lets a function run, so that one whole attempt fits.
_FOLLOW_SECONDS: Final = 900.0


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
    return command_line().parse_args(argv)


def command_line() -> argparse.ArgumentParser:
    """Every command with its options."""
    parser = _Parser(prog="vsync-rotation", description=help_texts.DESCRIPTION, epilog=help_texts.EXAMPLES)
    parser.add_argument("--version", action="version", version=f"vsync-rotation {version('vsync-rotation')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="<command>", title="commands")
    _add_demo(commands)
    _add_decode(commands)
    _add_deploy(commands)
    _add_seed(commands)
    _add_adopt(commands)
    _add_rotate(commands)
    return parser


def _add_demo(commands: "argparse._SubParsersAction[_Parser]") -> None:
    demo = commands.add_parser(
        "demo",
        help="both rotations and the old key's end, on an embedded AWS",
        description=help_texts.DEMO,
        epilog=help_texts.DEMO_EXAMPLES,
    )
    view = demo.add_mutually_exclusive_group()
    view.add_argument("--plain", action="store_true", help="line by line (the default without a terminal)")
    view.add_argument("--json", action="store_true", help="one JSON document on standard output and nothing else")


def _add_decode(commands: "argparse._SubParsersAction[_Parser]") -> None:
    decode = commands.add_parser(
        "decode",
        help="what a VSYNC_CONFIG value says",
        description=help_texts.DECODE,
        epilog=help_texts.DECODE_EXAMPLES,
    )
    decode.add_argument(
        "--secret-id", metavar="NAME-OR-ARN", type=_word, help="read the AWSCURRENT value of this secret"
    )
    _add_region(decode)
    _add_profile(decode)
    decode.add_argument("--json", action="store_true", help="one JSON object instead of lines")


def _add_deploy(commands: "argparse._SubParsersAction[_Parser]") -> None:
    deploy = commands.add_parser(
        "deploy",
        help="from a deployment file to rotating secrets",
        description=help_texts.DEPLOY,
        epilog=help_texts.DEPLOY_EXAMPLES,
    )
    _add_deployment(deploy, "NAME", "the file's name in cdk/deployments, without its ending")
    _add_values(deploy)
    deploy.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
    deploy.add_argument("--yes", action="store_true", help="agree to everything beforehand, first rotations included")
    deploy.add_argument("--no-rotate", action="store_true", help="no first rotation")
    deploy.add_argument(
        "--forget",
        metavar="REPO/ENV",
        action="append",
        default=[],
        help="a vault that has left the file on purpose: its rotation ends, its user and secrets stay",
    )
    deploy.add_argument(
        "--drop-replica",
        metavar="REGION",
        type=_region,
        action="append",
        default=[],
        help="a region that has left replica_regions on purpose: what its applications read there is deleted",
    )


def _add_seed(commands: "argparse._SubParsersAction[_Parser]") -> None:
    seed = commands.add_parser(
        "seed",
        help="first values for secrets without one",
        description=help_texts.SEED,
        epilog=help_texts.SEED_EXAMPLES,
    )
    _add_deployment(seed, "NAME-OR-FILE", "a name in cdk/deployments, or a file")
    seed.add_argument(
        "--vault",
        metavar="REPO/ENV",
        type=_word,
        action="append",
        default=[],
        help="only this vault (default: all of the file)",
    )
    _add_values(seed)
    _add_consent(seed)


def _add_adopt(commands: "argparse._SubParsersAction[_Parser]") -> None:
    adopt = commands.add_parser(
        "adopt",
        help="tags for secrets that were there before",
        description=help_texts.ADOPT,
        epilog=help_texts.ADOPT_EXAMPLES,
    )
    _add_deployment(adopt, "NAME-OR-FILE", "a name in cdk/deployments, or a file")
    _add_consent(adopt)


def _add_rotate(commands: "argparse._SubParsersAction[_Parser]") -> None:
    rotate = commands.add_parser(
        "rotate",
        help="start a rotation and follow it",
        description=help_texts.ROTATE,
        epilog=help_texts.ROTATE_EXAMPLES,
    )
    rotate.add_argument("--secret-id", metavar="NAME-OR-ARN", type=_word, required=True, help="the secret to rotate")
    rotate.add_argument("--follow", action="store_true", help="wait for the end and show what happens")
    rotate.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_positive_seconds,
        default=_FOLLOW_SECONDS,
        help=f"how long to follow (default: {_FOLLOW_SECONDS:g})",
    )
    _add_region(rotate)
    _add_profile(rotate)


def _add_deployment(command: _Parser, form: str, meaning: str) -> None:
    command.add_argument("--deployment", metavar=form, type=_word, required=True, help=meaning)
    _add_profile(command)


def _add_profile(command: _Parser) -> None:
    command.add_argument(
        "--profile", type=_word, help="whose credentials to use (default: the ordinary credential chain)"
    )


def _add_region(command: _Parser) -> None:
    command.add_argument(
        "--region", type=_region, help="where the secret is (default: the ARN's, else that of the environment)"
    )


def _add_values(command: _Parser) -> None:
    command.add_argument(
        "--from",
        dest="values",
        metavar="FILE",
        type=_word,
        help="read missing values from this JSON file, - for standard input (default: ask for them)",
    )


def _add_consent(command: _Parser) -> None:
    command.add_argument("--dry-run", action="store_true", help="show what would be done, and change nothing")
    command.add_argument("--yes", action="store_true", help="do it without asking")


def _word(text: str) -> str:
    """A variable that a script never set comes as an empty word, and would choose by default."""
    if not text.strip():
        raise argparse.ArgumentTypeError("is empty")
    return text


def _region(text: str) -> str:
    """The SDK would make a host's name of anything, and look it up for all to see."""
    if not _REGION.fullmatch(text):
        raise argparse.ArgumentTypeError("is no AWS region, for example eu-central-1")
    return text


def _positive_seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise ValueError(text)
    return seconds
