"""A zip's bytes depend on the names and contents of its files, and on nothing else."""

import os
import zipfile
from pathlib import Path

from cdk.packaging import archive

FILES = {"b/second.py": "2", "a.py": "1", "b/__pycache__/x.pyc": "compiled", "b.py": "3"}


def _written(folder: Path, names: list[str], *, mode: int, seconds: int) -> bytes:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(FILES[name])
        path.chmod(mode)
        os.utime(path, (seconds, seconds))
    (folder / "an empty folder").mkdir()
    archive.write(folder, folder.with_suffix(".zip"))
    return folder.with_suffix(".zip").read_bytes()


def test_order_dates_modes_and_place_of_the_files_do_not_matter(tmp_path: Path) -> None:
    one = _written(tmp_path / "one", list(FILES), mode=0o600, seconds=1_000_000_000)
    other = _written(tmp_path / "elsewhere" / "other", list(reversed(FILES)), mode=0o755, seconds=1_700_000_000)
    assert one == other


def test_a_changed_file_and_a_changed_name_do(tmp_path: Path) -> None:
    archives = set()
    for number, (name, content) in enumerate([("a.py", "1"), ("a.py", "2"), ("b.py", "1")]):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / name).write_text(content)
        archive.write(folder, tmp_path / f"{number}.zip")
        archives.add((tmp_path / f"{number}.zip").read_bytes())
    assert len(archives) == 3


def test_entries_are_files_in_order_that_anybody_may_read(tmp_path: Path) -> None:
    _written(tmp_path / "one", list(FILES), mode=0o600, seconds=1_700_000_000)
    with zipfile.ZipFile(tmp_path / "one.zip") as packed:
        entries = packed.infolist()
        assert {entry.filename: packed.read(entry).decode() for entry in entries} == FILES
    assert [entry.filename for entry in entries] == sorted(FILES)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {(entry.create_system, entry.external_attr >> 16) for entry in entries} == {(3, 0o100644)}
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_DEFLATED}
