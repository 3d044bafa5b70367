"""The command line itself: help, version, refusals, and how it ends."""

import io
import sys
from collections.abc import Callable
from typing import Any

import pytest

from vsync_rotation_cli import main as entry

Command = Callable[..., Any]
PASTED = "vsync-cfg-v1:" + "H4sIAAAAAAAA" * 8


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "the following arguments are required: <command>"),
        (["rotat"], "invalid choice: 'rotat'"),
        (["rotate"], "required: --secret-id"),
        (["seed"], "required: --deployment"),
        (["adopt", "--deployment", "production", "--vault", "acme_web/prod"], "unrecognized arguments"),
        (["seed", "--deployment", "production", PASTED], "a value is read from standard input"),
        (["demo", "--json", "--plain"], "not allowed with"),
        (["decode", "--jso"], "unrecognized arguments: --jso"),
        (["decode", "--secret-id"], "expected one argument"),
        (["decode", PASTED], "a value is read from standard input"),
        ([PASTED], "a value is read from standard input"),
        (["decode", f"--json={PASTED}"], "a value is read from standard input"),
    ],
)
def test_wrong_usage_is_one_line_with_status_2_and_repeats_no_value(
    command: Command, arguments: list[str], told: str
) -> None:
    ran = command(arguments)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert told in ran.err
    assert PASTED[:40] not in ran.err


@pytest.mark.parametrize("name", ["", "adopt", "decode", "demo", "deploy", "rotate", "seed"])
def test_help_shows_examples(command: Command, name: str) -> None:
    ran = command([*name.split(), "--help"])
    assert (ran.status, ran.err) == (0, "")
    assert "examples:\n  vsync-rotation " in ran.out


def test_version_is_the_packages(command: Command) -> None:
    assert command(["--version"]).out == "vsync-rotation 0.1.0\n"


def _ends_with(error: BaseException) -> Callable[[object], int]:
    def run(_arguments: object) -> int:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(), 141, ""),
        (OSError(28, "No space left on device"), 1, "the output could not be written"),
    ],
)
def test_an_end_that_is_nobodys_mistake_has_no_traceback(
    error: BaseException, status: int, told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entry, "_run", _ends_with(error))
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert entry.main([]) == status
    err = capsys.readouterr().err
    assert err.count("\n") == (1 if told else 0)
    assert told in err
