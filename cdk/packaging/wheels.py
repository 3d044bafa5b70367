"""The third-party wheels of a hash-locked requirements file, for a platform that need not be this one."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from uv import find_uv_bin

from cdk.config.model import Architecture
from cdk.packaging.errors import PackagingError
from cdk.packaging.runtime import PYTHON_TEXT, WHEEL_PLATFORMS

# The installer's diary. RECORD also holds the digests of the scripts removed below, which name an interpreter of this
# machine. Names, versions, licences and entry points stay: code may ask for them while it runs.
_DIARY: Final = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"})
_SCRIPTS: Final = "bin"
_REASON: Final = re.compile(r"^(?:error|\s+cause): (.+)$", re.MULTILINE)


def install(requirements: Path, architecture: Architecture, into: Path) -> None:
    """Put the wheels into a folder, without what differs from machine to machine.

    Raises:
        PackagingError: they could not be had, or are not what the lock says.
    """
    command = [
        *(_uv(), "pip", "install", "--quiet", "--python", sys.executable, "--target", str(into)),
        *("--python-platform", WHEEL_PLATFORMS[architecture], "--python-version", PYTHON_TEXT),
        *("--only-binary", ":all:", "--require-hashes", "-r", str(requirements)),
    ]
    # Every wheel is pinned by its hash: one from the cache is as good as one fetched, sooner, and needs no network.
    if _run([*command, "--offline"]).returncode:
        fetched = _run(command)
        if fetched.returncode:
            raise PackagingError(
                f"the wheels for {architecture} could not be had ({_reason(fetched.stderr)}); nothing was replaced; "
                f"see that this machine reaches its package index and that {requirements.name} is whole, then try again"
            )
    _tidy(into)


def _uv() -> str:
    try:
        return find_uv_bin()
    except FileNotFoundError as error:
        raise PackagingError(
            "uv is not installed beside this Python; nothing was replaced; run `make setup`"
        ) from error


def _run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    surroundings = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_COMPILE_BYTECODE": "0"}
    return subprocess.run(  # noqa: S603 - uv, as it is installed here
        command, env=surroundings, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def _reason(said: str) -> str:
    """What uv says over several lines, in one."""
    return "; ".join(_REASON.findall(said)) or " ".join(said.split()) or "uv does not say why"


def _tidy(folder: Path) -> None:
    shutil.rmtree(folder / _SCRIPTS, ignore_errors=True)
    (folder / ".lock").unlink(missing_ok=True)
    for described in folder.glob("*.dist-info"):
        for name in _DIARY:
            (described / name).unlink(missing_ok=True)
