"""Rotations that another stack has set up since: deleting the schedule that was there before would cancel them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cdk import names
from cdk.config.model import Deployment
from vsync_rotation_cli.aws.secret_facts import SecretFacts
from vsync_rotation_cli.aws.secrets import Secrets
from vsync_rotation_cli.deploy.our_stacks import OurStacks
from vsync_rotation_cli.deploy.schedules import Schedule


@dataclass(frozen=True, slots=True)
class TakenOver:
    """Looks at the secrets of schedules that leave; changes nothing."""

    deployment: Deployment
    secrets: Secrets

    def problems(self, leaving: Iterable[Schedule]) -> Iterator[str]:
        """One line for each secret that a function of another stack rotates by now.

        Only adopted secrets can be: a stack names those outright, and refers to those that are made here.
        """
        for schedule in leaving:
            secret = None if schedule.secret_id is None else self.secrets.find(schedule.secret_id)
            if secret is not None and self._is_anothers(schedule.stack, secret):
                yield (
                    f"{schedule.stack}: {schedule.logical_id} would go and end the rotation of secret {secret.name}, "
                    f"which {secret.rotation_function} does by now; take its vault out of that deployment first (with "
                    "--forget), then out of this one, then put it there again"
                )

    def _is_anothers(self, stack: str, secret: SecretFacts) -> bool:
        if secret.rotation_function is None or not secret.rotation_enabled:
            return False
        number = OurStacks(self.deployment).number(stack)
        own = {names.function_name(self.deployment, number, name) for name in names.FUNCTIONS} if number else set()
        return secret.rotation_function.split(":")[6] not in own
