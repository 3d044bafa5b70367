"""The command in this process: arguments and standard input in, exit status and both outputs out."""

import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from vsync_rotation_cli.main import main


@dataclass(frozen=True)
class Ran:
    """What a run left behind."""

    status: int
    out: str
    err: str


Command = Callable[[Sequence[str], bytes], Ran]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run `vsync-rotation` with these arguments and these bytes on standard input."""

    def run(arguments: Sequence[str], given: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), encoding="utf-8"))
        try:
            status = main(arguments)
        except SystemExit as end:
            status = int(end.code or 0)
        return Ran(status, *capsys.readouterr())

    return run
