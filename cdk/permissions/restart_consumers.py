"""The role of `restart_consumers`: describes secrets, reads none, and restarts what the deployment file names."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from aws_cdk import aws_iam as iam

from cdk.config.model import Consumer, Deployment
from cdk.permissions.grants import VaultGrant, allow, on_parameters, on_secrets, telling, unique

Statements = list[iam.PolicyStatement]


def statements(grants: Sequence[VaultGrant], deployment: Deployment) -> Statements:
    """What it may do for these vaults: a statement set for each kind of consumer in use, each consumer by name."""
    # A config secret without a reader's user does not rotate, so that no event names it.
    rotating = [grant.config for grant in grants if grant.user_arn is not None]
    secrets = [*rotating, *(grant.passphrase for grant in grants)]
    consumers = unique(consumer for grant in grants for consumer in grant.vault.consumers)
    restarts: Statements = []
    for kind, permit in _KINDS.items():
        of_kind = [consumer for consumer in consumers if consumer.kind == kind]
        if of_kind:
            restarts += permit(of_kind, deployment)
    return [
        *on_secrets("DescribeSecrets", ["DescribeSecret"], secrets),
        on_parameters("RememberRestarts", ["GetParameter", "PutParameter"], ["restarted"], deployment),
        *restarts,
        telling(deployment),
    ]


def _ecs(consumers: Sequence[Consumer], deployment: Deployment) -> Statements:
    services = _arns("ecs", "service/", consumers, deployment)
    return [allow("RestartServices", ["ecs:DescribeServices", "ecs:UpdateService"], services)]


def _lambda(consumers: Sequence[Consumer], deployment: Deployment) -> Statements:
    functions = _arns("lambda", "function:", consumers, deployment)
    actions = ["lambda:GetFunctionConfiguration", "lambda:UpdateFunctionConfiguration"]
    return [allow("RecycleFunctions", actions, functions)]


def _eks(consumers: Sequence[Consumer], deployment: Deployment) -> Statements:
    root = _root("eks", deployment)
    clusters = unique(f"{root}:cluster/{consumer.target.split('/')[0]}" for consumer in consumers)
    return [allow("FindClusters", ["eks:DescribeCluster"], clusters)]


def _app_runner(consumers: Sequence[Consumer], deployment: Deployment) -> Statements:
    root = _root("apprunner", deployment)
    services = unique(f"{root}:service/{consumer.target}/*" for consumer in consumers)
    return [
        # A service's id is part of its ARN and known by listing alone, which takes no resource.
        allow("FindAppRunnerServices", ["apprunner:ListServices"], ["*"]),
        allow("DeployAppRunnerServices", ["apprunner:StartDeployment", "apprunner:ListOperations"], services),
    ]


def _systems_manager(consumers: Sequence[Consumer], deployment: Deployment) -> Statements:
    documents = _arns("ssm", "document/", consumers, deployment)
    nodes = [f"{_root('ec2', deployment)}:instance/*", f"{_root('ssm', deployment)}:managed-instance/*"]
    tagged = {"ssm:resourceTag/vsync-rotation:consumer": unique(consumer.name for consumer in consumers)}
    return [
        allow("SendDocuments", ["ssm:SendCommand"], documents),
        allow("SendToTaggedNodes", ["ssm:SendCommand"], nodes, StringEquals=tagged),
        # A command's id is all there is to ask by: ListCommands takes no resource.
        allow("FollowCommands", ["ssm:ListCommands"], ["*"]),
    ]


def _topics(consumers: Sequence[Consumer], deployment: Deployment) -> Statements:
    return [allow("PublishToTopics", ["sns:Publish"], _arns("sns", "", consumers, deployment))]


def _arns(service: str, kind: str, consumers: Sequence[Consumer], deployment: Deployment) -> list[str]:
    return unique(f"{_root(service, deployment)}:{kind}{consumer.target}" for consumer in consumers)


def _root(service: str, deployment: Deployment) -> str:
    return f"arn:{deployment.partition}:{service}:{deployment.region}:{deployment.account}"


# The words of `vsync-rotation:consumer:<name>`, see docs/consumers.md.
_KINDS: Final[Mapping[str, Callable[[Sequence[Consumer], Deployment], Statements]]] = {
    "ecs": _ecs,
    "lambda": _lambda,
    "eks": _eks,
    "apprunner": _app_runner,
    "ssm": _systems_manager,
    "sns": _topics,
}
