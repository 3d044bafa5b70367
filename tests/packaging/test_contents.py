"""What is in the zips that are deployed by default: arm64, everything that is needed, nothing else."""

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest

from cdk import names
from cdk.packaging.package import MOST_BYTES, ROOT, Package
from cdk.packaging.sources import Sources, packed_files

EM_AARCH64 = 183
UNCHECKED_HASH = 0b01
LOCK = ROOT / "layers" / "third_party" / "requirements.txt"


def _read(archive: Path) -> dict[PurePosixPath, bytes]:
    with zipfile.ZipFile(archive) as packed:
        return {PurePosixPath(name): packed.read(name) for name in packed.namelist()}


@pytest.fixture(scope="module")
def layer(arm64_package: Package) -> Mapping[PurePosixPath, bytes]:
    return _read(arm64_package.layer)


@pytest.fixture(scope="module")
def functions(arm64_package: Package) -> Mapping[str, Mapping[PurePosixPath, bytes]]:
    return {name: _read(archive) for name, archive in arm64_package.functions.items()}


def _own_sources(folder: Path) -> dict[PurePosixPath, bytes]:
    return {
        PurePosixPath(path.relative_to(folder.parent).as_posix()): path.read_bytes() for path in packed_files(folder)
    }


def _without_bytecode(files: Mapping[PurePosixPath, bytes]) -> dict[PurePosixPath, bytes]:
    return {path: content for path, content in files.items() if path.suffix != ".pyc"}


def test_every_folder_with_a_handler_is_a_function() -> None:
    assert {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")} == set(names.FUNCTIONS)


@pytest.mark.parametrize("name", names.FUNCTIONS)
def test_a_function_is_its_own_folder_and_nothing_else(
    functions: Mapping[str, Mapping[PurePosixPath, bytes]], name: str
) -> None:
    expected = _own_sources(Sources(ROOT).function(name))
    assert PurePosixPath(name, "handler.py") in expected
    assert _without_bytecode(functions[name]) == expected


def test_the_layer_holds_the_shared_package_and_the_locked_wheels(layer: Mapping[PurePosixPath, bytes]) -> None:
    assert {path.parts[0] for path in layer} == {"python"}
    inside = {path.relative_to("python"): content for path, content in layer.items()}
    own = {path: content for path, content in inside.items() if path.parts[0] == "vsync_rotation"}
    assert _without_bytecode(own) == _own_sources(Sources(ROOT).shared_package)
    others = {path.parts[0] for path in inside if not path.parts[0].endswith(".dist-info")}
    assert others == {
        "__pycache__",
        "_cffi_backend.cpython-313-aarch64-linux-gnu.so",
        "aws_lambda_powertools",
        "cffi",
        "cryptography",
        "jmespath",
        "pycparser",
        "typing_extensions.py",
        "vsync_rotation",
    } - (set() if any(path.suffix == ".pyc" for path in inside) else {"__pycache__"})


def test_each_wheel_still_says_its_name_its_locked_version_and_its_licence(
    layer: Mapping[PurePosixPath, bytes],
) -> None:
    locked = dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", LOCK.read_text(), re.MULTILINE))
    described: dict[str, set[str]] = {}
    for path in layer:
        folder = path.parts[1].removesuffix(".dist-info")
        if folder != path.parts[1]:
            described.setdefault(folder.replace("_", "-"), set()).update(path.parts[2:])
    assert described.keys() == {f"{name}-{version}" for name, version in locked.items()}
    for parts in described.values():
        assert {"METADATA", "WHEEL"} <= parts
        assert any(part.startswith("LICENSE") for part in parts)


def test_neither_the_sdk_nor_tests_nor_scripts_nor_the_installers_diary_are_in_it(
    layer: Mapping[PurePosixPath, bytes],
) -> None:
    unwanted = {"boto3", "botocore", "s3transfer", "test", "tests", "bin", "RECORD", "INSTALLER", "REQUESTED"}
    assert [path for path in layer if unwanted & set(path.parts)] == []
    assert [path for path in layer if path.name.startswith(".") or path.suffix == ".md"] == []


def test_no_path_of_this_machine_is_in_it(
    arm64_package: Package,
    layer: Mapping[PurePosixPath, bytes],
    functions: Mapping[str, Mapping[PurePosixPath, bytes]],
) -> None:
    here = [str(path).encode() for path in (ROOT, arm64_package.layer.parent)] + [b".building-"]
    for files in (layer, *functions.values()):
        assert [(path, part) for path, content in files.items() for part in here if part in content] == []


def test_every_compiled_part_is_for_the_processor(layer: Mapping[PurePosixPath, bytes]) -> None:
    compiled = {path.name: content for path, content in layer.items() if content.startswith(b"\x7fELF")}
    assert {name: int.from_bytes(content[18:20], "little") for name, content in compiled.items()} == {
        "_cffi_backend.cpython-313-aarch64-linux-gnu.so": EM_AARCH64,
        "_rust.abi3.so": EM_AARCH64,
    }
    assert compiled.keys() == {path.name for path in layer if ".so" in path.suffixes}


def test_every_wheel_is_for_the_runtime(layer: Mapping[PurePosixPath, bytes]) -> None:
    for path, content in layer.items():
        if path.name == "WHEEL":
            tags = re.findall(r"^Tag: (.+)$", content.decode(), re.MULTILINE)
            assert tags, path
            for tag in tags:
                assert re.fullmatch(r"py3-none-any|(cp313-cp313|cp3\d+-abi3)-manylinux\w+_aarch64", tag), (path, tag)


def test_every_source_has_bytecode_that_asks_for_no_date_of_it_or_none_has(
    arm64_package: Package,
    layer: Mapping[PurePosixPath, bytes],
    functions: Mapping[str, Mapping[PurePosixPath, bytes]],
) -> None:
    for files in (layer, *functions.values()):
        compiled = {path for path in files if path.suffix == ".pyc"}
        sources = {path for path in files if path.suffix == ".py"}
        wanted = {path.parent / "__pycache__" / f"{path.stem}.cpython-313.pyc" for path in sources}
        assert compiled == (wanted if arm64_package.has_bytecode else set())
        assert {int.from_bytes(files[path][4:8], "little") for path in compiled} <= {UNCHECKED_HASH}


def test_all_zips_together_are_below_the_limit(arm64_package: Package) -> None:
    zips = [arm64_package.layer, *arm64_package.functions.values()]
    assert sum(path.stat().st_size for path in zips) == arm64_package.size_bytes < MOST_BYTES <= 9_000_000
