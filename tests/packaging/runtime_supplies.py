"""What Lambda's own runtime brings along: its client and the SDK, each in a folder of its own, from the lock."""

import os
import platform
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from uv import find_uv_bin

from cdk.config.model import Architecture
from cdk.packaging.interpreter import Interpreter
from cdk.packaging.package import ROOT

_ARCHITECTURES: Final = {"x86_64": Architecture.X86_64, "aarch64": Architecture.ARM64}
LOCK: Final = ROOT / "requirements" / "lambda_runtime.txt"


def own_architecture() -> Architecture | None:
    """This machine's, as Lambda names it; None where Lambda's wheels do not run."""
    return _ARCHITECTURES.get(platform.machine()) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class RuntimeSupplies:
    """Two folders for the end of an import path."""

    client: Path
    sdk: Path

    @classmethod
    def make(cls, interpreter: Interpreter, into: Path) -> "RuntimeSupplies":
        supplies = cls(into / "awslambdaric", into / "boto3")
        _install("awslambdaric", interpreter, supplies.client)
        _install("boto3", interpreter, supplies.sdk)
        # Lambda's own image has bytecode of it; this writes it for what gets imported.
        subprocess.run(  # noqa: S603 - an interpreter that was found and tried
            [str(interpreter.path), "-s", "-S", "-c", "import awslambdaric.bootstrap, boto3"],
            env={"PYTHONPATH": os.pathsep.join((str(supplies.client), str(supplies.sdk)))},
            check=True,
        )
        return supplies


def _install(package: str, interpreter: Interpreter, into: Path) -> None:
    (version,) = re.findall(rf"^{package}==(\S+)", LOCK.read_text(), re.MULTILINE)
    command = [
        *(find_uv_bin(), "pip", "install", "--quiet", "--python", str(interpreter.path)),
        *("--target", str(into), "--only-binary", ":all:", "--require-hashes", "-c", str(LOCK)),
        f"{package}=={version}",
    ]
    # From uv's cache where it is complete: every hash is pinned, so it is the same, and needs no network.
    ran = _run([*command, "--offline"])
    if ran.returncode:
        ran = _run(command)
    assert ran.returncode == 0, f"{package} could not be had: {ran.stderr}"


def _run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - uv, as installed here
