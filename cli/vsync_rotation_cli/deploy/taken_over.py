"""Rotations that another stack has set up since: deleting the schedule that was there before would cancel them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cdk import names
from cdk.config.model import Deployment
from vsync_rotation_cli.aws.secret_facts import SecretFacts
from vsync_rotation_cli.aws.secrets import Secrets
from vsync_rotation_cli.aws.session import same_place
from vsync_rotation_cli.deploy.our_stacks import OurStacks
from vsync_rotation_cli.deploy.schedules import Schedule
from vsync_rotation_cli.other_deployments import stack_prefix_of


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
            function = None if secret is None else _function(secret)
            if secret is not None and function is not None and function not in self._own(schedule.stack):
                yield (
                    f"{schedule.stack}: {schedule.logical_id} would go and end the rotation of secret {secret.name}, "
                    f"which {secret.rotation_function} does by now; {_way_out(function, secret)}"
                )

    def _own(self, stack: str) -> set[str]:
        number = OurStacks(self.deployment).number(stack)
        return {names.function_name(self.deployment, number, name) for name in names.FUNCTIONS} if number else set()


def _function(secret: SecretFacts) -> str | None:
    """The name of the function that rotates it; None where rotation is switched off."""
    if secret.rotation_function is None or not secret.rotation_enabled:
        return None
    return secret.rotation_function.split(":")[6]


def _way_out(function: str, secret: SecretFacts) -> str:
    if stack_prefix_of(function) is not None:
        return (
            "take its vault out of that deployment first (with --forget), then out of this one, then put it there again"
        )
    return (
        "that is no vsync deployment's; put its vault back into the deployment file, or, once nobody needs that "
        f"rotation, aws secretsmanager cancel-rotate-secret --secret-id {secret.arn} {same_place(secret.region)}"
    )
