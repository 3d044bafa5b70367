"""One of the five functions: its role of the same name, its log group, and the function itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import CfnResource, Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from cdk.config.model import Architecture, Deployment
from cdk.constructs.survival import document
from cdk.permissions import every_function


@dataclass(frozen=True, slots=True)
class Size:
    """What a function is given: memory in MiB (and so processor), and how long it may run."""

    memory_mib: int
    timeout_seconds: int


class RotationFunction(Construct):
    """`allowed` is what its work needs; writing its own log, and what tracing and a network ask for, come with it."""

    def __init__(
        self,
        scope: Construct,
        folder: str,
        *,
        deployment: Deployment,
        name: str,
        purpose: str,
        code: Path,
        layer: lambda_.ILayerVersion,
        size: Size,
        environment: Mapping[str, str],
        allowed: Sequence[iam.PolicyStatement],
        dead_letters_arn: str | None,
    ) -> None:
        super().__init__(scope, folder)
        # Named by CloudFormation and kept: it holds the audit entries of key rotations, and a name of ours would stand
        # in the way of the next deployment after an uninstall.
        self.log = logs.CfnLogGroup(self, "Log", retention_in_days=deployment.log_retention_days)
        self.log.apply_removal_policy(RemovalPolicy.RETAIN)
        statements = [
            *allowed,
            *every_function.statements(deployment, name, self.log.attr_arn, dead_letters_arn),
        ]
        self.role = iam.CfnRole(
            self,
            "Role",
            role_name=name,
            description=f"{purpose} ({name})",
            assume_role_policy_document=document(_assumed_by_lambda()),
            policies=[iam.CfnRole.PolicyProperty(policy_name=folder, policy_document=document(*statements))],
            permissions_boundary=deployment.permissions_boundary,
        )
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=name,
            description=purpose,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=_ARCHITECTURES[deployment.architecture],
            handler=f"{folder}.handler.lambda_handler",
            code=lambda_.Code.from_asset(str(code)),
            layers=[layer],
            memory_size=size.memory_mib,
            timeout=Duration.seconds(size.timeout_seconds),
            environment=dict(environment),
            log_group=logs.LogGroup.from_log_group_name(self, "NamedLog", self.log.ref),
            tracing=lambda_.Tracing.ACTIVE if deployment.tracing else lambda_.Tracing.DISABLED,
            # Fixed: nothing the construct library would grant of itself gets in.
            role=iam.Role.from_role_arn(self, "FixedRole", self.role.attr_arn, mutable=False),
        )
        self._place_in_network(deployment)
        if dead_letters_arn is not None:
            self._keep_what_fails(dead_letters_arn)

    def _place_in_network(self, deployment: Deployment) -> None:
        if deployment.network is not None:
            _plain(self.function).add_property_override(
                "VpcConfig",
                {
                    "SubnetIds": list(deployment.network.subnet_ids),
                    "SecurityGroupIds": list(deployment.network.security_group_ids),
                },
            )

    def _keep_what_fails(self, dead_letters_arn: str) -> None:
        """An asynchronous event that failed three times, or waited too long, is kept for a person to look at."""
        lambda_.CfnEventInvokeConfig(
            self,
            "Asynchronous",
            function_name=self.function.function_name,
            qualifier="$LATEST",
            maximum_retry_attempts=2,
            maximum_event_age_in_seconds=Duration.hours(1).to_seconds(),
            destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
                on_failure=lambda_.CfnEventInvokeConfig.OnFailureProperty(destination=dead_letters_arn)
            ),
        )


def _assumed_by_lambda() -> iam.PolicyStatement:
    return iam.PolicyStatement(principals=[iam.ServicePrincipal("lambda.amazonaws.com")], actions=["sts:AssumeRole"])


def _plain(construct: Construct) -> CfnResource:
    resource = construct.node.default_child
    if not isinstance(resource, CfnResource):
        raise TypeError(f"{construct.node.path} is not one resource")
    return resource


_ARCHITECTURES = {
    Architecture.ARM64: lambda_.Architecture.ARM_64,
    Architecture.X86_64: lambda_.Architecture.X86_64,
}
