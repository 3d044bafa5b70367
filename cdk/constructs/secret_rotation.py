"""The rotation of one secret: who may invoke the function for it, and when it rotates by itself."""

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cdk.config.model import Deployment, Rhythm, RotationSchedule
from cdk.constructs.clockwork import Clockwork

# Where Scheduler, or only a person, starts rotations, rotation must be switched on all the same, and the service's own
# rule stands behind: the longest it takes. Every rotation sets its date anew.
# See: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
_BACKSTOP = "rate(999 days)"
_MINUTES_IN_AN_HOUR = 60


class SecretRotation(Construct):
    """Deploying or editing it never rotates: the service tests the function with the value that is there, no more."""

    def __init__(
        self,
        scope: Construct,
        logical_id: str,
        *,
        deployment: Deployment,
        secret_arn: str,
        function: lambda_.IFunction,
        schedule: RotationSchedule | None,
        clockwork: Clockwork,
    ) -> None:
        super().__init__(scope, logical_id)
        permission = lambda_.CfnPermission(
            self,
            "Invoke",
            action="lambda:InvokeFunction",
            function_name=function.function_arn,
            principal="secretsmanager.amazonaws.com",
            # Without both, any account's secret could have this function run.
            source_account=deployment.account,
            source_arn=secret_arn,
        )
        rotation = secretsmanager.CfnRotationSchedule(
            self,
            "Rotation",
            secret_id=secret_arn,
            rotation_lambda_arn=function.function_arn,
            rotate_immediately_on_update=False,
            rotation_rules=_rules(schedule),
        )
        rotation.override_logical_id(f"{logical_id}Rotation")
        rotation.add_resource_dependency(permission)
        if schedule is not None and schedule.rhythm is Rhythm.SCHEDULER:
            planned = clockwork.rotates(self, "Planned", secret_arn=secret_arn, schedule=schedule)
            planned.override_logical_id(f"{logical_id}Schedule")
            planned.add_resource_dependency(rotation)


def _rules(schedule: RotationSchedule | None) -> secretsmanager.CfnRotationSchedule.RotationRulesProperty:
    if schedule is None or schedule.rhythm is Rhythm.SCHEDULER:
        return secretsmanager.CfnRotationSchedule.RotationRulesProperty(schedule_expression=_BACKSTOP)
    hours = schedule.window_minutes // _MINUTES_IN_AN_HOUR
    return secretsmanager.CfnRotationSchedule.RotationRulesProperty(
        schedule_expression=schedule.expression, duration=f"{hours}h" if hours else None
    )
