"""The order of a deployment: look, build, guard, show, ask; what survives; its values; what may be replaced; rotate.

Every part can be repeated. A run that ends early, whatever ended it, is gone on with by the next one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cdk import names
from cdk.config.model import Deployment
from vsync_rotation_cli.aws.secrets import Secrets
from vsync_rotation_cli.aws.session import Session
from vsync_rotation_cli.aws.stacks import Stacks
from vsync_rotation_cli.console import Console
from vsync_rotation_cli.deploy import assembly
from vsync_rotation_cli.deploy.assembly import Assembly
from vsync_rotation_cli.deploy.first_rotation import FirstRotations
from vsync_rotation_cli.deploy.forgetting import Forgetting
from vsync_rotation_cli.deploy.guard import Update
from vsync_rotation_cli.deploy.premises import Premises
from vsync_rotation_cli.deploy.taken import Taken
from vsync_rotation_cli.deploy.tools import Tools
from vsync_rotation_cli.refused import NOT_DONE, RefusedError
from vsync_rotation_cli.rotate.following import Clock
from vsync_rotation_cli.rotate.rotating import Rotating
from vsync_rotation_cli.seed.seeding import Seeding

DEPLOYED: Final = 0


@dataclass(frozen=True, slots=True)
class Deploying:
    """One run. `rotates`: whether first rotations are offered; `source`: as of `Seeding`."""

    deployment: Deployment
    session: Session
    console: Console
    tools: Tools
    clock: Clock
    forgetting: Forgetting
    rotates: bool
    source: str | None

    def run(self) -> int:
        """Deploy, once it is agreed to. Returns the exit status.

        Raises:
            RefusedError: something is in the way; what is deployed by then stays, and the next run goes on.
        """
        self._introduce()
        built = self._looked_at()
        if not self.console.agrees(f"Deploy this to account {self.deployment.account}, {self.deployment.region}?"):
            self.console.say("nothing was deployed")
            return NOT_DONE
        return self._deploy(built)

    def show(self) -> int:
        """Say what `run` would change, and change nothing. Returns the exit status.

        Raises:
            RefusedError: something is in the way.
        """
        self._looked_at()
        self.console.say("nothing was deployed")
        return DEPLOYED

    def _looked_at(self) -> Assembly:
        """Everything that can be known before anything is made."""
        premises = Premises(self.deployment, self.session, self.console, self.tools)
        premises.tell_about_trail()
        premises.require_adopted()
        self.tools.install()
        built = self._build()
        premises.require_bootstrap(built.bootstrap_version)
        self._guard(built)
        self.tools.diff(built.folder, list(built.templates))
        self.forgetting.tell(self.console)
        return built

    def _introduce(self) -> None:
        deployment, say = self.deployment, self.console.say
        count = len(deployment.vaults)
        vaults = "1 vault" if count == 1 else f"{count} vaults"
        say(f"{deployment.name}: {vaults} in account {deployment.account}, region {deployment.region}. In this order:")
        say(
            "  1  look at the account, at what is adopted and deployed; build functions and templates; show the changes"
        )
        say("  2  once you agree: what survives (users, secrets without values, keys)")
        say("  3  values that are missing, asked for; a value that is there is never written over")
        say("  4  what can be replaced: functions, schedules, alarms. Deploying never rotates")
        say(
            "  5  once you agree: a first rotation of access keys that never rotated"
            if self.rotates
            else "  5  no rotation (--no-rotate)"
        )

    def _build(self) -> Assembly:
        self.tools.package(self.deployment.architecture)
        return assembly.read(self.tools.synthesize(self.deployment.name))

    def _guard(self, built: Assembly) -> None:
        deployed = Stacks(self.session).templates(self._is_ours)
        violations = Update(deployed, built.templates).violations(self.forgetting.forgotten)
        taken = list(Taken(self.deployment, self.session).problems(deployed))
        if violations or taken:
            raise RefusedError(*violations, *taken, "nothing was deployed")
        for name in sorted(deployed.keys() - built.templates.keys()):
            what = "serves nobody any more and is deleted at the end" if self._serves(name) else "stays as it is"
            self.console.say(f"note: stack {name} is deployed and not in the file any more; it {what} (docs/deploy.md)")

    def _serves(self, stack: str) -> bool:
        return re.fullmatch(rf"{re.escape(self.deployment.stack_prefix)}-rotation-[0-9]+", stack) is not None

    def _delete_idle(self, built: Assembly) -> None:
        """Rotation stacks whose vaults have all left the file. The guard has seen that each was meant to."""
        stacks = Stacks(self.session)
        for name in sorted(stacks.templates(self._serves).keys() - built.templates.keys()):
            self.console.say(f"deleting stack {name}, which serves nobody any more")
            stacks.delete(name)

    def _is_ours(self, stack: str) -> bool:
        prefix = re.escape(self.deployment.stack_prefix)
        return re.fullmatch(rf"{prefix}-(foundation|watch|vault-.+|rotation-[0-9]+)", stack) is not None

    def _deploy(self, built: Assembly) -> int:
        surviving = self._surviving(built)
        for name in Stacks(self.session).clear_failed(self._is_ours):
            self.console.say(f"deleted stack {name}, whose first creation had failed: nothing was in it")
        self.tools.deploy(built.folder, surviving)
        vaults = self.deployment.vaults
        status = Seeding(self.deployment, vaults, self.session, self.console, self.source).run()
        if status:
            return status
        self.tools.deploy(built.folder, [name for name in built.templates if name not in surviving])
        self._delete_idle(built)
        self.console.say(f"{self.deployment.name} is deployed")
        if not self.rotates:
            return DEPLOYED
        rotating = Rotating(self.session, self.console, self.clock)
        return FirstRotations(Secrets(self.session), rotating, self.console).run(vaults)

    def _surviving(self, built: Assembly) -> Sequence[str]:
        wanted = {
            names.foundation_stack(self.deployment),
            *(names.vault_stack(self.deployment, vault) for vault in self.deployment.vaults),
        }
        return [name for name in built.templates if name in wanted]
