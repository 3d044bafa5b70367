"""Vaults that leave the deployment file on purpose, and what that means for them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from cdk.config.model import Adopted, Deployment, Vault
from cdk.names import SERVED_BY, slug, vault_stack
from vsync_rotation_cli.aws.stacks import Template
from vsync_rotation_cli.console import Console
from vsync_rotation_cli.deploy.our_stacks import vault_described
from vsync_rotation_cli.deploy.schedules import Forgotten, Schedules
from vsync_rotation_cli.deploy.templates import SCHEDULE, SECRET, of_type, origin
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

    def secret_ids(
        self, vault: Vault, deployed: Mapping[str, Template], planned: Mapping[str, Template]
    ) -> Sequence[str]:
        """Its secrets, by name where the stack that it leaves behind has made them, by ARN where schedules name one.

        None that has been adopted since under another repo or env of this file.
        """
        left = of_type(deployed.get(vault_stack(self.deployment, vault), {}), SECRET)
        forgotten = Forgotten((slug(vault),))
        named = (
            schedule.secret_id
            for schedule in Schedules(deployed, planned).leaving()
            if forgotten.covers(schedule.logical_id)
        )
        found = (*(secret["Properties"].get("Name") for secret in left.values()), *named)
        kept = {
            secret.name for other in self.deployment.vaults for secret in (other.config_secret, other.passphrase_secret)
        }
        return tuple(dict.fromkeys(one for one in found if isinstance(one, str) and _name(one) not in kept))

    def tell(self, console: Console, deployed: Mapping[str, Template], planned: Mapping[str, Template]) -> None:
        """What forgetting means."""
        for vault in self.vaults:
            secret_ids = self.secret_ids(vault, deployed, planned)
            if not self._serving(vault, deployed):
                console.say(f"note: {vault.id} is forgotten already: nothing here rotates it")
                _tell_about_tag(console, secret_ids)
                continue
            stack = vault_stack(self.deployment, vault)
            where = f"in stack {stack}" if stack in deployed else "in no stack, for they were adopted"
            console.say(f"{vault.id} is forgotten: once deployed, nothing rotates, retires or checks its secrets.")
            console.say(f"  Its user, secrets and values stay, {where}, and applications go on with them.")
            _tell_about_tag(console, secret_ids)
            console.say("  A superseded access key that is still Active stays Active: see aws iam list-access-keys.")

    def _serving(self, vault: Vault, deployed: Mapping[str, Template]) -> list[str]:
        """The stacks that have a schedule of the vault."""
        forgotten = Forgotten((slug(vault),))
        return [name for name, template in deployed.items() if any(map(forgotten.covers, of_type(template, SCHEDULE)))]

    def _could_be_forgotten(self, deployed: Mapping[str, Template]) -> str:
        kept = Forgotten(tuple(slug(vault) for vault in self.deployment.vaults))
        schedules = [schedule for schedule in Schedules(deployed, {}).leaving() if not kept.covers(schedule.logical_id)]
        if not schedules:
            return "every schedule that is deployed is of a vault in the file"
        # No template names an adopted vault; its secrets may be called as those that are made here.
        described = [vault_described(template) for template in deployed.values()]
        called = [_vault_called(_name(schedule.secret_id)) for schedule in schedules if schedule.secret_id is not None]
        candidates = [
            replace(self.deployment.vaults[0], repo=pair[0], env=pair[1]) for pair in (*described, *called) if pair
        ]
        found = {_whose(schedule.logical_id, candidates) for schedule in schedules}
        return f"could be forgotten: {', '.join(sorted(found))}"


def _tell_about_tag(console: Console, secret_ids: Sequence[str]) -> None:
    """Functions of a rotation stack that lives on for others choose by this tag, and have lost their permissions."""
    if secret_ids:
        console.say(f"  At the end the tag {SERVED_BY} is taken off: {', '.join(secret_ids)}")


def _name(secret_id: str) -> str:
    return Adopted(secret_id).name if secret_id.startswith("arn:") else secret_id


def _vault_called(secret_name: str) -> tuple[str, str] | None:
    """Repo and env of the vault whose secret has this name, if it is called as the stacks call theirs."""
    vault_id, _, _ = secret_name.rpartition("/")
    repo, _, env = vault_id.rpartition("/")
    return (repo, env) if repo and env else None


def _whose(schedule_id: str, candidates: Iterable[Vault]) -> str:
    """A schedule's logical id tells whether it is a vault's, and not of which vault it is."""
    vaults = (vault.id for vault in candidates if Forgotten((slug(vault),)).covers(schedule_id))
    return next(vaults, f"the adopted vault with the schedule {schedule_id}")
