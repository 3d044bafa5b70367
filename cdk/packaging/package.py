"""One layer and the functions, built into a folder, or found there as they would be built."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cdk import names
from cdk.config.model import Architecture
from cdk.packaging import archive, bytecode, sources, wheels
from cdk.packaging.errors import PackagingError
from cdk.packaging.interpreter import Interpreter
from cdk.packaging.record import File, Record, inputs_of
from cdk.packaging.runtime import FUNCTION_ROOT, IMPORTED_FROM_LAYER, LAYER_ROOT
from cdk.packaging.sources import Sources

ROOT: Final = Path(__file__).parents[2]
# Ours: what is uploaded with every release, and unpacked at every cold start. Lambda itself allows 50 MB a zip.
MOST_BYTES: Final = 9_000_000
_LAYER: Final = "layer.zip"
_BUILDING: Final = ".building-"
_ZIPS: Final[Mapping[str, str]] = {name: f"{name}.zip" for name in names.FUNCTIONS}


@dataclass(frozen=True, slots=True)
class Package:
    """What was built.

    Attributes:
        layer: the zip of the layer.
        functions: the zip of each function, by name; its handler is `<name>.handler.lambda_handler`.
        files: digest and size of each zip, by the zip's name.
        has_bytecode: whether sources are compiled for the runtime.
    """

    architecture: Architecture
    layer: Path
    functions: Mapping[str, Path]
    files: Mapping[str, File]
    has_bytecode: bool

    @property
    def size_bytes(self) -> int:
        """All zips together; the SDK is the runtime's and in none of them."""
        return sum(file.size_bytes for file in self.files.values())


def build(architecture: Architecture, into: Path, interpreter: Interpreter | None, root: Path = ROOT) -> Package:
    """Package the checkout at `root` into the folder `into`; with bytecode where there is an interpreter.

    Repeatable: what lies there and was made from the same is left as it is. Interrupted anywhere, the folder holds what
    it held before, or zips that the next run replaces. Two at a time wait for each other.

    Raises:
        PackagingError: nothing was replaced.
    """
    into.mkdir(parents=True, exist_ok=True)
    with _alone_in(into):
        checkout = Sources(root)
        inputs = inputs_of(checkout, architecture, interpreter)
        record = Record.read(into)
        if record is None or record.inputs != inputs or not record.describes(into):
            record = _built(checkout, architecture, into, interpreter, inputs)
    functions = {name: into / zipped for name, zipped in _ZIPS.items()}
    return Package(architecture, into / _LAYER, functions, record.files, interpreter is not None)


def _built(
    checkout: Sources, architecture: Architecture, into: Path, interpreter: Interpreter | None, inputs: str
) -> Record:
    with tempfile.TemporaryDirectory(prefix=_BUILDING, dir=into) as temporary:
        made = Path(temporary)
        layer, task, ready = made / "layer", made / "task", made / "ready"
        ready.mkdir()
        wheels.install(checkout.requirements, architecture, layer / IMPORTED_FROM_LAYER)
        sources.copy(checkout.shared_package, layer / IMPORTED_FROM_LAYER)
        for name in names.FUNCTIONS:
            sources.copy(checkout.function(name), task / name)
        if interpreter is not None:
            bytecode.compile_all(layer, interpreter, LAYER_ROOT)
            for name in names.FUNCTIONS:
                bytecode.compile_all(task / name, interpreter, FUNCTION_ROOT)
        archive.write(layer, ready / _LAYER)
        for name, zipped in _ZIPS.items():
            archive.write(task / name, ready / zipped)
        record = Record(inputs, {zipped: File.of(ready / zipped) for zipped in (_LAYER, *_ZIPS.values())})
        _weigh(record)
        record.write(ready)
        # Interrupted in here, the record and the zips do not belong together, and the next run builds again.
        for path in sorted(ready.iterdir()):
            path.replace(into / path.name)
    return record


def _weigh(record: Record) -> None:
    size_bytes = sum(file.size_bytes for file in record.files.values())
    if size_bytes >= MOST_BYTES:
        raise PackagingError(
            f"the zips have {size_bytes:,} bytes together, {MOST_BYTES:,} are the limit; nothing was replaced; see "
            "what layers/third_party/requirements.in asks for"
        )


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait until nobody else builds here, and remove what an interrupted build left."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in folder.glob(f"{_BUILDING}*"):
            shutil.rmtree(left)
        yield
