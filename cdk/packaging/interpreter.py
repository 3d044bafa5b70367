"""A Python of the runtime's version on this machine, whose bytecode the runtime takes for its own."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from uv import find_uv_bin

from cdk.packaging.runtime import PYTHON, PYTHON_TEXT

_NAME: Final = f"python{PYTHON_TEXT}"
_WHO: Final = "import sys; print(sys.implementation.name, *sys.version_info[:3])"
# A shim of a version manager answers at once or waits for something that never comes.
_PATIENCE_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A CPython that was run and has the runtime's minor version."""

    path: Path
    version: str


def find() -> Interpreter | None:
    """The first that works: this one, those on PATH, pyenv's, what uv knows. Never fetches one; None: there is none.

    Each is run before it counts: a version manager's shim stands on PATH also where no version is switched on.
    """
    for candidate in _candidates():
        interpreter = _tried(candidate)
        if interpreter is not None:
            return interpreter
    return None


def _candidates() -> Iterator[Path]:
    yield Path(sys.executable)
    for folder in os.get_exec_path():
        found = shutil.which(_NAME, path=folder)
        if found is not None:
            yield Path(found)
    yield from _of_pyenv()
    yield from _of_uv()


def _of_pyenv() -> list[Path]:
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    return sorted(versions.glob(f"{PYTHON_TEXT}*/bin/{_NAME}"), key=_newness, reverse=True)


def _newness(path: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", path.parents[1].name)]


def _of_uv() -> Iterator[Path]:
    # Only those that it manages: on PATH it gives up at the first shim that fails, and PATH was searched above.
    try:
        said = _said([find_uv_bin(), "python", "find", "--no-python-downloads", "--managed-python", PYTHON_TEXT])
    except FileNotFoundError:
        return
    if said:
        yield Path(said)


def _tried(path: Path) -> Interpreter | None:
    name, *version = _said([str(path), "-I", "-S", "-c", _WHO]).split() or [""]
    if name != "cpython" or tuple(version[:2]) != tuple(map(str, PYTHON)):
        return None
    return Interpreter(path, ".".join(version))


def _said(command: list[str]) -> str:
    """Standard output of a command that ended well, else nothing."""
    try:
        ran = subprocess.run(  # noqa: S603 - a Python that asks for nothing but its own name
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=_PATIENCE_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout.strip() if ran.returncode == 0 else ""
