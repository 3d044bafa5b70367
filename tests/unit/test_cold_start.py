"""A cold start loads what it needs, without the collector, and leaves the collector as it was."""

import gc
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from vsync_rotation.cold_start import uncollected

ROOT: Final = Path(__file__).parents[2]
HEAVY: Final = ("aws_xray_sdk", "pydantic", "fastjsonschema", "jsonschema", "moto", "rich", "mypy_boto3_s3", "unittest")
MOST_COLLECTIONS: Final = 20
IMPORT_ONE: Final = """
import gc, sys
import {function}.handler
loaded = set(sys.modules) & set({unwanted!r})
assert not loaded, f"loaded by accident: {{loaded}}"
assert gc.isenabled(), "the collector stayed off"
assert gc.get_freeze_count() > 0, "what was imported is walked by every full collection"
# The interpreter's own start and the handler's first lines take a few; importing the SDK with the collector on, a hundred.
collections = sum(generation["collections"] for generation in gc.get_stats())
assert collections < {most}, f"{{collections}} collections: something large was imported before they were suspended"
"""


@pytest.mark.parametrize(
    ("function", "unwanted"),
    [
        ("rotate_iam_access_key", (*HEAVY, "cryptography")),
        ("rotate_vault_passphrase", HEAVY),
        ("retire_iam_access_keys", (*HEAVY, "cryptography")),
        ("check_vaults", HEAVY),
        ("restart_consumers", (*HEAVY, "cryptography")),
    ],
)
def test_a_handler_loads_nothing_heavy_that_it_does_not_need(function: str, unwanted: tuple[str, ...]) -> None:
    path = ":".join(str(ROOT / part) for part in ("functions", "layers/vsync_rotation/python"))
    environment = {"AWS_DEFAULT_REGION": "eu-central-1", "PYTHONPATH": path, "HOME": "/nonexistent"}
    program = IMPORT_ONE.format(function=function, unwanted=unwanted, most=MOST_COLLECTIONS)
    ran = subprocess.run(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_the_collector_is_off_inside_and_on_again_behind_even_after_a_failure() -> None:
    assert gc.isenabled()
    seen = []

    def fail() -> None:
        with uncollected():
            seen.append(gc.isenabled())
            raise ImportError

    with pytest.raises(ImportError):
        fail()
    assert (seen, gc.isenabled()) == ([False], True)


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
