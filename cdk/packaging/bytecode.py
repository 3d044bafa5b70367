"""Bytecode beside the sources, so that no cold start compiles them: the folders are read-only in Lambda."""

import os
import subprocess
from pathlib import Path

from cdk.packaging.errors import PackagingError
from cdk.packaging.interpreter import Interpreter


def compile_all(folder: Path, interpreter: Interpreter, unpacked_at: str) -> None:
    """Compile every source in a folder; the bytecode says that its source lies below `unpacked_at`.

    Unchecked hashes, because the runtime would find that time stamps do not match: every entry of a zip here has the
    same date. Neither this machine's paths nor the order of its hashes gets into the bytes.

    Raises:
        PackagingError: a source is no Python of this version.
    """
    command = [
        *(str(interpreter.path), "-s", "-S", "-P", "-m", "compileall", "-q", "-f"),
        *("--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", unpacked_at, str(folder)),
    ]
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    ran = subprocess.run(  # noqa: S603 - an interpreter that was found and tried
        command,
        env={**surroundings, "PYTHONHASHSEED": "0"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        said = " ".join((ran.stdout + ran.stderr).split()).replace(f"{folder}/", "")
        raise PackagingError(f"Python {interpreter.version} does not compile the code ({said}); nothing was replaced")
