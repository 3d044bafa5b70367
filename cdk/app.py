"""The construct library's entry point: `python -m cdk.app [deployment]...`, or through the CDK CLI.

Without a name every file in cdk/deployments is synthesized, each into build/cdk/<name>. Exit status 0; 2 with a line
for each problem on standard error.
"""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from cdk.config.cautions import warnings
from cdk.config.errors import DeploymentError
from cdk.config.model import Deployment
from cdk.config.reading import read_all, read_among
from cdk.packaging.errors import PackagingError
from cdk.packaging.interpreter import find
from cdk.packaging.package import ROOT, build

DEPLOYMENTS: Final = ROOT / "cdk" / "deployments"
BUILD: Final = ROOT / "build"
REFUSED: Final = 2
# Where the CDK CLI wants the one assembly that it asks for.
_OUTPUT: Final = "CDK_OUTDIR"


def main(argv: Sequence[str]) -> int:
    """Synthesize what is named. Returns the exit status."""
    try:
        deployments = _chosen(argv)
        for deployment in deployments:
            _synthesize(deployment)
    except (DeploymentError, PackagingError) as error:
        sys.stderr.writelines(f"{line}\n" for line in str(error).splitlines())
        return REFUSED
    return 0


def _chosen(argv: Sequence[str]) -> Sequence[Deployment]:
    names = list(argv) or [name for name in (_context().get("deployment"),) if name]
    if endings := [name for name in names if name.endswith(".toml")]:
        raise DeploymentError([f"{name}: write the file's name without .toml" for name in endings])
    if paths := [name for name in names if Path(name).name != name]:
        raise DeploymentError([f"{name}: name a file of {DEPLOYMENTS.name}/ without a folder" for name in paths])
    folder = Path(os.path.relpath(DEPLOYMENTS))  # as a person sees it from where they are
    found = [_named(folder / f"{name}.toml") for name in names] if names else read_all(folder)
    if _OUTPUT in os.environ and len(found) > 1:
        raise DeploymentError([f"{folder} has {len(found)} files and the CDK CLI takes one: add -c deployment=<name>"])
    return found


def _named(file: Path) -> Deployment:
    deployment, cautions = read_among(file)
    sys.stderr.writelines(f"warning: {line}\n" for line in cautions)
    return deployment


def _synthesize(deployment: Deployment) -> None:
    # Imported here: a file that is refused is refused at once, without waiting for Node.
    from cdk.synthesis import synthesize

    sys.stderr.writelines(f"warning: {line}\n" for line in warnings(deployment))
    package = build(deployment.architecture, BUILD / "package" / deployment.architecture, find())
    folder = Path(os.environ.get(_OUTPUT, BUILD / "cdk" / deployment.name))
    assembly = synthesize(deployment, package, folder, settings())
    place = f"account {deployment.account}, region {deployment.region}"
    sys.stderr.write(f"{deployment.name}: {len(assembly.templates)} stacks for {place}, in {os.path.relpath(folder)}\n")
    if not package.has_bytecode:
        sys.stderr.write(f"{deployment.name}: packaged without bytecode, for there is no Python 3.13 at hand\n")


def _context() -> dict[str, Any]:
    """What the CDK CLI was given by `-c`."""
    context: dict[str, Any] = json.loads(os.environ.get("CDK_CONTEXT_JSON", "{}"))
    return context


def settings() -> dict[str, Any]:
    """The feature flags of cdk.json, which the CLI would hand over."""
    settings: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    return settings | _context()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
