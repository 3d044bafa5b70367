"""The command: which vaults, and where the values come from."""

from argparse import Namespace

from vsync_rotation_cli.account import opened
from vsync_rotation_cli.console import Console
from vsync_rotation_cli.deployment_file import chosen, load, path_of
from vsync_rotation_cli.refused import ended
from vsync_rotation_cli.seed.seeding import Seeding


def run(arguments: Namespace) -> int:
    """Seed, or say what would be seeded. Returns the exit status."""
    return ended("seed", lambda: _run(arguments))


def _run(arguments: Namespace) -> int:
    deployment = load(path_of(arguments.deployment))
    vaults = chosen(deployment, arguments.vault)
    session = opened(deployment, arguments.profile)
    seeding = Seeding(deployment, vaults, session, Console(agreed=arguments.yes), arguments.values)
    return seeding.plan() if arguments.dry_run else seeding.run()
