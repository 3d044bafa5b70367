"""The command line of `make acceptance ARGS='...'`."""

import argparse
import re
from collections.abc import Sequence
from typing import Final

_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_DESCRIPTION: Final = """\
Deploys a throw-away vault into a real account by the operator's own commands, rotates both of its secrets, asks AWS
what no document answers, writes the answers to build/acceptance, and removes everything again, whatever happens.
Exit status 0 if every answer is as this software relies on, nothing is left behind, and all of it could be said and
written, 1 if not, 2 if it was refused before anything was made, 130 if it was interrupted."""
# make takes a command's own options in ARGS alone.
_USAGE: Final = """\
make acceptance ARGS='--account ACCOUNT --region REGION
                             [--only QUESTION]... [--keep] [--yes]'
       make acceptance ARGS='--account ACCOUNT --region REGION
                             --clean-up PREFIX'
       make acceptance ARGS='--list | --help'"""
_EXAMPLES: Final = """\
examples:
  make acceptance ARGS='--list'
  make acceptance ARGS='--account 111122223333 --region eu-central-1'
  make acceptance ARGS='--account 111122223333 --region eu-central-1 --only plain-http --only new-key-becomes-known'
  make acceptance ARGS='--account 111122223333 --region eu-central-1 --clean-up vsync-accept-0123abcd'
"""


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line.

    Raises:
        SystemExit: help was asked for (0), or it is no command line of ours (2).
    """
    parser = argparse.ArgumentParser(
        prog="make acceptance",
        usage=_USAGE,
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--account", type=_account, help="the account to do it in: the credentials must be its own")
    parser.add_argument("--region", help="the region to do it in")
    parser.add_argument("--yes", action="store_true", help="do not ask before anything is made")
    parser.add_argument("--keep", action="store_true", help="leave everything there, and say how to remove it later")
    parser.add_argument(
        "--only", metavar="QUESTION", action="append", default=[], help="ask only this (again for more)"
    )
    parser.add_argument("--list", action="store_true", help="show the questions; nothing is made and nobody is asked")
    parser.add_argument("--clean-up", metavar="PREFIX", help="remove what an earlier run left, and do nothing else")
    arguments = parser.parse_args(argv)
    if not arguments.list and not (arguments.account and arguments.region):
        parser.error("--account and --region say where; without both nothing is done")
    return arguments


def _account(text: str) -> str:
    if not _ACCOUNT.fullmatch(text):
        raise argparse.ArgumentTypeError("an account is twelve digits")
    return text
