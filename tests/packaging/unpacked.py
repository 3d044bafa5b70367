"""A package unpacked as Lambda unpacks it: one place for the layer, one for each function."""

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

from cdk.packaging.package import Package


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The folders, below one of this test's own."""

    root: Path

    @classmethod
    def make(cls, package: Package, root: Path) -> "Unpacked":
        unpacked = cls(root)
        _unpack(package.layer, unpacked.layer)
        for name, archive in package.functions.items():
            _unpack(archive, unpacked.task(name))
        return unpacked

    @property
    def layer(self) -> Path:
        """As Lambda's /opt."""
        return self.root / "opt"

    @property
    def imported_from_layer(self) -> Path:
        return self.layer / "python"

    def task(self, function: str) -> Path:
        """As the function's /var/task."""
        return self.root / function / "var" / "task"

    def contents(self) -> dict[str, str]:
        """Every file and the digest of what it holds."""
        return {
            path.relative_to(self.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.root.rglob("*")
            if path.is_file()
        }

    def sources(self) -> list[Path]:
        return sorted(self.root.rglob("*.py"))


def _unpack(archive: Path, into: Path) -> None:
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(into)
