"""The tag by which functions choose what they serve: off what is forgotten, and on again where it comes back."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cdk.config.model import Deployment, Made, Resource, Vault
from cdk.names import SERVED_BY, rotation_stack, vault_stack
from cdk.placement import placed
from cdk.secret_tags import config_secret_tags, passphrase_secret_tags
from vsync_rotation.errors import RotationError
from vsync_rotation_cli.aws.explained import explained
from vsync_rotation_cli.aws.secrets import Secrets
from vsync_rotation_cli.aws.session import same_place
from vsync_rotation_cli.console import Console
from vsync_rotation_cli.deploy.our_stacks import OurStacks


@dataclass(frozen=True, slots=True)
class Serving:
    """Of one deployment. Both can be repeated: what is done already stays so."""

    deployment: Deployment
    secrets: Secrets
    console: Console

    def end(self, secret_ids: Iterable[str]) -> None:
        """Take the tag off secrets that no stack here may serve any more, so that functions do not try it in vain.

        A secret that is made keeps the tag in the template of the stack that its vault left behind, which nothing
        deploys any more; `resume` is for the day that the vault comes back. Where it cannot be done, a note says how.
        """
        for secret_id in secret_ids:
            try:
                self._end(secret_id)
            except RotationError as error:
                command = f"aws secretsmanager untag-resource --secret-id {secret_id} --tag-keys {SERVED_BY}"
                self.console.say(
                    f"note: the tag {SERVED_BY} could not be taken off secret {secret_id} ({explained(error)[0]}), and "
                    f"functions go on trying it: {command} {same_place(self.deployment.region)}"
                )

    def resume(self, stacks: Iterable[str]) -> None:
        """Set the tag on made secrets that lack it: CloudFormation has it in the template and sees no change.

        `stacks` are those that were there before: the secrets of others have just been made with it.

        Raises:
            RotationError: it could not be seen or set.
        """
        there = frozenset(stacks)
        for vault in self.deployment.vaults:
            if vault_stack(self.deployment, vault) in there:
                for secret, served_by in self._served(vault):
                    found = self.secrets.find(secret.name) if isinstance(secret, Made) else None
                    if found is not None and SERVED_BY not in found.tags:
                        self.secrets.tag(found.arn, {SERVED_BY: served_by})
                        self.console.say(f"secret {found.name} is served by {served_by} again")

    def _end(self, secret_id: str) -> None:
        secret = self.secrets.find(secret_id)
        # Another deployment may have adopted it since.
        if secret is not None and OurStacks(self.deployment).number(secret.tags.get(SERVED_BY, "")) is not None:
            self.secrets.untag(secret.arn, [SERVED_BY])
            self.console.say(f"secret {secret.name} is served by nobody any more")

    def _served(self, vault: Vault) -> Iterator[tuple[Resource, str]]:
        """The secrets that functions choose, and the stack that serves them."""
        stack = rotation_stack(self.deployment, placed(self.deployment)[vault.id])
        tagged: tuple[tuple[Resource, Mapping[str, str]], ...] = (
            (vault.config_secret, config_secret_tags(vault, stack)),
            (vault.passphrase_secret, passphrase_secret_tags(vault, stack)),
        )
        return ((secret, tags[SERVED_BY]) for secret, tags in tagged if SERVED_BY in tags)
