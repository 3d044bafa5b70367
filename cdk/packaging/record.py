"""The record beside a package: what it was made from and what it holds, so that it is made again only when it must."""

import hashlib
import json
import platform
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from cdk.config.model import Architecture
from cdk.packaging.interpreter import Interpreter
from cdk.packaging.sources import Sources, packed_files

_NAME: Final = "package.json"


@dataclass(frozen=True, slots=True)
class File:
    """One zip as it was written."""

    sha256: str
    size_bytes: int

    @classmethod
    def of(cls, path: Path) -> "File":
        content = path.read_bytes()
        return cls(hashlib.sha256(content).hexdigest(), len(content))


@dataclass(frozen=True, slots=True)
class Record:
    """What a package was made from, as a digest, and its zips by name."""

    inputs: str
    files: dict[str, File]

    @classmethod
    def read(cls, folder: Path) -> "Record | None":
        """None where there is no record that can be read: the package is made again, whatever lies there."""
        try:
            told = json.loads((folder / _NAME).read_text())
            return cls(told["inputs"], {name: File(**file) for name, file in told["files"].items()})
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def write(self, folder: Path) -> None:
        (folder / _NAME).write_text(json.dumps(asdict(self), indent=2, sort_keys=True) + "\n")

    def describes(self, folder: Path) -> bool:
        """Whether the zips are there and are the very ones that were written."""
        return all((folder / name).is_file() and File.of(folder / name) == file for name, file in self.files.items())


def inputs_of(sources: Sources, architecture: Architecture, interpreter: Interpreter | None) -> str:
    """A digest of everything that the bytes of a package depend on, the code that packs included."""
    digest = hashlib.sha256()
    _add(digest, "architecture", architecture.encode())
    _add(digest, "bytecode", interpreter.version.encode() if interpreter else b"")
    _add(digest, "packer", f"{platform.python_version()} {zlib.ZLIB_RUNTIME_VERSION}".encode())
    _add(digest, "requirements", sources.requirements.read_bytes())
    for folder in (*sources.folders(), Path(__file__).parent):
        for path in packed_files(folder):
            _add(digest, f"{folder.name}/{path.relative_to(folder).as_posix()}", path.read_bytes())
    return digest.hexdigest()


def _add(digest: "hashlib._Hash", name: str, content: bytes) -> None:
    digest.update(f"{name}\0{len(content)}\0".encode() + content)
