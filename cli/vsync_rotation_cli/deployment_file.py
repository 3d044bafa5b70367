"""The deployment file a command works on."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import cdk
from cdk.config.errors import DeploymentError
from cdk.config.model import Deployment, Vault
from cdk.config.reading import read_among
from vsync_rotation_cli.refused import bad_input
from vsync_rotation_cli.words import shown, shown_path

CHECKOUT: Final = Path(cdk.__file__).parent.parent
_ENDING: Final = ".toml"


def deployments_of(checkout: Path) -> Path:
    """The folder of a checkout's deployment files."""
    return checkout / "cdk" / "deployments"


def path_of(name_or_file: str) -> Path:
    """The file of that name in cdk/deployments; what ends in .toml or has a folder in it is a file as it stands."""
    given = Path(name_or_file)
    if given.suffix == _ENDING or len(given.parts) > 1:
        return given
    return deployments_of(CHECKOUT) / f"{name_or_file}{_ENDING}"


def load(path: Path) -> Deployment:
    """The deployment that a file describes.

    Raises:
        RefusedError: there is no such file, it is not good, or it claims what a file beside it claims; all problems.
    """
    if not _is_file(path):
        raise bad_input(
            f"there is no deployment file {shown_path(path)}; write one, cdk/deployments/example.toml explains it"
        )
    try:
        deployment, _ = read_among(path)  # synthesizing tells the warnings
    except DeploymentError as error:
        raise bad_input(*error.problems) from None
    return deployment


def chosen(deployment: Deployment, vault_ids: Iterable[str]) -> tuple[Vault, ...]:
    """The vaults of these ids, in the file's order; all of them where none is named.

    Raises:
        RefusedError: the file has no such vault.
    """
    wanted = frozenset(vault_ids)
    known = {vault.id for vault in deployment.vaults}
    if unknown := sorted(wanted - known):
        told = ", ".join(shown(name) for name in unknown)
        raise bad_input(f"{deployment.name} has no vault {told}; it has {', '.join(sorted(known))}")
    return tuple(vault for vault in deployment.vaults if not wanted or vault.id in wanted)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False  # no name that a file could have, or a folder that may not be looked into
