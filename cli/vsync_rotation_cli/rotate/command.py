"""The command: which secret, and whether to wait."""

from argparse import Namespace

from vsync_rotation.aws.clock import SystemClock
from vsync_rotation_cli.aws.premises import Account
from vsync_rotation_cli.aws.session import Session, account_in, choose, region_in
from vsync_rotation_cli.console import Console
from vsync_rotation_cli.refused import RefusedError, ended
from vsync_rotation_cli.rotate.following import Clock
from vsync_rotation_cli.rotate.rotating import ROTATED, Rotating


def run(arguments: Namespace, clock: Clock | None = None) -> int:
    """Rotate. Returns the exit status, with --follow the rotation's. `clock` is the machine's unless one is given."""
    return ended("rotate", lambda: _run(arguments, clock or SystemClock()))


def _run(arguments: Namespace, clock: Clock) -> int:
    choose(arguments.region or region_in(arguments.secret_id), arguments.profile)
    session, console = Session(), Console()
    _require_account(Account(session).id(), arguments.secret_id)
    rotating = Rotating(session, console, clock)
    order = rotating.order(arguments.secret_id)
    if arguments.follow:
        return rotating.follow(order, arguments.timeout)
    console.say("  it goes on by itself; --follow shows how")
    return ROTATED


def _require_account(caller: str, secret_id: str) -> None:
    """An account may let another one rotate its secrets; who named a profile by mistake is not to find out that way."""
    named = account_in(secret_id)
    if named is not None and named != caller:
        raise RefusedError(
            f"these credentials are of account {caller}, the secret is of account {named}; nothing was ordered; "
            "use others, or name a profile with --profile"
        )
