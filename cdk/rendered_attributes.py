"""What `Ref` and `Fn::GetAtt` give for each type of resource that the stacks use.

Where AWS makes a part up, a stand-in of the same length takes its place, always the same one for the same stack and
logical id: sizes come out right, and nothing changes from one synth to the next.

See: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

# CloudFormation's own suffix of a name that it makes up, and Secrets Manager's of a secret's ARN.
_NAME_SUFFIX: Final = 12
_SECRET_SUFFIX: Final = 6


@dataclass(frozen=True, slots=True)
class Naming:
    """Where a resource stands: everything its names and ARNs are made of."""

    account: str
    region: str
    partition: str
    stack: str
    logical_id: str

    def arn(self, service: str, rest: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{rest}"

    def global_arn(self, service: str, rest: str) -> str:
        return f"arn:{self.partition}:{service}::{self.account}:{rest}"

    def made_up(self, length: int) -> str:
        return hashlib.sha256(f"{self.stack}/{self.logical_id}".encode()).hexdigest()[:length]

    def made_up_name(self) -> str:
        return f"{self.stack}-{self.logical_id}-{self.made_up(_NAME_SUFFIX)}"

    def uuid(self) -> str:
        digits = self.made_up(32)
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


# The property of this name as text, None where the template does not have it.
Property = Callable[[str], str | None]
Attribute = Callable[[Naming, Property], str]


def _name(property_name: str) -> Attribute:
    return lambda naming, of: of(property_name) or naming.made_up_name()


def _arn(service: str, before: str, property_name: str, after: str = "") -> Attribute:
    name = _name(property_name)
    return lambda naming, of: naming.arn(service, f"{before}{name(naming, of)}{after}")


def _with_uuid(before: str) -> Attribute:
    name = _name("Name")
    return lambda naming, of: naming.arn("events", f"{before}/{name(naming, of)}/{naming.uuid()}")


def _identity(before: str, property_name: str) -> Attribute:
    name = _name(property_name)
    return lambda naming, of: naming.global_arn("iam", f"{before}{of('Path') or '/'}{name(naming, of)}")


def _secret(naming: Naming, of: Property) -> str:
    return naming.arn("secretsmanager", f"secret:{_name('Name')(naming, of)}-{naming.made_up(_SECRET_SUFFIX)}")


def _bucket(naming: Naming, of: Property) -> str:
    return of("BucketName") or naming.made_up_name().lower()


def _bucket_arn(naming: Naming, of: Property) -> str:
    return f"arn:{naming.partition}:s3:::{_bucket(naming, of)}"


def _key(naming: Naming, _: Property) -> str:
    return naming.arn("kms", f"key/{naming.uuid()}")


def _queue_url(naming: Naming, of: Property) -> str:
    suffix = "amazonaws.com.cn" if naming.partition == "aws-cn" else "amazonaws.com"
    return f"https://sqs.{naming.region}.{suffix}/{naming.account}/{_name('QueueName')(naming, of)}"


def _rule_arn(naming: Naming, of: Property) -> str:
    bus = of("EventBusName")
    return naming.arn("events", f"rule/{f'{bus}/' if bus else ''}{_name('Name')(naming, of)}")


def _schedule_arn(naming: Naming, of: Property) -> str:
    return naming.arn("scheduler", f"schedule/{of('GroupName') or 'default'}/{_name('Name')(naming, of)}")


ATTRIBUTES: Final[Mapping[str, Mapping[str, Attribute]]] = {
    "AWS::IAM::Role": {"Ref": _name("RoleName"), "Arn": _identity("role", "RoleName")},
    "AWS::IAM::User": {"Ref": _name("UserName"), "Arn": _identity("user", "UserName")},
    "AWS::IAM::ManagedPolicy": {
        "Ref": _identity("policy", "ManagedPolicyName"),
        "PolicyArn": _identity("policy", "ManagedPolicyName"),
    },
    "AWS::SecretsManager::Secret": {"Ref": _secret, "Id": _secret},
    "AWS::KMS::Key": {"Ref": lambda naming, _: naming.uuid(), "KeyId": lambda naming, _: naming.uuid(), "Arn": _key},
    "AWS::KMS::Alias": {"Ref": _name("AliasName")},
    "AWS::S3::Bucket": {"Ref": _bucket, "Arn": _bucket_arn},
    "AWS::Lambda::Function": {"Ref": _name("FunctionName"), "Arn": _arn("lambda", "function:", "FunctionName")},
    "AWS::Lambda::LayerVersion": {
        "Ref": _arn("lambda", "layer:", "LayerName", ":1"),
        "LayerVersionArn": _arn("lambda", "layer:", "LayerName", ":1"),
    },
    "AWS::SNS::Topic": {
        "Ref": _arn("sns", "", "TopicName"),
        "TopicArn": _arn("sns", "", "TopicName"),
        "TopicName": _name("TopicName"),
    },
    "AWS::SQS::Queue": {
        "Ref": _queue_url,
        "QueueUrl": _queue_url,
        "Arn": _arn("sqs", "", "QueueName"),
        "QueueName": _name("QueueName"),
    },
    "AWS::Events::Rule": {"Ref": _name("Name"), "Arn": _rule_arn},
    "AWS::Events::Connection": {"Ref": _name("Name"), "Arn": _with_uuid("connection")},
    "AWS::Events::ApiDestination": {"Ref": _name("Name"), "Arn": _with_uuid("api-destination")},
    "AWS::Logs::LogGroup": {"Ref": _name("LogGroupName"), "Arn": _arn("logs", "log-group:", "LogGroupName", ":*")},
    "AWS::CloudWatch::Alarm": {"Ref": _name("AlarmName"), "Arn": _arn("cloudwatch", "alarm:", "AlarmName")},
    "AWS::CloudWatch::CompositeAlarm": {"Ref": _name("AlarmName"), "Arn": _arn("cloudwatch", "alarm:", "AlarmName")},
    "AWS::CloudWatch::Dashboard": {"Ref": _name("DashboardName")},
    "AWS::Scheduler::ScheduleGroup": {"Ref": _name("Name"), "Arn": _arn("scheduler", "schedule-group/", "Name")},
    "AWS::Scheduler::Schedule": {"Ref": _name("Name"), "Arn": _schedule_arn},
    "AWS::SSM::Parameter": {"Ref": _name("Name")},
}
