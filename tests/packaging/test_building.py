"""When a package is made again and when not; and that what lies there is whole at any time."""

import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from cdk.config.model import Architecture
from cdk.packaging import package, wheels
from cdk.packaging.errors import PackagingError
from cdk.packaging.package import Package
from cdk.packaging.sources import Sources
from tests.packaging import checkouts


@pytest.fixture(scope="module")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Package]:
    """A small checkout and its package; tests take copies."""
    root = checkouts.small(tmp_path_factory.mktemp("small"))
    return root, package.build(Architecture.ARM64, tmp_path_factory.mktemp("built") / "out", None, root)


@pytest.fixture
def checkout(built_once: tuple[Path, Package], tmp_path: Path) -> Path:
    return shutil.copytree(built_once[0], tmp_path / "checkout")


@pytest.fixture
def into(built_once: tuple[Path, Package], tmp_path: Path) -> Path:
    """A folder with the package as it was built."""
    return shutil.copytree(built_once[1].layer.parent, tmp_path / "out")


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[Architecture]:
    """Each time that wheels are asked for, which every build begins with."""
    calls: list[Architecture] = []
    install = wheels.install

    def counted(requirements: Path, architecture: Architecture, into: Path) -> None:
        calls.append(architecture)
        install(requirements, architecture, into)

    monkeypatch.setattr(wheels, "install", counted)
    return calls


def _build(root: Path, into: Path) -> Package:
    return package.build(Architecture.ARM64, into, None, root)


def _zips(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.zip")}


def _change(root: Path) -> None:
    with (root / "functions" / "check_vaults" / "handler.py").open("a") as source:
        source.write("# changed\n")


def test_what_was_made_from_the_same_is_left_as_it_is(
    checkout: Path, into: Path, built_once: tuple[Path, Package], fetched: list[Architecture]
) -> None:
    stamps = {path: path.stat().st_mtime_ns for path in into.iterdir() if path.suffix}
    found = _build(checkout, into)
    assert fetched == []
    assert {path: path.stat().st_mtime_ns for path in into.iterdir() if path.suffix} == stamps
    assert found.files == built_once[1].files
    assert (found.layer, found.has_bytecode) == (into / "layer.zip", False)


def test_a_changed_source_changes_its_own_zip_alone(checkout: Path, into: Path) -> None:
    before = _zips(into)
    _change(checkout)
    assert _build(checkout, into).files.keys() == before.keys()
    after = _zips(into)
    assert {name for name in before if before[name] != after[name]} == {"check_vaults.zip"}


def _removed(path: Path) -> None:
    path.unlink()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(("name", "damage"), [("layer.zip", _cut), ("check_vaults.zip", _removed)])
def test_what_was_damaged_is_made_again_to_the_same_bytes(
    checkout: Path, into: Path, name: str, damage: Callable[[Path], None]
) -> None:
    before = _zips(into)
    damage(into / name)
    _build(checkout, into)
    assert _zips(into) == before


def test_a_build_that_fails_leaves_what_was_there(checkout: Path, into: Path) -> None:
    before = {path.name: path.read_bytes() for path in into.iterdir()}
    lock = Sources(checkout).requirements
    lock.write_text(re.sub(r"sha256:\w{4}", "sha256:0000", lock.read_text()))
    with pytest.raises(PackagingError, match=r"wheels for arm64 could not be had .*; nothing was replaced"):
        _build(checkout, into)
    assert {path.name: path.read_bytes() for path in into.iterdir()} == before


def test_a_lock_with_one_entry_without_a_hash_is_refused(checkout: Path, into: Path) -> None:
    """Whatever the index gives under that name and version would go into the layer."""
    before = {path.name: path.read_bytes() for path in into.iterdir()}
    lock = Sources(checkout).requirements
    first, *others = re.split(r"\n(?=\S)", lock.read_text())
    lock.write_text("\n".join([first.partition(" ")[0], *others]))
    assert lock.read_text().count("==") > 1
    with pytest.raises(PackagingError, match=r"could not be had .*hash"):
        _build(checkout, into)
    assert {path.name: path.read_bytes() for path in into.iterdir()} == before


def test_a_build_that_was_interrupted_between_two_zips_is_done_again(
    checkout: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _change(checkout)
    moved: list[Path] = []
    replace_file = Path.replace

    def interrupted(self: Path, target: Path) -> Path:
        moved.append(target)
        if len(moved) == 3:
            raise KeyboardInterrupt
        return replace_file(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            _build(checkout, into)
    built = _build(checkout, into)
    assert built.files == _build(checkout, into.with_name("afresh")).files
    assert len(moved) == 3


def test_what_a_killed_build_left_is_removed(checkout: Path, into: Path) -> None:
    (into / ".building-killed" / "layer").mkdir(parents=True)
    _build(checkout, into)
    assert [path.name for path in into.iterdir() if path.name.startswith(".building")] == []


def test_two_at_a_time_build_once(checkout: Path, tmp_path: Path, fetched: list[Architecture]) -> None:
    built: list[Package] = []
    threads = [threading.Thread(target=lambda: built.append(_build(checkout, tmp_path / "shared"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fetched == [Architecture.ARM64]
    assert built[0].files == built[1].files


def test_what_weighs_too_much_is_refused(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MOST_BYTES", 1000)
    with pytest.raises(PackagingError, match=r"the zips have [\d,]+ bytes together, 1,000 are the limit"):
        _build(checkout, tmp_path / "out")
    assert _zips(tmp_path / "out") == {}
