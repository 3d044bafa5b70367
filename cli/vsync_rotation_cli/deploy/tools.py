"""The programs that deploying takes: the construct library's synthesis, and the CDK's command line, pinned.

The CDK CLI runs on the Node that comes with the Python environment, from package-lock.json, where nothing runs at
installing. It reads the assembly that was looked at and agreed to, never the app.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cdk.config.model import Architecture
from vsync_rotation_cli.aws.session import same_credentials
from vsync_rotation_cli.refused import RefusedError

CDK: Final = "node_modules/aws-cdk"
_NOTHING_TOLD: Final = ("--no-notices", "--no-version-reporting")
# Many vaults are many small stacks that do not wait for each other; CloudFormation throttles a caller above this.
_AT_ONCE: Final = "4"

Run = Callable[[Sequence[str], Mapping[str, str], Path], int]


def run_program(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> int:
    """Run it with this process's outputs. Returns its exit status.

    Raises:
        KeyboardInterrupt: a person's Ctrl-C, which the program got as well; it has ended by then. A second one waits no
            longer.
    """
    sys.stdout.flush()
    child = subprocess.Popen(command, env=dict(environment), cwd=folder, stdin=_input())  # noqa: S603 - ours
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.wait()
        raise


@dataclass(frozen=True, slots=True)
class Tools:
    """Runs them from the folder of the checkout."""

    checkout: Path
    run: Run = run_program

    def install(self) -> None:
        """Have the pinned CDK CLI, which is fetched where it is missing or another one.

        Raises:
            RefusedError: npm could not.
        """
        if self._installed_version() != self._pinned_version():
            self._do("npm", [self._program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"])

    def package(self, architecture: Architecture) -> None:
        """Build the zips for this processor, with bytecode.

        Raises:
            RefusedError: they cannot be built so.
        """
        options = ["--demand-bytecode", "--architecture", architecture.value]
        self._do("packaging", [sys.executable, "-m", "cdk.packaging", *options])

    def synthesize(self, name: str) -> Path:
        """Make the templates. Returns the folder of the assembly.

        Raises:
            RefusedError: the deployment file or a template is not good.
        """
        self._do("synthesis", [sys.executable, "-m", "cdk.app", name])
        return self.checkout / "build" / "cdk" / name

    def diff(self, assembly: Path, stacks: Sequence[str]) -> None:
        """Show what would change in these stacks, by their templates: a change set would be made before anybody agreed.

        Raises:
            RefusedError: it could not be found out.
        """
        self._cdk("diff", assembly, [*stacks, "--exclusively", "--method", "template", "--fail-on", "never"])

    def deploy(self, assembly: Path, stacks: Sequence[str]) -> None:
        """Deploy these stacks, through change sets: CloudFormation checks each as a whole before it begins.

        Raises:
            RefusedError: a stack failed; it was rolled back.
        """
        options = ["--exclusively", "--require-approval", "never", "--method", "change-set"]
        progress = ["--progress", "events", "--concurrency", _AT_ONCE]
        self._cdk("deploy", assembly, [*stacks, *options, *progress])

    def bootstrap_command(self, assembly: Path, account: str, region: str) -> str:
        """What a person runs once per account and region, from the checkout's folder.

        It names what was built: the CLI would otherwise synthesize, and not know which of several deployment files.
        """
        node, app = (self._shown(path) for path in (Path(self._program("node")), assembly))
        command = f"{node} {CDK}/bin/cdk bootstrap --app {app} {same_credentials()}".rstrip()
        return f"{command} aws://{account}/{region}"

    def _shown(self, path: Path) -> Path:
        return path.relative_to(self.checkout) if path.is_relative_to(self.checkout) else path

    def _cdk(self, verb: str, assembly: Path, options: Sequence[str]) -> None:
        cli = self.checkout / CDK / "bin" / "cdk"
        command = [self._program("node"), str(cli), verb, "--app", str(assembly), *_NOTHING_TOLD, *options]
        self._do(f"cdk {verb}", command)

    def _do(self, what: str, command: Sequence[str]) -> None:
        # The CLI would hand an app this; ours writes where its deployment's name says.
        environment = {name: value for name, value in os.environ.items() if name != "CDK_OUTDIR"}
        # npm and the CDK start further programs, which must find this Node and no other.
        environment["PATH"] = os.pathsep.join((str(_programs()), environment.get("PATH", os.defpath)))
        status = self.run(command, environment | {"CDK_DISABLE_CLI_TELEMETRY": "true"}, self.checkout)
        if status:
            raise RefusedError(
                f"{what} ended with status {status} and says above why; what is deployed stays, "
                "and running this again goes on from there"
            )

    def _program(self, name: str) -> str:
        found = shutil.which(name, path=str(_programs()))
        if found is None:
            raise RefusedError(f"there is no {name} beside {sys.executable}; make setup installs it")
        return found

    def _pinned_version(self) -> str:
        lock = _json(self.checkout / "package-lock.json")
        return str(lock["packages"][CDK]["version"])

    def _installed_version(self) -> str | None:
        manifest = self.checkout / CDK / "package.json"
        return str(_json(manifest)["version"]) if manifest.is_file() else None


def _input() -> int | None:
    """Standard input may be full of secrets. A terminal's is not: a program may ask there for a second factor."""
    return None if os.isatty(0) else subprocess.DEVNULL


def _programs() -> Path:
    """Not resolved: the environment's Python is a link to another folder's."""
    return Path(sys.executable).parent


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
