"""What may be replaced at any time: the functions that serve some vaults, their roles, and what runs them."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cdk.config.model import Deployment
from cdk.constructs.clockwork import Clockwork
from cdk.constructs.dead_letters import DeadLetters
from cdk.constructs.hook import DeployHook
from cdk.constructs.restart_rule import RestartRules
from cdk.constructs.rotation_function import RotationFunction, Size
from cdk.constructs.secret_rotation import SecretRotation
from cdk.names import (
    CHECK,
    FUNCTIONS,
    PER_VAULT_METRICS,
    PRIVATE_HEALTH_HOSTS,
    RESTART,
    RETIRE,
    ROTATE_KEY,
    ROTATE_PASSPHRASE,
    SERVES,
    function_name,
    rotation_stack,
    slug,
)
from cdk.packaging.package import Package
from cdk.permissions import (
    check_vaults,
    restart_consumers,
    retire_iam_access_keys,
    rotate_iam_access_key,
    rotate_vault_passphrase,
)
from cdk.permissions.grants import VaultGrant, unique
from cdk.stacks.place import environment

_PURPOSES: Final = {
    ROTATE_KEY: "Rotates the access keys in VSYNC_CONFIG",
    ROTATE_PASSPHRASE: "Rotates vault passphrases",
    RETIRE: "Deactivates and deletes superseded access keys",
    CHECK: "Notices drift, completes torn rotations, reports what is stuck",
    RESTART: "Restarts consumers after a rotation",
}
# Memory buys processor time and nothing else: the functions use 53 to 70 MB, whatever the size of a bundle, and one
# whole core at 1,769 MiB, beyond which no code here gains. docs/performance.md has the measurements.
_SIZES: Final = {
    # Its steps wait for IAM, seconds usually, minutes under throttling.
    ROTATE_KEY: Size(memory_mib=512, timeout_seconds=300),
    # Two key derivations a step, one whole core; time for bundles of gigabytes.
    ROTATE_PASSPHRASE: Size(memory_mib=1_769, timeout_seconds=900),
    # Requests only; what is not reached is served by the next run.
    RETIRE: Size(memory_mib=512, timeout_seconds=300),
    # An unchanged vault costs requests only, a changed one its derivations and its bundle.
    CHECK: Size(memory_mib=1_024, timeout_seconds=900),
    # Requests only; rollouts are followed by later events.
    RESTART: Size(memory_mib=512, timeout_seconds=120),
}
_STATEMENTS: Final = {
    ROTATE_KEY: rotate_iam_access_key.statements,
    ROTATE_PASSPHRASE: rotate_vault_passphrase.statements,
    RETIRE: retire_iam_access_keys.statements,
    CHECK: check_vaults.statements,
    RESTART: restart_consumers.statements,
}
# Invoked with an event and no one who waits for an answer: what fails three times is kept.
_ASYNCHRONOUS: Final = frozenset({RETIRE, CHECK, RESTART})


class RotationStack(Stack):
    """Serves the vaults of `grants`; everything in it can be made again.

    Attributes:
        functions: by folder.
        dead_letters: where their events go that nobody could take.
    """

    def __init__(  # the parts of one stack
        self,
        scope: Construct,
        deployment: Deployment,
        number: int,
        grants: Sequence[VaultGrant],
        package: Package,
    ) -> None:
        super().__init__(
            scope,
            rotation_stack(deployment, number),
            env=environment(deployment),
            description=f"vsync rotation: functions and schedules for {len(grants)} vaults. Replaceable.",
        )
        self._deployment, self._number, self._grants, self._package = deployment, number, grants, package
        self.dead_letters = DeadLetters(self, "DeadLetters", deployment=deployment)
        self._layer = self._shared_layer()
        self.functions = {folder: self._function(folder) for folder in FUNCTIONS}
        self._clockwork = self._schedules()
        self._rotations()
        self._restarts()
        self._hooks()

    def _shared_layer(self) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            "Layer",
            description="vsync_rotation and what it needs beside the runtime's boto3",
            code=lambda_.Code.from_asset(str(self._package.layer)),
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
        )

    def _function(self, folder: str) -> RotationFunction:
        variables = self._environment(folder)
        allowed: list[iam.PolicyStatement] = _STATEMENTS[folder](self._grants, self._deployment)
        return RotationFunction(
            self,
            folder,
            deployment=self._deployment,
            name=function_name(self._deployment, self._number, folder),
            purpose=_PURPOSES[folder],
            code=self._package.functions[folder],
            layer=self._layer,
            size=_SIZES[folder],
            environment=variables,
            allowed=allowed,
            dead_letters_arn=self.dead_letters.arn if folder in _ASYNCHRONOUS else None,
        )

    def _environment(self, folder: str) -> dict[str, str]:
        variables = {SERVES: rotation_stack(self._deployment, self._number)}
        if self._deployment.per_vault_metrics:
            variables[PER_VAULT_METRICS] = "on"
        network = self._deployment.network
        if folder == CHECK and network is not None and network.private_health_hosts:
            variables[PRIVATE_HEALTH_HOSTS] = ",".join(network.private_health_hosts)
        return variables

    def _schedules(self) -> Clockwork:
        clockwork = Clockwork(self, "Clockwork", deployment=self._deployment, dead_letters_arn=self.dead_letters.arn)
        clockwork.runs("RetireHourly", function=self.functions[RETIRE].function, expression="rate(1 hour)")
        clockwork.runs("CheckQuarterHourly", function=self.functions[CHECK].function, expression="rate(15 minutes)")
        return clockwork

    def _rotations(self) -> None:
        for folder in (ROTATE_KEY, ROTATE_PASSPHRASE):
            self._clockwork.may_rotate_by(self.functions[folder].function)
        for grant in self._grants:
            place = Construct(self, f"Vault-{slug(grant.vault)}")
            name = "".join(part.capitalize() for part in slug(grant.vault).split("-"))
            if grant.vault.key is not None:
                SecretRotation(
                    place,
                    f"Key{name}",
                    deployment=self._deployment,
                    secret_arn=grant.config.arn,
                    function=self.functions[ROTATE_KEY].function,
                    schedule=grant.vault.key.schedule,
                    clockwork=self._clockwork,
                )
            SecretRotation(
                place,
                f"Passphrase{name}",
                deployment=self._deployment,
                secret_arn=grant.passphrase.arn,
                function=self.functions[ROTATE_PASSPHRASE].function,
                schedule=grant.vault.passphrase.schedule,
                clockwork=self._clockwork,
            )

    def _restarts(self) -> None:
        RestartRules(
            self,
            "Restarts",
            deployment=self._deployment,
            function=self.functions[RESTART].function,
            secret_arns=unique(arn for grant in self._grants for arn in _rotating(grant)),
            dead_letters_arn=self.dead_letters.arn,
        )

    def _hooks(self) -> None:
        for grant in self._grants:
            for hook in grant.vault.hooks:
                DeployHook(
                    self,
                    f"Hook-{slug(grant.vault)}-{hook.name}",
                    deployment=self._deployment,
                    hook=hook,
                    secret_arns=_rotating(grant),
                    dead_letters_arn=self.dead_letters.arn,
                )


def _rotating(grant: VaultGrant) -> list[str]:
    """The vault's secrets that rotate: the key of a store that is not AWS does not."""
    return [*([grant.config.arn] if grant.vault.key is not None else []), grant.passphrase.arn]
