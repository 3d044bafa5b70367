"""What one run will do to which stacks; told to a person before they are asked, and done as it was told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cdk import names
from cdk.config.model import Deployment
from vsync_rotation_cli.console import Console
from vsync_rotation_cli.deploy import replicas
from vsync_rotation_cli.deploy.assembly import Assembly
from vsync_rotation_cli.deploy.our_stacks import Deployed, OurStacks
from vsync_rotation_cli.deploy.templates import origin


@dataclass(frozen=True, slots=True)
class Plan:
    """`built` over `deployed`, as both were when a person was asked.

    `stuck` is why the chat is left out, one line each; empty where it is not.
    """

    deployment: Deployment
    built: Assembly
    deployed: Deployed
    stuck: Sequence[str] = ()

    @property
    def surviving(self) -> Sequence[str]:
        """Deployed first."""
        wanted = {
            names.foundation_stack(self.deployment),
            *(names.vault_stack(self.deployment, vault) for vault in self.deployment.vaults),
        }
        return [name for name in self.built.templates if name in wanted]

    @property
    def replaceable(self) -> Sequence[str]:
        """Deployed once the secrets have values."""
        return [name for name in self.built.templates if name not in self.surviving and name != self._chat]

    @property
    def chat(self) -> Sequence[str]:
        """Deployed last and alone: a workspace that nobody authorised must fail nothing else."""
        return [name for name in self.built.templates if name == self._chat and not self.stuck]

    @property
    def idle(self) -> Sequence[str]:
        """Deleted at the end: rotation stacks whose vaults have all left the file, a chat that is not wanted any more.

        The guard has seen that each was meant to.
        """
        return [
            name
            for name in sorted(self.deployed.templates)
            if self._goes(name) and not (name == self._chat and self.stuck)
        ]

    @property
    def failed(self) -> Mapping[str, str]:
        """Deleted before anything is deployed, by name with their ids: their first creation failed, and they cannot be
        updated.
        """
        failed = sorted(self.deployed.failed.items())
        return {name: stack_id for name, stack_id in failed if name in self.built.templates or self._goes(name)}

    @property
    def has_functions(self) -> bool:
        """Whether some are deployed already."""
        return any(self._ours.number(name) is not None for name in self.deployed.templates)

    def tell(self, console: Console) -> None:
        """Everything that the difference of templates does not show."""
        others = {name for template in self.deployed.templates.values() if (name := origin(template)) is not None}
        for other in sorted(others - {self.deployment.name}):
            console.say(
                f"note: stacks of prefix {self.deployment.stack_prefix} were deployed from {other}.toml before; if "
                "that is another deployment, say no and choose another stack_prefix"
            )
        for name in self.failed:
            console.say(f"note: stack {name} is deleted first: its first creation failed, and nothing is in it")
        for problem in self.stuck:
            console.say(f"note: {problem}; until then the chat is left as it is")
        for name in self.idle:
            console.say(
                f"note: stack {name} is deployed and not in the file any more; it serves nobody any more and is "
                "deleted at the end (docs/deploy.md)"
            )
        for name in sorted(self.deployed.templates.keys() - self.built.templates.keys()):
            if not self._goes(name):
                console.say(
                    f"note: stack {name} is deployed and not in the file any more; it stays as it is (docs/deploy.md)"
                )
        for replica in replicas.leaving(self.deployed.templates, self.built.templates):
            console.say(
                f"the replica of secret {replica.secret} in {replica.region} is deleted: applications that read it "
                "there cannot start any more; the secret itself stays"
            )

    @property
    def _chat(self) -> str:
        return names.chat_stack(self.deployment)

    @property
    def _ours(self) -> OurStacks:
        return OurStacks(self.deployment)

    def _goes(self, stack: str) -> bool:
        replaceable = self._ours.number(stack) is not None or stack == self._chat
        return replaceable and stack not in self.built.templates
