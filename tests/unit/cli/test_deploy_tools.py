"""The programs that deploying starts: which, with what, and that nothing about them is left to chance."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cdk.config.model import Architecture
from vsync_rotation_cli.deploy import assembly
from vsync_rotation_cli.deploy.tools import Tools, run_program
from vsync_rotation_cli.deployment_file import CHECKOUT
from vsync_rotation_cli.refused import RefusedError

PROGRAMS = str(Path(sys.executable).parent)


@dataclass
class Recorder:
    """Runs nothing and keeps what it was asked for."""

    status: int = 0
    command: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path = Path()

    def run(self, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> int:
        self.command, self.environment, self.folder = command, environment, folder
        return self.status


def test_the_cdk_deploys_what_was_agreed_to_and_asks_no_second_time() -> None:
    recorder = Recorder()
    Tools(CHECKOUT, recorder.run).deploy(Path("assembly"), ["one", "two"])
    node, cli, *rest = recorder.command
    assert (node, cli) == (f"{PROGRAMS}/node", str(CHECKOUT / "node_modules/aws-cdk/bin/cdk"))
    assert rest == [
        *("deploy", "--app", "assembly", "--no-notices", "--no-version-reporting", "one", "two", "--exclusively"),
        *("--require-approval", "never", "--method", "change-set", "--progress", "events", "--concurrency", "4"),
    ]


def test_showing_what_would_change_makes_no_change_set() -> None:
    recorder = Recorder()
    Tools(CHECKOUT, recorder.run).diff(Path("assembly"), ["one"])
    assert recorder.command[2] == "diff"
    assert recorder.command[-6:] == ["one", "--exclusively", "--method", "template", "--fail-on", "never"]


def test_further_programs_find_this_environments_node_and_no_folder_of_somebody_elses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/elsewhere")
    monkeypatch.setenv("CDK_OUTDIR", "/elsewhere")
    recorder = Recorder()
    folder = Tools(CHECKOUT, recorder.run).synthesize("production")
    assert recorder.command == [sys.executable, "-m", "cdk.app", "production"]
    assert recorder.environment["PATH"] == f"{PROGRAMS}{os.pathsep}/elsewhere"
    assert recorder.environment["CDK_DISABLE_CLI_TELEMETRY"] == "true"
    assert "CDK_OUTDIR" not in recorder.environment
    assert (recorder.folder, folder) == (CHECKOUT, CHECKOUT / "build" / "cdk" / "production")


def test_a_program_that_fails_is_named_with_its_status() -> None:
    recorder = Recorder(status=2)
    with pytest.raises(RefusedError, match="packaging ended with status 2 and says above why"):
        Tools(CHECKOUT, recorder.run).package(Architecture.X86_64)
    assert recorder.command == [
        *(sys.executable, "-m", "cdk.packaging", "--demand-bytecode", "--architecture", "x86_64"),
    ]


@pytest.mark.parametrize("installed", [None, "2.0.0"])
def test_the_cdk_is_fetched_where_it_is_missing_or_another_one(tmp_path: Path, installed: str | None) -> None:
    tmp_path.joinpath("package-lock.json").write_text((CHECKOUT / "package-lock.json").read_text())
    if installed is not None:
        _install(tmp_path, installed)
    recorder = Recorder()
    Tools(tmp_path, recorder.run).install()
    assert recorder.command == [f"{PROGRAMS}/npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    _install(tmp_path, _pinned()["version"])
    again = Recorder()
    Tools(tmp_path, again.run).install()
    assert again.command == ()


def _install(checkout: Path, version: str) -> None:
    package = checkout / "node_modules" / "aws-cdk"
    package.mkdir(parents=True, exist_ok=True)
    package.joinpath("package.json").write_text(json.dumps({"version": version}))


def _pinned() -> Mapping[str, Any]:
    lock: Mapping[str, Any] = json.loads((CHECKOUT / "package-lock.json").read_text())
    pinned: Mapping[str, Any] = lock["packages"]["node_modules/aws-cdk"]
    return pinned


def test_the_lock_says_what_exactly_and_from_nowhere() -> None:
    manifest = json.loads((CHECKOUT / "package.json").read_text())
    assert manifest["devDependencies"] == {"aws-cdk": _pinned()["version"]}
    assert re.fullmatch(r"2\.1148\.\d+", _pinned()["version"])
    assert _pinned()["integrity"].startswith("sha512-")
    assert "://" not in (CHECKOUT / "package-lock.json").read_text()


def test_a_program_gets_its_environment_and_folder_and_gives_its_status(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    script = "import os, sys; print(os.environ['GIVEN'], os.getcwd()); sys.exit(3)"
    environment = {**os.environ, "GIVEN": "yes"}
    assert run_program([sys.executable, "-c", script], environment, tmp_path) == 3
    assert capfd.readouterr().out == f"yes {tmp_path}\n"


def test_a_program_cannot_read_what_is_meant_for_the_command(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    end, start = os.pipe()
    os.write(start, b"a value")
    os.close(start)
    kept = os.dup(0)
    os.dup2(end, 0)
    try:
        script = "import sys; print(repr(sys.stdin.read()))"
        assert run_program([sys.executable, "-c", script], os.environ, tmp_path) == 0
    finally:
        os.dup2(kept, 0)
    assert capfd.readouterr().out == "''\n"
    assert os.read(end, 100) == b"a value"


def test_a_program_that_is_interrupted_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[str] = []

    class Interrupted:
        """The terminal has told the program as well, which ends a little later."""

        def __init__(self, *_command: object, **_options: object) -> None: ...

        def wait(self) -> int:
            waits.append("waited")
            if len(waits) == 1:
                raise KeyboardInterrupt
            return 130

    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_program(["cdk"], {}, tmp_path)
    assert len(waits) == 2


def test_the_bootstrap_command_works_from_the_checkout() -> None:
    built = CHECKOUT / "build" / "cdk" / "production"
    command = Tools(CHECKOUT, Recorder().run).bootstrap_command(built, "123456789012", "eu-central-1")
    program, *rest = command.split()
    assert (CHECKOUT / program).exists()
    assert rest == [
        *("node_modules/aws-cdk/bin/cdk", "bootstrap"),
        *("--app", "build/cdk/production", "aws://123456789012/eu-central-1"),
    ]


STACK = "aws:cloudformation:stack"


def test_an_assembly_is_read_by_stack_names(tmp_path: Path) -> None:
    tmp_path.joinpath("a.json").write_text('{"Resources": {}}')
    artifacts = {
        "one": {"type": STACK, "properties": {"templateFile": "a.json", "requiresBootstrapStackVersion": 6}},
        "Two": {"type": STACK, "properties": {"templateFile": "a.json", "stackName": "two"}},
        "assets": {"type": "cdk:asset-manifest", "properties": {"requiresBootstrapStackVersion": 99}},
    }
    tmp_path.joinpath("manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    found = assembly.read(tmp_path)
    assert (set(found.templates), found.bootstrap_version) == ({"one", "two"}, 6)


@pytest.mark.parametrize("manifest", [None, "", "{}", '{"artifacts": {"a": {"type": "aws:cloudformation:stack"}}}'])
def test_what_is_no_assembly_is_told(tmp_path: Path, manifest: str | None) -> None:
    if manifest is not None:
        tmp_path.joinpath("manifest.json").write_text(manifest)
    with pytest.raises(RefusedError, match="holds no cloud assembly"):
        assembly.read(tmp_path)
