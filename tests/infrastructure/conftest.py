"""The templates the tests look at: synthesized once a session, whatever the number of workers."""

import fcntl
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.infrastructure.assemblies import Assembled, assembled


@pytest.fixture(scope="session")
def assemblies(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder with all of them. The first worker makes it, the others wait."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "assemblies"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / "done"
        if not done.exists():
            made = subprocess.run(  # noqa: S603 - this interpreter and a module of ours
                [sys.executable, "-m", "tests.infrastructure.assemblies", str(folder)],
                capture_output=True,
                text=True,
                check=False,
            )
            assert made.returncode == 0, made.stderr
            done.write_text(made.stderr)
    return folder


@pytest.fixture(scope="session")
def of(assemblies: Path) -> Callable[[str], Assembled]:
    """An assembly by the name of its file."""
    return cache(lambda name: assembled(name, assemblies))


@pytest.fixture(scope="session")
def assembly(of: Callable[[str], Assembled]) -> Assembled:
    """The deployment that has everything."""
    return of("everything")
