"""Copies of this checkout at other places, as somebody else's clone would be."""

import os
import re
import shutil
from pathlib import Path
from typing import Final

from cdk.packaging.package import ROOT

_PARTS: Final = ("cdk", "functions", "layers")
# Small, and one of them with a script.
_FEW_WHEELS: Final = ("jmespath", "typing-extensions")
_LONG_AGO: Final = 1_000_000_000


def copied(into: Path) -> Path:
    """The parts that packaging reads, with other time stamps and modes, and without what Python left beside them."""
    for part in _PARTS:
        shutil.copytree(ROOT / part, into / part, ignore=shutil.ignore_patterns("__pycache__"))
    for path in into.rglob("*.py"):
        path.chmod(0o640)
        os.utime(path, (_LONG_AGO, _LONG_AGO))
    return into


def small(into: Path) -> Path:
    """As `copied`, with few wheels, so that building it takes no time."""
    copied(into)
    lock = into / "layers" / "third_party" / "requirements.txt"
    entries = re.split(r"\n(?=\S)", lock.read_text())
    lock.write_text("\n".join(entry for entry in entries if entry.startswith(_FEW_WHEELS)) + "\n")
    return into
