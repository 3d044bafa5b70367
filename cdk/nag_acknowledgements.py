"""Findings of cdk-nag that are meant to be so, each with its reason, in one place.

A finding that matches nothing here makes synth fail. What stands here and matches nothing in any deployment is removed;
a test holds that.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from aws_cdk import Acknowledgment, App, Stack, Validations
from aws_cdk import aws_iam as iam
from constructs import IConstruct


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A rule, the resources of a statement that it is acknowledged for, and why."""

    rule: str
    reason: str
    resource: str | None = None

    def covers(self, resource: str) -> bool:
        """Whether this is about such a resource of a statement."""
        return self.resource is not None and re.fullmatch(self.resource, resource) is not None


ANYWHERE: Final = (
    Acknowledged(
        "AwsSolutions-SMG4",
        "Config secrets and passphrases rotate: their schedules stand in the rotation stack, which is deployed after "
        "the secrets have got their values. Writer secrets, and config secrets of other stores, hold keys that AWS did "
        "not make and cannot rotate.",
    ),
    Acknowledged("AwsSolutions-SQS3", "It is itself the dead-letter queue; the alarm on it says that something waits."),
    Acknowledged(
        "AwsSolutions-L1",
        "Python 3.13 is what the functions are tested and compiled for; a newer runtime is a change of its own.",
    ),
    Acknowledged(
        "AwsSolutions-S1",
        "Who read the bucket is CloudTrail's to tell (data events); access logs would need a bucket of their own, "
        "which an account that keeps such logs has already.",
    ),
)

WILDCARDS: Final = (
    Acknowledged(
        "AwsSolutions-IAM5",
        "A vault's objects are made anew with every push and rotation; the prefix is the vault.",
        r"arn:aws[a-z-]*:s3:::[^/*]+/([^*]*/)?\*",
    ),
    Acknowledged(
        "AwsSolutions-IAM5",
        "The functions' own memory, a parameter for each secret, under a prefix that nobody else writes; no secret "
        "material is in it.",
        r"arn:aws[a-z-]*:ssm:[^*]+:parameter/vsync-rotation/(checked|restarted)/\*",
    ),
    Acknowledged(
        "AwsSolutions-IAM5",
        "An App Runner service's ARN ends in an id that its name does not tell.",
        r"arn:aws[a-z-]*:apprunner:[^*]+:service/[^/*]+/\*",
    ),
    Acknowledged(
        "AwsSolutions-IAM5",
        "A document is sent to the nodes that carry the consumer's tag, whichever they are; the condition narrows it.",
        r"arn:aws[a-z-]*:(ec2:[^*]+:instance|ssm:[^*]+:managed-instance)/\*",
    ),
    Acknowledged(
        "AwsSolutions-IAM5",
        "The service offers nothing narrower for these actions; each statement says so where it is written.",
        r"\*",
    ),
)


def acknowledge(app: App) -> None:
    """Tell cdk-nag what is known, each wildcard on the role or user that has it."""
    for known in ANYWHERE:
        Validations.of(app).acknowledge(Acknowledgment(id=f"AwsSolutions::{known.rule}", reason=known.reason))
    for construct in app.node.find_all():
        for resource in _wildcards(construct):
            for known in WILDCARDS:
                if known.covers(resource):
                    finding = f"AwsSolutions::{known.rule}[Resource::{resource}]"
                    Validations.of(construct).acknowledge(Acknowledgment(id=finding, reason=known.reason))


def _wildcards(construct: IConstruct) -> Iterator[str]:
    if isinstance(construct, iam.CfnRole | iam.CfnUser):
        policies: Any = Stack.of(construct).resolve(construct.policies) or []
        for policy in policies:
            for statement in policy["policyDocument"]["Statement"]:
                resources = statement.get("Resource", [])
                for resource in [resources] if isinstance(resources, str) else resources:
                    if isinstance(resource, str) and "*" in resource:
                        yield resource
