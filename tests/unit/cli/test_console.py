"""The person at the terminal: what they type in secret is not shown, and nobody is asked where nobody is."""

import io
import os
import pty
import subprocess
import sys

import pytest

from vsync_rotation_cli.console import Console
from vsync_rotation_cli.refused import RefusedError

ASKS = """
from vsync_rotation_cli.console import Console
given = Console().ask_secret("blob: ")
seen = Console().ask("name: ")
print("got", len(given.reveal()), seen, given)
"""
TYPED = "typed-and-never-shown"


def read_until(terminal: int, what: bytes) -> bytes:
    shown = b""
    while what not in shown:
        part = os.read(terminal, 1024)
        assert part, shown
        shown += part
    return shown


def test_what_is_typed_in_secret_is_not_shown_by_a_real_terminal() -> None:
    terminal, line = pty.openpty()
    # A session of its own, so that the terminal of whoever runs the tests is out of reach.
    child = subprocess.Popen(  # noqa: S603 - this interpreter
        [sys.executable, "-c", ASKS], stdin=line, stdout=line, stderr=line, start_new_session=True
    )
    try:
        shown = read_until(terminal, b"blob: ")
        os.write(terminal, f"{TYPED}\n".encode())
        shown += read_until(terminal, b"name: ")
        os.write(terminal, b"visible\n")
        shown += read_until(terminal, b"<redacted>")
        assert child.wait() == 0
    finally:
        child.kill()
        child.wait()
        os.close(terminal)
        os.close(line)
    assert f"got {len(TYPED)} visible <redacted>".encode() in shown
    assert TYPED.encode() not in shown
    assert b"visible\r\n" in shown


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("answer", "agreed"), [("y\n", True), (" YES \n", True), ("n\n", False), ("\n", False), ("", False)]
)
def test_only_a_yes_is_one(monkeypatch: pytest.MonkeyPatch, answer: str, agreed: bool) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    assert Console().agrees("Go on?") is agreed


def test_consent_given_beforehand_is_shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert Console(agreed=True).agrees("Go on?")
    assert capsys.readouterr().out == "Go on? yes (--yes)\n"


@pytest.mark.parametrize("stdin", [None, io.StringIO("y\n")])
def test_nobody_is_asked_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch, stdin: io.StringIO | None) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    for ask in (Console().agrees, Console().ask, Console().ask_secret):
        with pytest.raises(RefusedError, match="there is no terminal to ask at"):
            ask("Go on?")


def test_a_terminal_that_cannot_hide_what_is_typed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python would warn and read on, showing every character."""
    monkeypatch.setattr(sys, "stdin", Terminal(f"{TYPED}\n"))
    # Neither the process's terminal nor standard input's has modes to change here.
    monkeypatch.setattr(os, "open", _no_terminal)
    with pytest.raises(RefusedError, match="cannot hide what is typed") as raised:
        Console().ask_secret("blob: ")
    assert raised.value.__context__ is None


def _no_terminal(*_arguments: object, **_options: object) -> int:
    raise OSError


def test_a_line_from_a_service_cannot_act_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    Console().say("  a\x1b[2Jb\nc")
    assert capsys.readouterr().out == "a [2Jb c\n"
    Console().say("  indented")
    assert capsys.readouterr().out == "  indented\n"


@pytest.mark.parametrize(("answer", "agreed"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_what_was_typed_before_the_question_agrees_to_nothing(
    monkeypatch: pytest.MonkeyPatch, answer: str, agreed: bool
) -> None:
    """A stray key while a long diff goes by must not deploy it."""
    terminal, line = pty.openpty()
    try:
        os.write(terminal, b"y\ny\n" if not agreed else b"n\nn\n")
        with os.fdopen(line, "r", closefd=False) as typed:
            monkeypatch.setattr(sys, "stdin", typed)
            monkeypatch.setattr(sys, "stdout", Answering(terminal, answer))
            assert Console().agrees("Deploy this?") is agreed
    finally:
        os.close(terminal)
        os.close(line)


class Answering(io.StringIO):
    """Whoever sees the question answers it."""

    def __init__(self, terminal: int, answer: str) -> None:
        super().__init__()
        self._terminal, self._answer = terminal, answer

    def write(self, text: str) -> int:
        if "Deploy this?" in text:
            os.write(self._terminal, self._answer.encode())
        return super().write(text)
