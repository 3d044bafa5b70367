"""`python -m cdk.packaging`: build the zips and say what was built."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cdk.config.model import Architecture
from cdk.packaging.errors import PackagingError
from cdk.packaging.interpreter import Interpreter, find
from cdk.packaging.package import ROOT, Package, build
from cdk.packaging.runtime import PYTHON_TEXT

BUILT: Final = 0
REFUSED: Final = 2
_NO_BYTECODE: Final = (
    f"no Python {PYTHON_TEXT} on PATH, among pyenv's or uv's: without one every cold start compiles the code"
)


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status; a refusal is one line on standard error."""
    asked = _parser().parse_args(arguments)
    architecture = Architecture(asked.architecture)
    into = asked.into or ROOT / "build" / "package" / architecture
    try:
        package, interpreter = _build(architecture, into, bytecode_demanded=asked.demand_bytecode)
    except PackagingError as error:
        sys.stderr.write(f"package: {error}\n")
        return REFUSED
    except OSError as error:
        sys.stderr.write(f"package: {error}; what was built before is whole, or is made again by the next run\n")
        return REFUSED
    sys.stdout.writelines(f"{line}\n" for line in _told(package, interpreter))
    return BUILT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("package", description="Build the layer and the functions as zips for Lambda.")
    parser.add_argument("--architecture", choices=list(Architecture), default=Architecture.ARM64)
    parser.add_argument("--into", type=Path, help="folder for the zips (build/package/<architecture>)")
    parser.add_argument(
        "--demand-bytecode", action="store_true", help=f"refuse where there is no Python {PYTHON_TEXT} to compile with"
    )
    return parser


def _build(architecture: Architecture, into: Path, *, bytecode_demanded: bool) -> tuple[Package, Interpreter | None]:
    interpreter = find()
    if interpreter is None and bytecode_demanded:
        raise PackagingError(f"{_NO_BYTECODE}; nothing was built; install one, or package without --demand-bytecode")
    return build(architecture, into, interpreter), interpreter


def _told(package: Package, interpreter: Interpreter | None) -> Iterator[str]:
    for path in (package.layer, *package.functions.values()):
        file = package.files[path.name]
        yield f"{file.size_bytes:9,} bytes  sha256 {file.sha256}  {path}"
    how = f"with bytecode of Python {interpreter.version}" if interpreter else f"WITHOUT BYTECODE: {_NO_BYTECODE}"
    yield f"{package.size_bytes:9,} bytes in all, for {package.architecture}, {how}"


if __name__ == "__main__":
    sys.exit(main())
