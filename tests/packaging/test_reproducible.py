"""The same sources give the same bytes: at another time, at another place, with other habits."""

import os
import subprocess
import sys
from pathlib import Path

from cdk.packaging.package import Package
from tests.packaging import checkouts


def test_another_checkout_at_another_place_gives_the_same_bytes(arm64_package: Package, tmp_path: Path) -> None:
    """As on another machine: other dates, modes, umask, language, time zone and order of hashes; by the command."""
    root = checkouts.copied(tmp_path / "elsewhere" / "with a space")
    command = [sys.executable, "-m", "cdk.packaging", "--architecture", "arm64", "--into", "made/here"]
    surroundings = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C", "SOURCE_DATE_EPOCH": "1"}
    ran = subprocess.run(  # noqa: S603 - this interpreter
        command, cwd=root, env=surroundings, umask=0o077, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    zips = [arm64_package.layer, *arm64_package.functions.values()]
    made = (root / "made" / "here").glob("*.zip")
    assert {path.name: path.read_bytes() for path in made} == {path.name: path.read_bytes() for path in zips}
