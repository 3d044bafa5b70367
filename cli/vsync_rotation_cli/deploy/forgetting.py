"""Vaults that leave the deployment file on purpose, and what that means for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

from cdk.config.model import Deployment
from cdk.names import slug, vault_stack
from vsync_rotation_cli.console import Console
from vsync_rotation_cli.deploy.guard import Forgotten
from vsync_rotation_cli.refused import bad_input


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What is forgotten, for the guard and for a person."""

    forgotten: Forgotten
    stacks: Sequence[tuple[str, str]]

    @classmethod
    def of(cls, deployment: Deployment, vault_ids: Iterable[str]) -> Self:
        """The vaults of these ids.

        Raises:
            RefusedError: one is still in the file, or is no `<repo>/<env>`.
        """
        known = {vault.id for vault in deployment.vaults}
        gone = []
        for vault_id in vault_ids:
            repo, _, env = vault_id.rpartition("/")
            if not (repo and env):
                raise bad_input(f"--forget takes <repo>/<env>, not {vault_id!r}")
            if vault_id in known:
                raise bad_input(f"{vault_id} is in the deployment file; take it out first, then deploy with --forget")
            # Every name follows from repo and env alone, whatever else a vault has.
            gone.append(replace(deployment.vaults[0], repo=repo, env=env))
        return cls(
            Forgotten(tuple(slug(vault) for vault in gone)),
            tuple((vault.id, vault_stack(deployment, vault)) for vault in gone),
        )

    def tell(self, console: Console) -> None:
        """What forgetting means."""
        for vault_id, stack in self.stacks:
            console.say(f"{vault_id} is forgotten: once deployed, nothing rotates, retires or checks its secrets.")
            console.say(f"  Its user, secrets and values stay, in stack {stack}, and applications go on with them.")
            console.say("  A superseded access key that is still Active stays Active: see aws iam list-access-keys.")
