"""`python -m tests.acceptance`: what it is told to do, once it is sure where. See docs/acceptance.md."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from tests.acceptance import catalogue
from tests.acceptance.acceptance import GOOD, INTERRUPTED, NOT_GOOD, Acceptance
from tests.acceptance.arguments import parse
from tests.acceptance.aws import Aws
from tests.acceptance.consent import introduction
from tests.acceptance.discretion import Discretion
from tests.acceptance.machine import Machine
from tests.acceptance.run import Run
from vsync_rotation.errors import RotationError
from vsync_rotation_cli.aws.explained import explained
from vsync_rotation_cli.aws.session import asking
from vsync_rotation_cli.console import Console

BAD_COMMAND_LINE: Final = 2


class RefusedError(Exception):
    """Nothing was done."""


def main(argv: Sequence[str], machine: Machine | None = None) -> int:
    """Do it. Returns the exit status."""
    arguments = parse(argv)
    if arguments.list:
        print(catalogue.table())
        return GOOD
    try:
        return _run(arguments, machine or Machine())
    except (RefusedError, catalogue.UnknownQuestionError) as refusal:
        return _complain(str(refusal), BAD_COMMAND_LINE)
    except RotationError as error:
        return _complain("; ".join(explained(error)), NOT_GOOD)
    except (ClientError, BotoCoreError) as error:
        return _complain(f"AWS: {error}", NOT_GOOD)
    except KeyboardInterrupt:
        return _complain("interrupted; if anything was made, the command above removes it", INTERRUPTED)


def _run(arguments: Namespace, machine: Machine) -> int:
    questions = catalogue.chosen(arguments.only)
    run = Run.new() if arguments.clean_up is None else _named(arguments.clean_up)
    aws = machine.aws(arguments.region)
    _require_account(aws, arguments.account)
    discretion = Discretion()

    def say(line: str) -> None:
        print(discretion.cleared(line), flush=True)

    acceptance = Acceptance(machine, aws, run, discretion, say)
    if arguments.clean_up is not None:
        return NOT_GOOD if acceptance.clean_up() else GOOD
    if aws.principal.endswith(":root"):
        raise RefusedError("the account's root can assume no role, which questions need: use a role or a user")
    for line in introduction(aws.account, aws.principal, aws.region, catalogue.PREPARATIONS, questions):
        say(line)
    if not _agreed(arguments):
        say("nothing was made")
        return NOT_GOOD
    return acceptance.ask(catalogue.PREPARATIONS, questions, keep=arguments.keep)


def _named(prefix: str) -> Run:
    try:
        return Run(prefix)
    except ValueError as problem:
        raise RefusedError(f"{problem}; nothing was removed") from None


def _require_account(aws: Aws, account: str) -> None:
    with asking("STS", "GetCallerIdentity"):
        asked = aws.account
    if asked != account:
        raise RefusedError(
            f"these credentials are of account {asked}, not {account}; nothing was made; use others (AWS_PROFILE)"
        )


def _agreed(arguments: Namespace) -> bool:
    console = Console(agreed=arguments.yes)
    if not console.agreed and not console.has_person():
        raise RefusedError("there is no terminal to ask at; nothing was made; say --yes")
    return console.agrees("Go on?")


def _complain(what: str, status: int) -> int:
    print(f"acceptance: {what}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
