"""What must survive its stack: users, secrets, keys and buckets, under logical ids that never change."""

from aws_cdk import CfnResource, RemovalPolicy
from aws_cdk import aws_iam as iam

from cdk.config.model import Deployment
from cdk.config.model import RemovalPolicy as Chosen


def survive(resource: CfnResource, logical_id: str, deployment: Deployment) -> None:
    """Pin the logical id, and keep the thing when its stack goes, unless the file says otherwise.

    CloudFormation replaces what it finds under another id; whoever renames a construct must not replace a secret.
    """
    resource.override_logical_id(logical_id)
    kept = deployment.removal_policy is Chosen.RETAIN
    resource.apply_removal_policy(RemovalPolicy.RETAIN if kept else RemovalPolicy.DESTROY)


def document(*statements: iam.PolicyStatement) -> iam.PolicyDocument:
    """One policy document of these statements, as they stand: merging would hide which is needed for what."""
    return iam.PolicyDocument(statements=list(statements), minimize=False)
