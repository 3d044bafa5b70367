"""The command: which vaults, and where the values come from."""

from argparse import Namespace
from functools import partial

from vsync_rotation_cli.account import opened
from vsync_rotation_cli.console import Console
from vsync_rotation_cli.deployment_file import chosen, load, path_of
from vsync_rotation_cli.refused import ended
from vsync_rotation_cli.seed import values_file
from vsync_rotation_cli.seed.seeding import Seeding


def run(arguments: Namespace) -> int:
    """Seed, or say what would be seeded. Returns the exit status."""
    return ended("seed", lambda: _run(arguments))


def _run(arguments: Namespace) -> int:
    deployment = load(path_of(arguments.deployment))
    vaults = chosen(deployment, arguments.vault)
    session = opened(deployment, arguments.profile)
    given = None
    if arguments.values is not None:
        given = partial(values_file.read, arguments.values, {vault.id: vault for vault in deployment.vaults})
    seeding = Seeding(deployment, vaults, session, Console(agreed=arguments.yes), given)
    return seeding.plan() if arguments.dry_run else seeding.run()
