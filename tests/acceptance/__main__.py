"""`python -m tests.acceptance`: what it is told to do, once it is sure where. See docs/acceptance.md."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from tests.acceptance import catalogue
from tests.acceptance.acceptance import GOOD, INTERRUPTED, NOT_GOOD, Acceptance
from tests.acceptance.arguments import parse
from tests.acceptance.aws import Aws
from tests.acceptance.consent import introduction
from tests.acceptance.discretion import Discretion
from tests.acceptance.machine import Machine
from tests.acceptance.remedies import line
from tests.acceptance.report import UnwritableError
from tests.acceptance.run import Run
from tests.acceptance.voice import Voice
from vsync_rotation.errors import RotationError
from vsync_rotation_cli.console import Console

REFUSED: Final = 2


class RefusedError(Exception):
    """Nothing was done."""


def main(argv: Sequence[str], machine: Machine | None = None) -> int:
    """Do it. Returns the exit status."""
    arguments = parse(argv)
    if arguments.list:
        Voice(Discretion()).say(catalogue.listing())
        return GOOD
    try:
        return _run(arguments, machine or Machine())
    except (RefusedError, catalogue.UnknownQuestionError, UnwritableError) as refusal:
        return _complain(str(refusal), REFUSED)
    except RotationError as error:
        return _complain(line(error), NOT_GOOD)
    except KeyboardInterrupt:
        return _complain("interrupted; if anything was made, the command above removes it", INTERRUPTED)


def _run(arguments: Namespace, machine: Machine) -> int:
    questions = catalogue.chosen(arguments.only)
    run = Run.new() if arguments.clean_up is None else _named(arguments.clean_up)
    aws = machine.aws(arguments.region)
    _require_account(aws, arguments.account)
    discretion = Discretion()
    voice = Voice(discretion)
    acceptance = Acceptance(machine, aws, run, discretion, voice.say)
    if arguments.clean_up is not None:
        return NOT_GOOD if acceptance.clean_up() or voice.lost else GOOD
    if aws.principal.endswith(":root"):
        raise RefusedError("the account's root can assume no role, which questions need: use a role or a user")
    for told in introduction(aws.account, aws.principal, aws.region, catalogue.PREPARATIONS, questions):
        voice.say(told)
    if voice.lost:
        raise RefusedError("standard output takes nothing, so nobody would learn how to clean up; nothing was made")
    if not _agreed(arguments):
        voice.say("nothing was made")
        return NOT_GOOD
    status = acceptance.ask(catalogue.PREPARATIONS, questions, keep=arguments.keep)
    return status or (NOT_GOOD if voice.lost else GOOD)


def _named(prefix: str) -> Run:
    try:
        return Run(prefix)
    except ValueError as problem:
        raise RefusedError(f"{problem}; nothing was removed") from None


def _require_account(aws: Aws, account: str) -> None:
    if aws.account != account:
        raise RefusedError(
            f"these credentials are of account {aws.account}, not {account}; nothing was made; use others (AWS_PROFILE)"
        )


def _agreed(arguments: Namespace) -> bool:
    console = Console(agreed=arguments.yes)
    if not console.agreed and not console.has_person():
        raise RefusedError("there is no terminal to ask at; nothing was made; say --yes")
    return console.agrees("Go on?")


def _complain(what: str, status: int) -> int:
    with suppress(OSError, ValueError):  # the terminal may be gone; the status is not
        print(f"acceptance: {what}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
