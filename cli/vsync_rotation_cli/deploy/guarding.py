"""Whether an account may be deployed to as it is: asked before the build, before a person is, and after they agreed.

Between the question and the answer, and while values are typed, somebody else may deploy the same.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cdk import names
from cdk.config.model import Deployment
from vsync_rotation_cli.aws.secrets import Secrets
from vsync_rotation_cli.aws.session import Session, same_place
from vsync_rotation_cli.aws.stacks import Stacks
from vsync_rotation_cli.deploy import statuses
from vsync_rotation_cli.deploy.assembly import Assembly
from vsync_rotation_cli.deploy.forgetting import Forgetting
from vsync_rotation_cli.deploy.guard import Update
from vsync_rotation_cli.deploy.our_stacks import Deployed, OurStacks
from vsync_rotation_cli.deploy.plan import Plan
from vsync_rotation_cli.deploy.schedules import Schedules
from vsync_rotation_cli.deploy.taken import Taken
from vsync_rotation_cli.deploy.taken_over import TakenOver
from vsync_rotation_cli.refused import RefusedError, bad_input


@dataclass(frozen=True, slots=True)
class Guarding:
    """Looks; changes nothing.

    Attributes:
        files: the folder of deployment files.
        dropped: regions whose replicas may go.
    """

    deployment: Deployment
    session: Session
    files: Path
    forgetting: Forgetting
    dropped: Collection[str]

    def require_ready(self) -> None:
        """What can be known without templates.

        Raises:
            RefusedError: a stack is in a state that no update begins from, or there is nothing to forget.
        """
        if problems := tuple(self.forgetting.problems(self._look().templates, self.files)):
            raise bad_input(*problems)

    def plan(self, built: Assembly) -> Plan:
        """What would be done.

        Raises:
            RefusedError: it would do harm.
        """
        deployed = self._look()
        self._require_harmless(built, deployed)
        chat = names.chat_stack(self.deployment)
        stuck = tuple(
            self._problems({name: status for name, status in deployed.statuses.items() if name == chat}, deployed)
        )
        return Plan(self.deployment, built, deployed, stuck)

    def require_unchanged(self, plan: Plan, touched: Collection[str] = ()) -> None:
        """The account is as it was when the plan was shown, but for stacks that this run itself has touched.

        Raises:
            RefusedError: it is not, or what is left to do would do harm by now.
        """
        now = self._look()
        before, after = plan.deployed.templates, now.templates
        names = sorted((before.keys() | after.keys()) - set(touched))
        changed = [name for name in names if before.get(name) != after.get(name)]
        if changed:
            raise RefusedError(
                f"somebody else has deployed since you looked: {', '.join(changed)}; see what they did, then look "
                f"again: make diff DEPLOYMENT={self.deployment.name}"
            )
        self._require_harmless(plan.built, now)

    def _look(self) -> Deployed:
        ours = OurStacks(self.deployment)
        deployed = ours.find(Stacks(self.session))
        of_interest = {
            name: status
            for name, status in deployed.statuses.items()
            # What stays as it is may be as it likes, unless somebody is at work; and a chat fails nothing else.
            if status.endswith("_IN_PROGRESS") or not (ours.was_left(name) or name == names.chat_stack(self.deployment))
        }
        if problems := tuple(self._problems(of_interest, deployed)):
            raise RefusedError(*problems)
        return deployed

    def _problems(self, of_interest: Mapping[str, str], deployed: Deployed) -> Iterator[str]:
        return statuses.problems(of_interest, deployed.templates, same_place(self.deployment.region))

    def _require_harmless(self, built: Assembly, deployed: Deployed) -> None:
        before, after = deployed.templates, built.templates
        update, secrets = Update(before, after), Secrets(self.session)
        found = {name: secrets.find(name) for name in update.rekeyed()}
        empty = [name for name, secret in found.items() if secret is not None and not secret.has_value]
        problems = (
            *(
                f"stack {name} is there and is none of ours, so that it is left alone; choose another stack_prefix"
                for name in sorted(deployed.strangers & after.keys())
            ),
            *update.violations(self.forgetting.forgotten, self.dropped, empty),
            *TakenOver(self.deployment, secrets).problems(Schedules(before, after).leaving()),
            *Taken(self.deployment, self.session).problems(before),
        )
        if problems:
            raise RefusedError(*problems)
