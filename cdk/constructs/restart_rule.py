"""Finished rotations of the secrets that a stack serves, handed to its `restart_consumers`."""

from collections.abc import Iterator, Sequence

from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cdk.config.model import Deployment
from cdk.names import EVENT_SOURCE

# EventBridge: a pattern has at most 2,048 characters. ARNs of secrets with ordinary names have about 100, and may have
# 580: the sizes are measured once everything is filled in.
_SECRETS_IN_A_PATTERN = 12


class RestartRules(Construct):
    """As many rules as the ARNs need. A rotation of another stack's secret would find a role that does not know it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        function: lambda_.IFunction,
        secret_arns: Sequence[str],
        dead_letters_arn: str,
    ) -> None:
        super().__init__(scope, construct_id)
        for number, arns in enumerate(_in_patterns(secret_arns)):
            rule = events.CfnRule(
                self,
                f"Rule{number or ''}",
                description="Restarts consumers after a rotation, and asks how far restarts are",
                event_pattern={
                    "source": [EVENT_SOURCE],
                    "detail-type": ["Rotation Finished", "Consumers Restarting"],
                    "detail": {"secret_arn": list(arns)},
                },
                state="ENABLED",
                targets=[
                    events.CfnRule.TargetProperty(
                        id="RestartConsumers",
                        arn=function.function_arn,
                        dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=dead_letters_arn),
                        retry_policy=events.CfnRule.RetryPolicyProperty(
                            maximum_event_age_in_seconds=86_400, maximum_retry_attempts=185
                        ),
                    )
                ],
            )
            lambda_.CfnPermission(
                self,
                f"Invoke{number or ''}",
                action="lambda:InvokeFunction",
                function_name=function.function_arn,
                principal="events.amazonaws.com",
                source_account=deployment.account,
                source_arn=rule.attr_arn,
            )


def _in_patterns(arns: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(arns), _SECRETS_IN_A_PATTERN):
        yield arns[first : first + _SECRETS_IN_A_PATTERN]
