"""The operator's own commands, run as an operator runs them: in a checkout, by their names.

The checkout is a copy of this one. What is thrown away leaves no deployment file, package or assembly among others.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, Self

from tests.acceptance.run import Run

_ROOT: Final = Path(__file__).parents[2]
# Everything that packaging, synthesis and the command are made of.
_FOLDERS: Final = ("cdk", "cli", "functions", "layers")
_FILES: Final = ("cdk.json", "package.json", "package-lock.json", "pyproject.toml")
_IMPORTED_FROM: Final = ("", "cli", "functions", "layers/vsync_rotation/python")
_PRIVATE: Final = 0o600
_GRACE_SECONDS: Final = 10.0

Wait = Callable[["subprocess.Popen[bytes]"], int]


class Operator(Protocol):
    """Whoever deploys and rotates."""

    def deploy(self, deployment_file: str, values_file: str) -> int:
        """Deploy what the file says, without a word to anybody. Returns the exit status."""

    def rotate(self, secret_name: str) -> int:
        """Rotate the secret and follow it to its end. Returns the exit status."""


@dataclass(frozen=True, slots=True)
class InACheckout:
    """Runs `vsync-rotation` of a checkout's own code, with this environment's interpreter and credentials."""

    folder: Path
    run: Run
    region: str

    @classmethod
    def copied(cls, folder: Path, run: Run, region: str, source: Path = _ROOT) -> Self:
        """A copy of the checkout at `source`, without what tools left in it."""
        for name in _FOLDERS:
            shutil.copytree(
                source / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "*.pyc")
            )
        for name in _FILES:
            shutil.copyfile(source / name, folder / name)
        return cls(folder, run, region)

    def deploy(self, deployment_file: str, values_file: str) -> int:
        """As `Operator`."""
        (self.folder / "cdk" / "deployments" / f"{self.run.prefix}.toml").write_text(deployment_file, encoding="utf-8")
        values = self.folder / "values.json"
        values.touch(mode=_PRIVATE)
        values.write_text(values_file, encoding="utf-8")
        return self.command("deploy", "--deployment", self.run.prefix, "--yes", "--from", str(values))

    def rotate(self, secret_name: str) -> int:
        """As `Operator`."""
        return self.command("rotate", "--follow", "--secret-id", secret_name, "--region", self.region)

    def command(self, *arguments: str) -> int:
        """Run it to its end, or to ours. Returns its exit status."""
        program = Path(sys.executable).parent / "vsync-rotation"
        return to_its_end([str(program), *arguments], self.environment, self.folder)

    @property
    def environment(self) -> Mapping[str, str]:
        """This process's, with the checkout's code before the installed one."""
        folders = [str(self.folder / name) if name else str(self.folder) for name in _IMPORTED_FROM]
        # The installed code's place is named by the environment itself and comes after these.
        return {**os.environ, "PYTHONPATH": os.pathsep.join(folders), "AWS_DEFAULT_REGION": self.region}


def _wait(process: "subprocess.Popen[bytes]") -> int:
    return process.wait()


def to_its_end(command: Sequence[str], environment: Mapping[str, str], folder: Path, wait: Wait = _wait) -> int:
    """Run a program that starts others. If we are interrupted, all of them end before anything else is done.

    Otherwise the CDK would go on deploying what is being removed.
    """
    process = subprocess.Popen(  # noqa: S603 - ours
        command, env=dict(environment), cwd=folder, stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        return wait(process)
    except BaseException:
        _end(process)
        raise


def _end(process: "subprocess.Popen[bytes]") -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_SECONDS)
