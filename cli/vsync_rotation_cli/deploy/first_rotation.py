"""The first rotation of a vault's access key: it makes a new reader's first key, or replaces the one from before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cdk.config.model import Adopted, Vault
from vsync_rotation.errors import RotationError
from vsync_rotation.settings import is_paused
from vsync_rotation_cli.aws.buckets import is_certainly_empty_of_vaults
from vsync_rotation_cli.aws.explained import explained
from vsync_rotation_cli.aws.secret_facts import SecretFacts
from vsync_rotation_cli.aws.secrets import Secrets
from vsync_rotation_cli.aws.session import Session, same_place
from vsync_rotation_cli.console import Console
from vsync_rotation_cli.refused import NOT_DONE, RefusedError, complain
from vsync_rotation_cli.rotate.rotating import ROTATED, Rotating
from vsync_rotation_cli.words import program

# As long as Lambda lets a function run, so that one whole attempt fits.
TIMEOUT_SECONDS: Final = 900.0


@dataclass(frozen=True, slots=True)
class FirstRotations:
    """Rotates what was never rotated, once it is agreed to."""

    session: Session
    secrets: Secrets
    rotating: Rotating
    console: Console

    def run(self, vaults: Sequence[Vault]) -> int:
        """One after the other; one that fails does not stop the others. Returns the exit status."""
        never = [(vault, secret) for vault in vaults if (secret := self._never_rotated(vault)) is not None]
        if not never:
            self.console.say("every access key has rotated before; the schedules go on from here")
            return ROTATED
        waiting = [secret for vault, secret in never if self._was_pushed(vault, secret)]
        if not waiting:
            return ROTATED
        self.console.say("never rotated so far, so that a schedule may be long in coming:")
        for secret in waiting:
            self.console.say(f"  {secret.name}")
        self.console.say("rotating makes a new access key; the one before stays usable for its overlap")
        if not self.console.agrees("Rotate them now?"):
            place = same_place(waiting[0].region)
            self.console.say(f"not rotated; later: {program()} rotate --follow --secret-id <name> {place}")
            return ROTATED
        return max(self._rotate(secret) for secret in waiting)

    def _never_rotated(self, vault: Vault) -> SecretFacts | None:
        if vault.key is None:
            return None
        wanted = vault.config_secret
        secret = self.secrets.find(wanted.arn if isinstance(wanted, Adopted) else wanted.name)
        if secret is None or secret.last_rotated_at is not None or is_paused(secret.tags):
            return None
        return secret

    def _was_pushed(self, vault: Vault, secret: SecretFacts) -> bool:
        """A reader that may list its own prefix alone may be told 403 where there is nothing: its key would fail."""
        try:
            if not is_certainly_empty_of_vaults(self.session, vault.store.bucket, vault.prefixes):
                return True
        except RotationError:
            return True  # what cannot be seen hinders nobody: the rotation itself looks
        again = f"{program()} rotate --follow --secret-id {secret.name} {same_place(secret.region)}"
        self.console.say(f"{vault.id}: nothing was pushed to {vault.store.bucket} yet; push, then rotate: {again}")
        return False

    def _rotate(self, secret: SecretFacts) -> int:
        try:
            return self.rotating.follow(self.rotating.order(secret.arn), TIMEOUT_SECONDS)
        except RefusedError as refusal:
            complain("deploy", *refusal.problems)
        except RotationError as error:
            complain("deploy", f"{secret.name}: {'; '.join(explained(error))}")
        return NOT_DONE
