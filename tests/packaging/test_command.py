"""`python -m cdk.packaging`: what it says and when it refuses; a refusal is one line and status 2."""

import re
import shutil
from functools import partial
from pathlib import Path

import pytest

from cdk import names
from cdk.packaging import __main__ as command
from cdk.packaging import wheels
from cdk.packaging.errors import PackagingError
from cdk.packaging.interpreter import Interpreter
from cdk.packaging.package import ROOT, Package, build
from cdk.packaging.sources import Sources, packed_files
from tests.packaging import checkouts


@pytest.fixture
def no_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "find", lambda: None)


def test_it_says_what_it_built(
    arm64_package: Package, found_interpreter: Interpreter | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--architecture", "arm64", "--into", str(arm64_package.layer.parent)]) == 0
    *zips, total = capsys.readouterr().out.splitlines()
    expected = [
        rf" *{file.size_bytes:,} bytes  sha256 {file.sha256}  {re.escape(str(arm64_package.layer.parent / name))}"
        for name, file in arm64_package.files.items()
    ]
    assert len(zips) == len(expected) == 1 + len(names.FUNCTIONS)
    assert all(any(re.fullmatch(line, said) for said in zips) for line in expected)
    how = f"with bytecode of Python {found_interpreter.version}" if found_interpreter else "WITHOUT BYTECODE"
    assert f"{arm64_package.size_bytes:,} bytes in all, for arm64, {how}" in total


@pytest.mark.usefixtures("no_interpreter")
def test_bytecode_that_is_demanded_and_cannot_be_had_is_a_refusal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--into", str(tmp_path / "out"), "--demand-bytecode"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert re.fullmatch(r"package: no Python 3\.13 on PATH.*nothing was built; install one, or .*\n", said.err)
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("no_interpreter")
def test_a_package_without_bytecode_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = checkouts.small(tmp_path / "small")
    monkeypatch.setattr(command, "build", partial(build, root=root))
    assert command.main(["--into", str(tmp_path / "out")]) == 0
    assert "WITHOUT BYTECODE: no Python 3.13 on PATH" in capsys.readouterr().out


@pytest.mark.usefixtures("no_interpreter")
def test_an_index_that_does_not_answer_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {
        "UV_CACHE_DIR": str(tmp_path / "empty cache"),
        "UV_DEFAULT_INDEX": "http://127.0.0.1:1/simple",
        "UV_HTTP_RETRIES": "0",
        "UV_NO_CONFIG": "1",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    assert command.main(["--into", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "the wheels for arm64 could not be had (" in said
    assert "127.0.0.1:1" in said
    assert "nothing was replaced; see that this machine reaches its package index" in said


def test_a_missing_uv_and_an_unwritable_place_are_one_line_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a file").touch()
    assert command.main(["--into", str(tmp_path / "a file" / "out")]) == 2
    assert re.fullmatch(r"package: .*Not a directory.*made again by the next run\n", capsys.readouterr().err)
    monkeypatch.setattr(wheels, "find_uv_bin", Path("/nowhere/uv").read_text)
    assert command.main(["--into", str(tmp_path / "out")]) == 2
    assert re.fullmatch(r"package: uv is not installed .*run `make setup`\n", capsys.readouterr().err)


@pytest.mark.parametrize("name", ["notes.txt", "steps.py.orig", "naming.pyc"])
def test_a_file_of_another_kind_among_the_code_is_refused_by_its_name(tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(Sources(ROOT).function(names.CHECK), tmp_path / names.CHECK)
    (folder / name).touch()
    with pytest.raises(PackagingError, match=rf"{name} is neither code nor its description; nothing was replaced"):
        packed_files(folder)


def test_descriptions_and_what_is_hidden_or_compiled_here_stay_at_home(tmp_path: Path) -> None:
    for name in (
        "handler.py",
        "py.typed",
        "SPEC.md",
        ".DS_Store",
        ".cache/x.py",
        "__pycache__/handler.cpython-311.pyc",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [path.name for path in packed_files(tmp_path)] == ["handler.py", "py.typed"]


def test_a_checkout_without_a_function_is_refused(tmp_path: Path) -> None:
    root = checkouts.copied(tmp_path)
    shutil.rmtree(root / "functions" / names.RETIRE)
    with pytest.raises(PackagingError, match=r"retire_iam_access_keys has no handler\.py; nothing was replaced"):
        Sources(root).folders()
