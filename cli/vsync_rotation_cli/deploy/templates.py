"""How templates are read: what in them must stay, what a person calls it, and whose they are."""

from collections.abc import Mapping
from typing import Any, Final

from cdk.names import DEPLOYMENT_FILE
from vsync_rotation_cli.aws.stacks import Template

SECRET: Final = "AWS::SecretsManager::Secret"  # noqa: S105 - the name of a type
USER: Final = "AWS::IAM::User"
KEY: Final = "AWS::KMS::Key"
BUCKET: Final = "AWS::S3::Bucket"
SCHEDULE: Final = "AWS::SecretsManager::RotationSchedule"

# What CloudFormation replaces a resource for, by its own schemas, and besides what changes the ARN that others hold.
PINNED: Final[Mapping[str, tuple[str, ...]]] = {
    SECRET: ("Name",),
    USER: ("UserName", "Path"),
    KEY: ("KeySpec", "KeyUsage", "MultiRegion", "Origin"),
    BUCKET: ("BucketName", "BucketNamePrefix", "BucketNamespace"),
    SCHEDULE: ("SecretId",),
}
_NAMES: Final = ("Name", "UserName", "BucketName")

Resources = Mapping[str, Any]


def protected(template: Template) -> Resources:
    """What must stay, by logical id."""
    resources: Resources = template.get("Resources", {})
    return {logical_id: found for logical_id, found in resources.items() if found.get("Type") in PINNED}


def of_type(template: Template, kind: str) -> Resources:
    """The resources of one type, by logical id."""
    resources: Resources = template.get("Resources", {})
    return {logical_id: found for logical_id, found in resources.items() if found.get("Type") == kind}


def exports(template: Template) -> Mapping[str, Any]:
    """What the stack gives others, by the name that they take it by."""
    outputs: Resources = template.get("Outputs", {})
    named = {output.get("Export", {}).get("Name"): output.get("Value") for output in outputs.values()}
    return {name: value for name, value in named.items() if isinstance(name, str)}


def origin(template: Template) -> str | None:
    """The name of the deployment file it was made from, without its ending; None where the template says none."""
    output = template.get("Outputs", {}).get(DEPLOYMENT_FILE)
    name = output.get("Value") if isinstance(output, Mapping) else None
    return name if isinstance(name, str) else None


def kind(resource: Any) -> str:
    """What a person calls a resource of its type."""
    words = {SECRET: "secret", USER: "user", KEY: "KMS key", BUCKET: "bucket", SCHEDULE: "rotation schedule"}
    return words[resource["Type"]]


def named(resource: Any) -> str:
    """Its name in brackets, for a sentence; empty where it has none."""
    properties = resource.get("Properties", {})
    return next((f" ({properties[name]})" for name in _NAMES if isinstance(properties.get(name), str)), "")
