"""The order of a deployment: look, build, guard, show, ask; what survives; its values; what may be replaced; rotate.

Every part can be repeated. A run that ends early, whatever ended it, is gone on with by the next one.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from cdk.config.model import Deployment
from vsync_rotation.errors import RotationError
from vsync_rotation_cli.aws.explained import explained
from vsync_rotation_cli.aws.secrets import Secrets
from vsync_rotation_cli.aws.session import Session
from vsync_rotation_cli.aws.stacks import Stacks
from vsync_rotation_cli.console import Console
from vsync_rotation_cli.deploy import assembly
from vsync_rotation_cli.deploy.assembly import Assembly
from vsync_rotation_cli.deploy.first_rotation import FirstRotations
from vsync_rotation_cli.deploy.first_values import FirstValues
from vsync_rotation_cli.deploy.guarding import Guarding
from vsync_rotation_cli.deploy.plan import Plan
from vsync_rotation_cli.deploy.premises import Premises
from vsync_rotation_cli.deploy.serving import Serving
from vsync_rotation_cli.deploy.tools import Tools
from vsync_rotation_cli.refused import NOT_DONE, RefusedError, bad_input, complain, telling_if_interrupted
from vsync_rotation_cli.rotate.following import Clock
from vsync_rotation_cli.rotate.rotating import Rotating
from vsync_rotation_cli.seed.seeding import Seeding
from vsync_rotation_cli.seed.values_file import Given

DEPLOYED: Final = 0
_NOTHING: Final = "nothing was deployed"
_WAIT: Final = "wait until it has ended, then run the same again"
_GOES_ON: Final = f"interrupted: CloudFormation may go on with what it has begun; {_WAIT}"
_CLEARING: Final = (
    "nothing was deployed; stacks whose first creation had failed may be deleted or on their way; run the same again "
    "to go on"
)
_DEPLOYED: Final = "all stacks of the file but a chat are deployed"
_NO_CHAT: Final = (
    "the chat channel failed, and the reason stands above; if it is the first time: authorise Amazon Q Developer in "
    "chat applications for the workspace, in its console, and see that this channel is not configured yet, which an "
    "account can do only once; everything else is deployed"
)
_STUCK: Final = "the chat was left out, and what to do about it stands above; everything else is deployed"
_NOBODY: Final = (
    "there is no terminal to ask at, and nothing is deployed without a yes; say --yes, and give missing values with "
    "--from FILE"
)


@dataclass(frozen=True, slots=True)
class Deploying:
    """One run. `rotates`: whether first rotations are offered."""

    deployment: Deployment
    session: Session
    console: Console
    tools: Tools
    clock: Clock
    guarding: Guarding
    values: FirstValues
    rotates: bool

    def run(self) -> int:
        """Deploy, once it is agreed to. Returns the exit status.

        Raises:
            RefusedError: something is in the way; what is deployed by then stays, and the next run goes on.
        """
        with _ending(_NOTHING):
            self._require_consent_possible()
            self._introduce()
            given = self._looked_at()
            self.values.require_person()
            plan = self._shown()
            place = f"account {self.deployment.account}, {self.deployment.region}"
            if not self.console.agrees(f"Deploy this to {place}?"):
                self.console.say(_NOTHING)
                return NOT_DONE
            self.guarding.require_unchanged(plan)
        return self._deploy(plan, given)

    def show(self) -> int:
        """Say what `run` would change, and change nothing. Returns the exit status.

        Raises:
            RefusedError: something is in the way.
        """
        with _ending(_NOTHING):
            self._looked_at()
            self._shown()
        self.console.say(_NOTHING)
        return DEPLOYED

    def _require_consent_possible(self) -> None:
        """Before minutes of building, and before standard input is read, which cannot be read again."""
        if not (self.console.agreed or self.console.has_person()):
            raise bad_input(_NOBODY)

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

    @property
    def _premises(self) -> Premises:
        return Premises(self.deployment, self.session, self.console, self.tools)

    def _looked_at(self) -> Given | None:
        """Everything that can be known before anything is built. Returns the values that are given."""
        self._premises.tell_about_trail()
        self._premises.require_adopted()
        self.guarding.require_ready()
        return self.values.read()

    def _shown(self) -> Plan:
        """Everything that can be known before anything is made."""
        self.tools.install()
        built = self._build()
        self._premises.require_bootstrap(built)
        plan = self.guarding.plan(built)
        self.tools.diff(built.folder, list(built.templates))
        plan.tell(self.console)
        self.guarding.forgetting.tell(self.console, plan.deployed.templates, built.templates)
        return plan

    def _build(self) -> Assembly:
        self.tools.package(self.deployment.architecture)
        return assembly.read(self.tools.synthesize(self.deployment.name))

    def _deploy(self, plan: Plan, given: Given | None) -> int:
        self._clear(plan)
        self._through_cloudformation(plan, plan.surviving)
        halfway = _halfway(plan)
        with _ending(halfway):
            status = self._seed(given)
            if status:
                self.console.say(halfway)
                return status
            self._serving.resume(plan.deployed.templates)
            self.guarding.require_unchanged(plan, plan.surviving)
        self._through_cloudformation(plan, plan.replaceable)
        self._delete_idle(plan)
        self._forget(plan)
        without_chat = self._chat(plan)
        if not self.rotates:
            return without_chat
        rotating = Rotating(self.session, self.console, self.clock)
        rotated = FirstRotations(self.session, Secrets(self.session), rotating, self.console).run(
            self.deployment.vaults
        )
        return max(without_chat, rotated)

    def _clear(self, plan: Plan) -> None:
        """By their ids: each takes a while, and somebody else may make the next one anew meanwhile."""
        if not plan.failed:
            return
        with _ending(_CLEARING):
            for name, stack_id in plan.failed.items():
                self.console.say(f"deleting stack {name}, whose first creation had failed")
                Stacks(self.session).delete_protected(stack_id)
            self.guarding.require_unchanged(plan)

    def _through_cloudformation(self, plan: Plan, stacks: Sequence[str]) -> None:
        with telling_if_interrupted(lambda: _GOES_ON):
            self.tools.deploy(plan.built.folder, stacks)

    def _seed(self, given: Given | None) -> int:
        read = None if given is None else lambda: given
        return Seeding(self.deployment, self.deployment.vaults, self.session, self.console, read).run()

    def _delete_idle(self, plan: Plan) -> None:
        deleted: list[str] = []
        for name in plan.idle:
            with _ending(f"{_DEPLOYED}, and {name} was not deleted; run the same again to go on"):
                self.guarding.require_unchanged(plan, (*plan.built.templates, *deleted))
            self.console.say(f"deleting stack {name}, which serves nobody any more")
            with _ending(f"{_DEPLOYED}; CloudFormation may go on deleting {name}; {_WAIT}"):
                Stacks(self.session).delete(name)
            deleted.append(name)

    @property
    def _serving(self) -> Serving:
        return Serving(self.deployment, Secrets(self.session), self.console)

    def _forget(self, plan: Plan) -> None:
        forgetting = self.guarding.forgetting
        for vault in forgetting.vaults:
            self._serving.end(forgetting.secret_ids(vault, plan.deployed.templates, plan.built.templates))

    def _chat(self, plan: Plan) -> int:
        """The last stack of all. Returns the exit status of everything so far."""
        if plan.chat:
            try:
                self._through_cloudformation(plan, plan.chat)
            except RefusedError as refusal:
                complain("deploy", *refusal.problems, _NO_CHAT)
                return NOT_DONE
        if plan.stuck:
            complain("deploy", *plan.stuck, _STUCK)
            return NOT_DONE
        self.console.say(f"{self.deployment.name} is deployed")
        return DEPLOYED


def _halfway(plan: Plan) -> str:
    functions = "functions and schedules are as before" if plan.has_functions else "functions and schedules are not"
    return f"what survives is deployed; {functions}; run the same again to go on"


@contextmanager
def _ending(standing: str) -> Iterator[None]:
    """Where something is in the way, or a person's Ctrl-C, say last what stands."""
    try:
        with telling_if_interrupted(lambda: standing):
            yield
    except RefusedError as refusal:
        raise RefusedError(*refusal.problems, standing, status=refusal.status) from None
    except RotationError as error:
        raise RefusedError("; ".join(explained(error)), standing) from None
