"""The operator's commands in this process, on the embedded AWS, with a deployment file and perhaps a person."""

import getpass
import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulator.exchange import Request
from simulator.run import FUNCTION
from simulator.stack_protection import protected_stacks
from simulator.world import World
from tests.documented_requests import undocumented
from tests.e2e.operators import Operator, Person, Ran
from vsync_rotation_cli.main import main

ENVIRONMENT = ("AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def asked_by_the_command(world: World, before: int) -> list[Request]:
    """Functions have the same credentials, and a name; what is played for the command is done with the world's own."""
    return [
        request
        for request in world.requests[before:]
        if request.function is None and request.principal == FUNCTION.access_key_id
    ]


@pytest.fixture
def operator(
    world: World,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Operator]:
    """Runs `vsync-rotation`; what a command sets in the environment is put back."""
    for name in ENVIRONMENT:
        monkeypatch.setenv(name, os.environ[name])
    monkeypatch.setenv("AWS_PROFILE", "")
    monkeypatch.delenv("AWS_PROFILE")

    def run(arguments: tuple[str, ...], given: bytes | Person | None, command: Callable[[], int] | None) -> Ran:
        if isinstance(given, Person):
            monkeypatch.setattr(sys, "stdin", given)
            monkeypatch.setattr(getpass, "getpass", given.types_unseen)
        else:
            monkeypatch.setattr(sys, "stdin", None if given is None else io.TextIOWrapper(io.BytesIO(given)))
        before = len(world.requests)
        try:
            status = main(arguments) if command is None else command()
        except SystemExit as end:
            status = int(end.code or 0)
        ran = Ran(status, *capsys.readouterr())
        assert undocumented("deploy.md", asked_by_the_command(world, before)) == set()
        # Whatever a command prints is searched as the functions' logs are.
        assert world.secrets.find("standard output", ran.out) == []
        assert world.secrets.find("standard error", ran.err) == []
        return ran

    with protected_stacks():
        yield Operator(world, tmp_path, run)
