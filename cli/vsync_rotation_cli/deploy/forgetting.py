"""Vaults that leave the deployment file on purpose, and what that means for them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from cdk.config.model import Deployment, Vault
from cdk.names import slug, vault_stack
from vsync_rotation_cli.aws.stacks import Template
from vsync_rotation_cli.console import Console
from vsync_rotation_cli.deploy.schedules import Forgotten
from vsync_rotation_cli.deploy.templates import SCHEDULE, of_type, origin
from vsync_rotation_cli.refused import bad_input
from vsync_rotation_cli.words import shown


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What is forgotten, for the guard and for a person."""

    deployment: Deployment
    vaults: Sequence[Vault]

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
                raise bad_input(f"--forget takes <repo>/<env>, not {shown(vault_id)!r}")
            if vault_id in known:
                raise bad_input(f"{vault_id} is in the deployment file; take it out first, then deploy with --forget")
            # Every name follows from repo and env alone, whatever else a vault has.
            gone.append(replace(deployment.vaults[0], repo=repo, env=env))
        return cls(deployment, tuple(gone))

    @property
    def forgotten(self) -> Forgotten:
        """For the guard."""
        return Forgotten(tuple(slug(vault) for vault in self.vaults))

    def problems(self, deployed: Mapping[str, Template], files: Path) -> Iterator[str]:
        """Vaults that were never here, and those of another deployment. `files` is the folder of deployment files."""
        for vault in self.vaults:
            serving = self._serving(vault, deployed)
            if not serving and vault_stack(self.deployment, vault) not in deployed:
                yield (
                    f"nothing here rotates {shown(vault.id)}, so that there is nothing to forget; "
                    f"{self._could_be_forgotten(deployed)}"
                )
            for stack in serving:
                before = origin(deployed[stack])
                if before not in (None, self.deployment.name) and (files / f"{before}.toml").is_file():
                    yield (
                        f"{vault.id} is not for this deployment to forget: stack {stack} was last deployed from "
                        f"{before}.toml, which is there; choose another stack_prefix, or remove {before}.toml if "
                        f"{self.deployment.name}.toml is to take its place"
                    )

    def tell(self, console: Console, deployed: Mapping[str, Template]) -> None:
        """What forgetting means."""
        for vault in self.vaults:
            if not self._serving(vault, deployed):
                console.say(f"note: {vault.id} is forgotten already: nothing here rotates it")
                continue
            stack = vault_stack(self.deployment, vault)
            where = f"in stack {stack}" if stack in deployed else "in no stack, for they were adopted"
            console.say(f"{vault.id} is forgotten: once deployed, nothing rotates, retires or checks its secrets.")
            console.say(f"  Its user, secrets and values stay, {where}, and applications go on with them.")
            console.say("  A superseded access key that is still Active stays Active: see aws iam list-access-keys.")

    def _serving(self, vault: Vault, deployed: Mapping[str, Template]) -> list[str]:
        """The stacks that have a schedule of the vault."""
        forgotten = Forgotten((slug(vault),))
        return [name for name, template in deployed.items() if any(map(forgotten.covers, of_type(template, SCHEDULE)))]

    def _could_be_forgotten(self, deployed: Mapping[str, Template]) -> str:
        kept = Forgotten(tuple(slug(vault) for vault in self.deployment.vaults))
        found = {logical_id for template in deployed.values() for logical_id in of_type(template, SCHEDULE)}
        others = sorted(logical_id for logical_id in found if not kept.covers(logical_id))
        if not others:
            return "every schedule that is deployed is of a vault in the file"
        return f"what could be forgotten has the schedules {', '.join(others)}"
