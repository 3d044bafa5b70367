"""Where stacks go: the file says so, whoever deploys."""

from aws_cdk import Environment

from cdk.config.model import Deployment


def environment(deployment: Deployment) -> Environment:
    """The account and region of the file; credentials of another account are refused at deploy."""
    return Environment(account=deployment.account, region=deployment.region)
