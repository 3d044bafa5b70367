"""What decides whether a package is made again: a digest of all it is made from, and a record that can be read."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cdk.config.model import Architecture
from cdk.packaging import record
from cdk.packaging.interpreter import Interpreter
from cdk.packaging.record import Record, inputs_of
from cdk.packaging.sources import Sources
from tests.packaging import checkouts


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return checkouts.copied(tmp_path)


def _another_content(root: Path) -> None:
    with (root / "functions" / "check_vaults" / "handler.py").open("a") as source:
        source.write("# changed\n")


def _another_lock(root: Path) -> None:
    lock = Sources(root).requirements
    lock.write_text(lock.read_text() + "# another lock\n")


def _another_name(root: Path) -> None:
    source = Sources(root).shared_package / "errors.py"
    source.rename(source.with_name("failures.py"))


def _another_source(root: Path) -> None:
    (Sources(root).shared_package / "further.py").touch()


@pytest.mark.parametrize("alter", [_another_content, _another_lock, _another_name, _another_source])
def test_everything_that_is_packed_counts(checkout: Path, alter: Callable[[Path], None]) -> None:
    before = inputs_of(Sources(checkout), Architecture.ARM64, None)
    alter(checkout)
    assert inputs_of(Sources(checkout), Architecture.ARM64, None) != before


def test_the_code_that_packs_counts(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packing = checkout / "cdk" / "packaging"
    monkeypatch.setattr(record, "__file__", str(packing / "record.py"))
    before = inputs_of(Sources(checkout), Architecture.ARM64, None)
    with (packing / "archive.py").open("a") as source:
        source.write("# changed\n")
    assert inputs_of(Sources(checkout), Architecture.ARM64, None) != before


def test_architecture_and_interpreter_count_and_where_the_interpreter_is_does_not(checkout: Path) -> None:
    sources, python = Sources(checkout), Interpreter(Path("/here/python"), "3.13.1")
    inputs = [
        inputs_of(sources, Architecture.ARM64, None),
        inputs_of(sources, Architecture.X86_64, None),
        inputs_of(sources, Architecture.ARM64, python),
        inputs_of(sources, Architecture.ARM64, replace(python, version="3.13.2")),
    ]
    assert len(set(inputs)) == 4
    assert inputs_of(sources, Architecture.ARM64, replace(python, path=Path("/there/python"))) == inputs[2]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"inputs": "x", "files": {"layer.zip": 1}}', '{"inputs": "x", "fi'])
def test_a_record_that_says_nothing_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "package.json").write_text(text)
    assert Record.read(tmp_path) is None
