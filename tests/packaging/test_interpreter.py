"""Finding a Python of the runtime's version: what is on PATH need not work, and nothing is ever fetched."""

import os
import sys
from pathlib import Path

import pytest

from cdk.packaging import interpreter
from cdk.packaging.interpreter import find

NAME = "python3.13"


@pytest.fixture(autouse=True)
def _nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without any: neither this process's own counts, nor this user's, nor uv's."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no python"))
    monkeypatch.setattr(interpreter, "find_uv_bin", _no_uv)
    monkeypatch.setenv("PATH", str(tmp_path / "no folder"))
    monkeypatch.setenv("HOME", str(tmp_path / "no home"))
    monkeypatch.delenv("PYENV_ROOT", raising=False)


def _no_uv() -> str:
    raise FileNotFoundError("uv")


def _program(folder: Path, *lines: str, name: str = NAME) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("\n".join(("#!/bin/sh", *lines)) + "\n")
    path.chmod(0o755)
    return path


def _python(folder: Path, version: str = "3 13 7", implementation: str = "cpython") -> Path:
    return _program(folder, f"echo {implementation} {version}")


def test_there_may_be_none() -> None:
    assert find() is None


def test_the_one_that_runs_this_is_the_first_choice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = _program(tmp_path / "own", "echo cpython 3 13 1", name="python")
    monkeypatch.setattr(sys, "executable", str(own))
    monkeypatch.setenv("PATH", str(_python(tmp_path / "other").parent))
    assert find() == interpreter.Interpreter(own, "3.13.1")


def test_a_shim_that_fails_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shim = _program(tmp_path / "shims", "echo 'command not found' >&2", "exit 127")
    working = _python(tmp_path / "working")
    monkeypatch.setenv("PATH", f"{shim.parent}:{tmp_path / 'nothing'}:{working.parent}")
    assert find() == interpreter.Interpreter(working, "3.13.7")


@pytest.mark.parametrize(
    ("version", "implementation"), [("3 12 9", "cpython"), ("3 13 7", "pypy"), ("3 1 37", "cpython"), ("", "")]
)
def test_another_python_under_that_name_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, implementation: str
) -> None:
    monkeypatch.setenv("PATH", str(_python(tmp_path, version, implementation).parent))
    assert find() is None


def test_what_does_not_answer_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "nobody writes here")
    stuck = _program(tmp_path / "stuck", f"read line < '{tmp_path / 'nobody writes here'}'")
    monkeypatch.setenv("PATH", str(stuck.parent))
    monkeypatch.setattr(interpreter, "_PATIENCE_SECONDS", 0.1)
    assert find() is None


@pytest.mark.parametrize("by_variable", [True, False])
def test_the_newest_of_pyenvs_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, by_variable: bool) -> None:
    root = tmp_path / ".pyenv"
    if by_variable:
        monkeypatch.setenv("PYENV_ROOT", str(root))
    else:
        monkeypatch.setenv("HOME", str(tmp_path))
    _python(root / "versions" / "3.13.9" / "bin", "3 13 9")
    newest = _python(root / "versions" / "3.13.10" / "bin", "3 13 10")
    _python(root / "versions" / "3.12.99" / "bin", "3 12 99")
    assert find() == interpreter.Interpreter(newest, "3.13.10")


def test_uv_is_asked_for_one_of_its_own_and_never_to_fetch_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    managed, asked = _python(tmp_path / "managed"), tmp_path / "asked"
    uv = _program(tmp_path / "own", f'echo "$@" > {asked}', f"echo {managed}", name="uv")
    monkeypatch.setattr(interpreter, "find_uv_bin", lambda: str(uv))
    assert find() == interpreter.Interpreter(managed, "3.13.7")
    assert asked.read_text() == "python find --no-python-downloads --managed-python 3.13\n"
