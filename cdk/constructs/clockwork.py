"""EventBridge Scheduler: what runs hourly and quarter-hourly, and rotations in a window with a time zone."""

import json

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from cdk.config.model import Deployment, RotationSchedule
from cdk.constructs.survival import document
from cdk.permissions.grants import allow

# Scheduler delivers at least once and tries again for so long; an hourly run that comes two hours late is of no use.
_RETRIES = 20
_KEPT_SECONDS = Duration.hours(2).to_seconds()
# A request to rotate is worth a day's patience: the next one may be months away.
_ROTATION_RETRIES = 185
_ROTATION_KEPT_SECONDS = Duration.days(1).to_seconds()
# The service wants 32 to 64 characters of whoever uses no SDK; the id alone has 16. Two deliveries of one occurrence
# may carry two ids: the second finds a rotation under way and is refused, which harms nothing.
# See: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
_TOKEN = "rotation-by-schedule-<aws.scheduler.execution-id>"  # noqa: S105 - names a version, opens nothing


class Clockwork(Construct):
    """The schedules of a stack, their role, and a queue for what could not be delivered."""

    def __init__(self, scope: Construct, construct_id: str, *, deployment: Deployment, dead_letters_arn: str) -> None:
        super().__init__(scope, construct_id)
        self._dead_letters_arn = dead_letters_arn
        self._rotate_secret = f"arn:{deployment.partition}:scheduler:::aws-sdk:secretsmanager:rotateSecret"
        self._group = scheduler.CfnScheduleGroup(self, "Group")
        self._role = iam.CfnRole(
            self,
            "Role",
            description="EventBridge Scheduler: runs the functions on time, and rotates secrets in their windows",
            assume_role_policy_document=document(_assumed_by_scheduler(deployment)),
            permissions_boundary=deployment.permissions_boundary,
        )
        self._invoked: list[str] = []
        self._rotated: list[str] = []
        self._rotating: list[str] = []
        self._permit()

    def runs(self, construct_id: str, *, function: lambda_.IFunction, expression: str) -> None:
        """Invoke the function at this rate, for everything it serves."""
        self._invoked.append(function.function_arn)
        self._permit()
        scheduler.CfnSchedule(
            self,
            construct_id,
            group_name=self._group.ref,
            schedule_expression=expression,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            state="ENABLED",
            target=self._target(function.function_arn, "{}", _RETRIES, _KEPT_SECONDS),
        )

    def may_rotate_by(self, function: lambda_.IFunction) -> None:
        """Whoever calls RotateSecret must be allowed to invoke the function that rotates."""
        self._rotating.append(function.function_arn)
        self._permit()

    def rotates(
        self, scope: Construct, construct_id: str, *, secret_arn: str, schedule: RotationSchedule
    ) -> scheduler.CfnSchedule:
        """Rotate the secret then. The schedule is switched on and stays so; pausing is a tag on the secret."""
        self._rotated.append(secret_arn)
        self._permit()
        window = scheduler.CfnSchedule.FlexibleTimeWindowProperty(
            mode="FLEXIBLE" if schedule.window_minutes else "OFF",
            maximum_window_in_minutes=schedule.window_minutes or None,
        )
        order = json.dumps({"SecretId": secret_arn, "ClientRequestToken": _TOKEN})
        return scheduler.CfnSchedule(
            scope,
            construct_id,
            group_name=self._group.ref,
            schedule_expression=schedule.expression,
            schedule_expression_timezone=schedule.timezone,
            flexible_time_window=window,
            state="ENABLED",
            target=self._target(self._rotate_secret, order, _ROTATION_RETRIES, _ROTATION_KEPT_SECONDS),
        )

    def _target(
        self, arn: str, order: str, retries: int, kept_seconds: "int | float"
    ) -> scheduler.CfnSchedule.TargetProperty:
        return scheduler.CfnSchedule.TargetProperty(
            arn=arn,
            role_arn=self._role.attr_arn,
            input=order,
            retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                maximum_retry_attempts=retries, maximum_event_age_in_seconds=kept_seconds
            ),
            dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=self._dead_letters_arn),
        )

    def _permit(self) -> None:
        """The role's statements as they stand now; schedules are added one by one."""
        statements = [allow("KeepWhatFails", ["sqs:SendMessage"], [self._dead_letters_arn])]
        invoked = [*self._invoked, *(self._rotating if self._rotated else [])]
        if invoked:
            statements.append(allow("RunFunctions", ["lambda:InvokeFunction"], list(dict.fromkeys(invoked))))
        if self._rotated:
            statements.append(allow("RotateSecrets", ["secretsmanager:RotateSecret"], self._rotated))
        self._role.policies = [
            iam.CfnRole.PolicyProperty(policy_name="run-on-time", policy_document=document(*statements))
        ]


def _assumed_by_scheduler(deployment: Deployment) -> iam.PolicyStatement:
    """For schedules of this account alone.

    See: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    """
    groups = f"arn:{deployment.partition}:scheduler:{deployment.region}:{deployment.account}:schedule-group/*"
    return iam.PolicyStatement(
        principals=[iam.ServicePrincipal("scheduler.amazonaws.com")],
        actions=["sts:AssumeRole"],
        conditions={"StringEquals": {"aws:SourceAccount": deployment.account}, "ArnLike": {"aws:SourceArn": groups}},
    )
