"""A deploy hook: an https address of yours that hears of every finished rotation of a vault.

What authorises the call is a value in a secret of yours. The template names that secret, CloudFormation reads it when
it deploys, and EventBridge keeps a copy in a secret of the connection's own.
"""

from collections.abc import Sequence

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk.config.model import Deployment, Hook
from cdk.constructs.survival import document
from cdk.names import EVENT_SOURCE
from cdk.permissions.grants import allow

# Hooks start builds; one call a second is plenty, and a storm of rotations must not look like an attack.
_CALLS_PER_SECOND = 1


class DeployHook(Construct):
    """Called with the event as it is: names, no values."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        hook: Hook,
        secret_arns: Sequence[str],
        dead_letters_arn: str,
    ) -> None:
        super().__init__(scope, construct_id)
        connection = events.CfnConnection(
            self,
            "Connection",
            description=f"Authorises the hook {hook.name}",
            authorization_type="API_KEY",
            auth_parameters=events.CfnConnection.AuthParametersProperty(
                api_key_auth_parameters=events.CfnConnection.ApiKeyAuthParametersProperty(
                    api_key_name=hook.header, api_key_value=f"{{{{resolve:secretsmanager:{hook.secret}}}}}"
                )
            ),
        )
        destination = events.CfnApiDestination(
            self,
            "Destination",
            description=f"The hook {hook.name}",
            connection_arn=connection.attr_arn,
            http_method="POST",
            invocation_endpoint=hook.url,
            invocation_rate_limit_per_second=_CALLS_PER_SECOND,
        )
        role = iam.CfnRole(
            self,
            "Role",
            description=f"EventBridge: calls the hook {hook.name}",
            assume_role_policy_document=document(_assumed_by_rules(deployment)),
            policies=[
                iam.CfnRole.PolicyProperty(
                    policy_name="call-hook",
                    policy_document=document(
                        allow("CallHook", ["events:InvokeApiDestination"], [destination.attr_arn])
                    ),
                )
            ],
            permissions_boundary=deployment.permissions_boundary,
        )
        events.CfnRule(
            self,
            "Rule",
            description=f"Finished rotations, for the hook {hook.name}",
            event_pattern={
                "source": [EVENT_SOURCE],
                "detail-type": ["Rotation Finished"],
                "detail": {"secret_arn": list(secret_arns)},
            },
            state="ENABLED",
            targets=[
                events.CfnRule.TargetProperty(
                    id="Hook",
                    arn=destination.attr_arn,
                    role_arn=role.attr_arn,
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=dead_letters_arn),
                    retry_policy=events.CfnRule.RetryPolicyProperty(
                        maximum_event_age_in_seconds=86_400, maximum_retry_attempts=185
                    ),
                )
            ],
        )


def _assumed_by_rules(deployment: Deployment) -> iam.PolicyStatement:
    rules = f"arn:{deployment.partition}:events:{deployment.region}:{deployment.account}:rule/*"
    return iam.PolicyStatement(
        principals=[iam.ServicePrincipal("events.amazonaws.com")],
        actions=["sts:AssumeRole"],
        conditions={
            "StringEquals": {"aws:SourceAccount": deployment.account},
            "ArnLike": {"aws:SourceArn": rules},
        },
    )
