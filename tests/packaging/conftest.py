"""Packages built once for the session, and a Python of the runtime's version where this machine has one."""

import os
import platform
import sys
from pathlib import Path

import pytest

from cdk.config.model import Architecture
from cdk.packaging.interpreter import Interpreter, find
from cdk.packaging.package import Package, build
from cdk.packaging.runtime import PYTHON_TEXT
from tests.packaging.runtime_supplies import RuntimeSupplies, own_architecture
from tests.packaging.unpacked import Unpacked


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all workers of a session: what one of them has built another finds there."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "packages"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def found_interpreter() -> Interpreter | None:
    return find()


@pytest.fixture(scope="session")
def interpreter(found_interpreter: Interpreter | None) -> Interpreter:
    """A Python of the runtime's version; where there is none, what needs it is skipped and says so."""
    if found_interpreter is None:
        pytest.skip(
            f"NO PYTHON {PYTHON_TEXT} ON THIS MACHINE: that the package runs under AWS's runtime client, and that the "
            "runtime takes its bytecode, was NOT tested"
        )
    return found_interpreter


@pytest.fixture(scope="session")
def arm64_package(shared_folder: Path, found_interpreter: Interpreter | None) -> Package:
    """The package that is deployed by default, as this machine can build it."""
    return build(Architecture.ARM64, shared_folder / "arm64", found_interpreter)


@pytest.fixture(scope="session")
def own_package(shared_folder: Path, interpreter: Interpreter) -> Package:
    """A package for this machine's own platform, with bytecode."""
    architecture = own_architecture()
    if architecture is None:
        pytest.skip(
            f"LAMBDA'S WHEELS DO NOT RUN ON THIS MACHINE ({sys.platform}, {platform.machine()}): that the package runs "
            "under AWS's runtime client was NOT tested"
        )
    return build(architecture, shared_folder / "own", interpreter)


@pytest.fixture(scope="session")
def unpacked(own_package: Package, tmp_path_factory: pytest.TempPathFactory) -> Unpacked:
    """The package for this machine; only to be read."""
    return Unpacked.make(own_package, tmp_path_factory.mktemp("unpacked"))


@pytest.fixture(scope="session")
def supplies(interpreter: Interpreter, tmp_path_factory: pytest.TempPathFactory) -> RuntimeSupplies:
    """What Lambda's runtime brings along."""
    return RuntimeSupplies.make(interpreter, tmp_path_factory.mktemp("runtime"))
