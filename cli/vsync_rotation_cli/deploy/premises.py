"""What is looked at before anything is made: the account, its bootstrap, its trail, what is adopted."""

from dataclasses import dataclass

from cdk.config.model import Deployment
from vsync_rotation_cli.adopt.looking import Looking
from vsync_rotation_cli.aws.premises import Account, Trail
from vsync_rotation_cli.aws.session import Session
from vsync_rotation_cli.console import Console
from vsync_rotation_cli.deploy.assembly import Assembly
from vsync_rotation_cli.deploy.tools import Tools
from vsync_rotation_cli.refused import RefusedError

_SILENT = (
    "the rules for RotationFailed, RotationAbandoned, DeleteSecret, ScheduleKeyDeletion and policy changes "
    "stay silent; this project's own events and alarms do not depend on it"
)


@dataclass(frozen=True, slots=True)
class Premises:
    """Looks; changes nothing."""

    deployment: Deployment
    session: Session
    console: Console
    tools: Tools

    def tell_about_trail(self) -> None:
        """Say what will not be heard of without one."""
        found = Account(self.session).trail()
        if found is Trail.MISSING:
            self.console.say(f"note: no CloudTrail trail records management events here, so that {_SILENT}")
        elif found is Trail.UNKNOWN:
            self.console.say(
                f"note: whether a CloudTrail trail records management events could not be seen; if none does, {_SILENT}"
            )
        elif not self.deployment.notifications.trail:
            self.console.say(
                "note: a CloudTrail trail records management events here; the deployment file may say trail = true"
            )

    def require_bootstrap(self, built: Assembly) -> None:
        """The place the CDK keeps its files in, and the roles it deploys by.

        Raises:
            RefusedError: it is not there, or too old for what was built.
        """
        version = Account(self.session).bootstrap_version()
        if version is None or version < built.bootstrap_version:
            what = "was never bootstrapped" if version is None else f"has bootstrap version {version}, too old"
            place = self.deployment
            raise RefusedError(
                f"account {place.account}, region {place.region} {what} for the CDK; "
                f"once: {self.tools.bootstrap_command(built.folder, place.account, place.region)}"
            )

    def require_adopted(self) -> None:
        """What the file adopts has its tags: functions know a secret by nothing else.

        Raises:
            RefusedError: it has not, or cannot be adopted.
        """
        seen = Looking(self.deployment, self.session).look(self.deployment.vaults)
        for note in seen.notes:
            self.console.say(f"note: {note}")
        if seen.problems:
            raise RefusedError(*seen.problems)
        if seen.to_change:
            names = ", ".join(adoption.secret.name for adoption in seen.to_change)
            raise RefusedError(
                f"adopted secrets lack tags that the deployment file wants: {names}; "
                f"see and apply them: make adopt DEPLOYMENT={self.deployment.name}"
            )
