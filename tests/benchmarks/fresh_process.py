"""A program in an interpreter of its own, timed from its first line to its last: what a cold start pays."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_SOURCES: Final = ("functions", "layers/vsync_rotation/python", ".")
_BEFORE: Final = "import time\nbegan = time.process_time()\n"
# Tearing the interpreter down costs tens of milliseconds that no Lambda environment ever pays.
_AFTER: Final = "\nimport os\nprint(time.process_time() - began, flush=True)\nos._exit(0)\n"


def cpu_seconds(program: str) -> float:
    """User and system time of the program, without the interpreter's own start and end.

    Compiled files are used and, the first time, written, as a deployment package holds them.
    """
    return float(output_of(f"{_BEFORE}{program}{_AFTER}"))


def output_of(program: str) -> str:
    """The last line that the program prints, run with a region, with credentials that reach nobody, and nothing else.

    Raises:
        RuntimeError: it failed; with what it wrote.
    """
    environment = {
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "HOME": "/nonexistent",
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in _SOURCES),
    }
    command = [sys.executable, "-X", "frozen_modules", "-c", program]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if ran.returncode:
        raise RuntimeError(ran.stderr)
    return ran.stdout.splitlines()[-1]
