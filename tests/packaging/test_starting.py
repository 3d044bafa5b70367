"""What a packaged function starts from, and what is reported where something is missing."""

import subprocess
from pathlib import Path

import pytest

from cdk import names
from cdk.packaging.interpreter import Interpreter
from cdk.packaging.package import ROOT, Package
from cdk.packaging.sources import Sources, packed_files
from tests.packaging.packaged_function import PackagedFunction, Surroundings
from tests.packaging.runtime_api import Ended, Failed
from tests.packaging.runtime_supplies import RuntimeSupplies
from tests.packaging.unpacked import Unpacked

NOTHING: dict[str, str] = {"AWS_DEFAULT_REGION": "eu-central-1"}
IMPORT_ALL = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(len(sys.argv) - 1)
"""


@pytest.fixture
def surroundings(interpreter: Interpreter, supplies: RuntimeSupplies, tmp_path: Path) -> Surroundings:
    return Surroundings(interpreter, supplies, NOTHING, tmp_path)


def _modules() -> list[str]:
    """Every module of ours, by the name under which it is imported."""
    sources = Sources(ROOT)
    files = [path.relative_to(folder.parent) for folder in sources.folders() for path in packed_files(folder)]
    return [".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in files if file.suffix == ".py"]


def test_a_missing_layer_is_an_init_error_that_names_what_is_missing(
    unpacked: Unpacked, surroundings: Surroundings, tmp_path: Path
) -> None:
    task = unpacked.task(names.CHECK)
    handler = f"{names.CHECK}.handler.lambda_handler"
    with PackagedFunction(names.CHECK, handler, task, tmp_path / "no layer", surroundings) as function:
        function.start()
        failed = function.next_report()
        assert isinstance(failed, Failed)
        assert failed.request_id is None
        assert failed.kind == "Runtime.ImportModuleError"
        assert "check_vaults.handler" in failed.message
        assert "No module named 'vsync_rotation'" in failed.message
        assert function.next_report() == Ended(1)


def test_every_module_is_imported_from_its_bytecode_with_nothing_else_on_the_path(
    own_package: Package, interpreter: Interpreter, supplies: RuntimeSupplies, tmp_path: Path
) -> None:
    """The sources are put out of order first: whatever had to be compiled would raise."""
    unpacked = Unpacked.make(own_package, tmp_path)
    for source in unpacked.sources():
        source.write_text("raise RuntimeError('this was compiled here')\n")
    path = [*map(unpacked.task, names.FUNCTIONS), unpacked.imported_from_layer, supplies.sdk]
    ran = subprocess.run(  # noqa: S603 - an interpreter that was found and tried
        [str(interpreter.path), "-s", "-S", "-P", "-c", IMPORT_ALL, *_modules()],
        env={**NOTHING, "PYTHONPATH": ":".join(map(str, path)), "HOME": "/nonexistent"},
        cwd=unpacked.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stderr, ran.stdout.split()) == ("", [str(len(_modules()))])
