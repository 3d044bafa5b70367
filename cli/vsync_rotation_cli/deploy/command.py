"""The command: which deployment, and with what consent."""

from argparse import Namespace
from pathlib import Path

from vsync_rotation.aws.clock import SystemClock
from vsync_rotation_cli.account import opened
from vsync_rotation_cli.aws.secrets import Secrets
from vsync_rotation_cli.console import Console
from vsync_rotation_cli.deploy.deploying import Deploying
from vsync_rotation_cli.deploy.first_values import FirstValues
from vsync_rotation_cli.deploy.forgetting import Forgetting
from vsync_rotation_cli.deploy.guarding import Guarding
from vsync_rotation_cli.deploy.tools import Tools
from vsync_rotation_cli.deployment_file import CHECKOUT, deployments_of, load
from vsync_rotation_cli.refused import bad_input, ended
from vsync_rotation_cli.rotate.following import Clock


def run(arguments: Namespace, clock: Clock | None = None, tools: Tools | None = None) -> int:
    """Deploy. Returns the exit status. Time and other programs are the machine's unless they are given."""
    return ended("deploy", lambda: _run(arguments, clock or SystemClock(), tools or Tools(CHECKOUT)))


def _run(arguments: Namespace, clock: Clock, tools: Tools) -> int:
    files = deployments_of(tools.checkout)
    deployment = load(_file(arguments.deployment, files))
    forgetting = Forgetting.of(deployment, arguments.forget)
    session = opened(deployment, arguments.profile)
    console = Console(agreed=arguments.yes)
    deploying = Deploying(
        deployment=deployment,
        session=session,
        console=console,
        tools=tools,
        clock=clock,
        guarding=Guarding(deployment, session, files, forgetting, arguments.drop_replica),
        values=FirstValues(deployment, Secrets(session), console, arguments.values),
        rotates=not arguments.no_rotate,
    )
    return deploying.show() if arguments.dry_run else deploying.run()


def _file(name: str, folder: Path) -> Path:
    if Path(name).name != name or Path(name).suffix == ".toml":
        raise bad_input(f"name a file of {folder} without its ending: only those are synthesized")
    return folder / f"{name}.toml"
