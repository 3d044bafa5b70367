"""The project's own files that are packaged: the shared package and the functions' folders."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cdk import names
from cdk.packaging.errors import PackagingError

_ENTRY: Final = "handler.py"
# Whatever else lies there is refused rather than left out or taken along: it is a slip in the one or the other way.
_PACKED: Final = frozenset({".py", ".typed"})
_LEFT_OUT: Final = frozenset({".md"})


@dataclass(frozen=True, slots=True)
class Sources:
    """A checkout of the project."""

    root: Path

    @property
    def requirements(self) -> Path:
        return self.root / "layers" / "third_party" / "requirements.txt"

    @property
    def shared_package(self) -> Path:
        return self.root / "layers" / "vsync_rotation" / "python" / "vsync_rotation"

    def function(self, name: str) -> Path:
        """The folder of a function.

        Raises:
            PackagingError: it is not there, or has no entry point.
        """
        folder = self.root / "functions" / name
        if not (folder / _ENTRY).is_file():
            raise PackagingError(f"{folder} has no {_ENTRY}; nothing was replaced; is this checkout whole?")
        return folder

    def folders(self) -> tuple[Path, ...]:
        """Every folder that is packaged."""
        return (self.shared_package, *map(self.function, names.FUNCTIONS))


def packed_files(folder: Path) -> list[Path]:
    """The files of a folder that are packaged, in a fixed order.

    Raises:
        PackagingError: there is a file of a kind that should not lie there.
    """
    return sorted(_packed(folder))


def _packed(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if path.is_dir() or "__pycache__" in parts or any(part.startswith(".") for part in parts):
            continue
        if path.suffix in _PACKED:
            yield path
        elif path.suffix not in _LEFT_OUT:
            raise PackagingError(
                f"{path} is neither code nor its description; nothing was replaced; take it out of the folder, or name "
                "its kind in cdk/packaging/sources.py"
            )


def copy(folder: Path, into: Path) -> None:
    """Copy what is packaged of a folder to the same place below `into`."""
    for path in packed_files(folder):
        place = into / folder.name / path.relative_to(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
