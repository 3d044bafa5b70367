"""The command line itself: help, version, refusals, and how it ends."""

import argparse
import errno
import io
import os
import sys
from collections.abc import Callable
from typing import Any

import pytest

from vsync_rotation_cli import main as entry
from vsync_rotation_cli.arguments import command_line

Command = Callable[..., Any]
PASTED = "vsync-cfg-v1:" + "H4sIAAAAAAAA" * 8
# As we make them: 44 characters of base64, which has slashes.
PASSPHRASE = "kX3/q9vTz0pYwLr8sJmN+4cUe7aGhB2dFoVi/1xRtQk="


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
        (OSError(28, "No space left on device"), 1, "this machine could not do something: No space left on device"),
        (
            FileNotFoundError(2, "none", "package-lock.json"),
            1,
            "package-lock.json could not be read or written: No such",
        ),
        (OSError(36, "too long", PASTED), 1, f"<{len(PASTED)} characters> could not be read or written: File name too"),
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
    assert PASTED not in err


class _Full(io.StringIO):
    """A device with no space left: at once where nothing is buffered, else when the buffer goes."""

    def __init__(self, *, at_once: bool) -> None:
        super().__init__()
        self._at_once = at_once

    def write(self, text: str) -> int:
        return self._fail() if self._at_once else super().write(text)

    def flush(self) -> None:
        if self.getvalue():
            self._fail()

    def _fail(self) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("at_once", [True, False])
def test_output_that_could_not_be_written_is_told_as_that(
    at_once: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    location = b'{"AWS_ACCESS_KEY_ID": "KEY-ID-OF-A-TEST", "AWS_SECRET_ACCESS_KEY": "the-secret-access-key-of-a-test"}'
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(location)))
    monkeypatch.setattr(sys, "stdout", _Full(at_once=at_once))
    assert entry.main(["decode"]) == 1
    assert "vsync-rotation: the output could not be written: No space left on device\n" in capsys.readouterr().err


def _options() -> list[tuple[str, str, list[str]]]:
    """Every option of every command that takes a word, with what else that command needs."""
    (commands,) = (a for a in command_line()._actions if isinstance(a, argparse._SubParsersAction))
    return [
        (
            name,
            action.option_strings[0],
            [word for other in actions if other.required for word in _filled(other, action)],
        )
        for name, parser in commands.choices.items()
        for actions in [parser._actions]
        for action in actions
        if action.option_strings and action.nargs is None
    ]


def _filled(other: argparse.Action, action: argparse.Action) -> list[str]:
    return [] if other is action else [other.option_strings[0], "no-such-thing"]


@pytest.mark.parametrize(
    "word", [PASTED, PASSPHRASE, PASSPHRASE.replace("/", "+")], ids=["blob", "passphrase", "plain"]
)
@pytest.mark.parametrize(("name", "option", "more"), _options())
@pytest.mark.usefixtures("world")
def test_a_value_in_any_options_place_is_refused_and_never_shown(
    command: Command, monkeypatch: pytest.MonkeyPatch, name: str, option: str, more: list[str], word: str
) -> None:
    for variable in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, os.environ.get(variable, ""))  # put back what a command chooses
    monkeypatch.delenv("AWS_PROFILE")
    ran = command([name, option, word, *more])
    assert ran.status in (1, 2)
    assert not any(part in ran.out + ran.err for part in (word, word[-20:], word[:20]))


@pytest.mark.parametrize("option", ["--deployment", "--secret-id", "--profile", "--region"])
def test_an_empty_word_chooses_nothing(command: Command, option: str) -> None:
    name = "seed" if option == "--deployment" else "rotate"
    ran = command([name, "--secret-id", "any", option, ""])
    assert ran.status == 2
    assert f"argument {option}: is " in ran.err
