"""One thing of every kind that a run makes, under any prefix: a run's own to be removed, look-alikes to stay."""

import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from simulator.run import ACCOUNT_ID, FUNCTION
from simulator.world import World
from tests.acceptance.cleanup.ownership import Kind
from tests.acceptance.hand_made import ROTATION

_RETAINED: Final = ROTATION["Log"]


def scatter(world: World, prefix: str) -> None:
    """As a run with this prefix, killed at its end, would leave the account."""
    for make in _MAKERS:
        make(lambda service: world.client(service, FUNCTION), prefix)


Client = Callable[[str], Any]


def _stacks(client: Client, prefix: str) -> None:
    vault = {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": f"{prefix.lower()}-vault"}}}
    for name, resources in (
        ("foundation", {"People": {"Type": "AWS::SNS::Topic", "Properties": {}}}),
        ("vault-one-1a2b3c", vault),
        ("rotation-1", {"Log": _RETAINED}),
        ("chat", {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}}),
        ("watch", {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}}),
    ):
        body = json.dumps({"Resources": resources})
        with warnings.catch_warnings(action="ignore"):  # moto's, about types it does not know
            client("cloudformation").create_stack(StackName=f"{prefix}-{name}", TemplateBody=body)


def _bucket(client: Client, prefix: str) -> None:
    s3, bucket = client("s3"), f"{prefix.lower()}-vault"
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for _ in range(2):
        s3.put_object(Bucket=bucket, Key="manifest", Body=b"1")
    s3.delete_object(Bucket=bucket, Key="manifest")
    s3.create_multipart_upload(Bucket=bucket, Key="unfinished")


def _identities(client: Client, prefix: str) -> None:
    iam, policy = (
        client("iam"),
        json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}),
    )
    for name in (f"vsync-{prefix}-test-reader", f"{prefix}-probe-user"):
        iam.create_user(UserName=name, Path="/vsync/")
        iam.create_access_key(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="probe", PolicyDocument=policy)
    iam.create_role(RoleName=f"{prefix}-probe-role", AssumeRolePolicyDocument=policy)
    iam.put_role_policy(RoleName=f"{prefix}-probe-role", PolicyName="probe", PolicyDocument=policy)


def _stores(client: Client, prefix: str) -> None:
    manager, parameters, logs = client("secretsmanager"), client("ssm"), client("logs")
    manager.create_secret(Name=f"{prefix}/test/VSYNC_CONFIG", SecretString="{}")
    manager.create_secret(Name=f"{prefix}/probe/doomed", SecretString="{}")
    manager.delete_secret(SecretId=f"{prefix}/probe/doomed", RecoveryWindowInDays=30)
    for writer in ("checked", "restarted"):
        name = f"/vsync-rotation/{writer}/{prefix}/test/VSYNC_CONFIG"
        parameters.put_parameter(Name=name, Value="{}", Type="String")
    logs.create_log_group(logGroupName=f"/aws/lambda/{prefix}-probe-rotation")


def _couriers(client: Client, prefix: str) -> None:
    queue = f"{prefix}-probe-ear"
    url = client("sqs").create_queue(QueueName=queue)["QueueUrl"]
    client("sqs").send_message(QueueUrl=url, MessageBody="heard")
    client("events").put_rule(Name=f"{prefix}-probe-rule", EventPattern='{"source": ["nobody"]}')
    target = {"Id": "Ear", "Arn": f"arn:aws:sqs:eu-central-1:{ACCOUNT_ID}:{queue}"}
    client("events").put_targets(Rule=f"{prefix}-probe-rule", Targets=[target])
    role = f"arn:aws:iam::{ACCOUNT_ID}:role/{prefix}-probe-role"
    client("lambda").create_function(
        FunctionName=f"{prefix}-probe-rotation", Runtime="python3.13", Role=role, Handler="h.h", Code={"ZipFile": b"0"}
    )
    client("scheduler").create_schedule(
        Name=f"{prefix}-probe-schedule",
        ScheduleExpression="at(2999-01-01T00:00:00)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": target["Arn"], "RoleArn": role},
    )


_MAKERS: Final = (_stacks, _bucket, _identities, _stores, _couriers)


def inventory(world: World) -> set[tuple[Kind, str]]:
    """Everything there is of these kinds, by this module's own looking."""
    return {(kind, name) for kind, look in _LOOKS.items() for name in look(lambda s: world.client(s, FUNCTION))}


def _stack_names(client: Client) -> Iterator[str]:
    return (
        stack["StackName"]
        for page in client("cloudformation").get_paginator("list_stacks").paginate()
        for stack in page["StackSummaries"]
        if stack["StackStatus"] != "DELETE_COMPLETE"
    )


def _queue_names(client: Client) -> Iterator[str]:
    return (url.rpartition("/")[2] for url in client("sqs").list_queues().get("QueueUrls", []))


def _named(
    service: str, operation: str, listed: str, name: str, **parameters: Any
) -> Callable[[Client], Iterator[str]]:
    def look(client: Client) -> Iterator[str]:
        pages = client(service).get_paginator(operation).paginate(**parameters)
        return (each[name] for page in pages for each in page[listed])

    return look


_LOOKS: Final[Mapping[Kind, Callable[[Client], Iterator[str]]]] = {
    Kind.STACK: _stack_names,
    Kind.SECRET: _named("secretsmanager", "list_secrets", "SecretList", "Name", IncludePlannedDeletion=True),
    Kind.QUEUE: _queue_names,
    Kind.FUNCTION: _named("lambda", "list_functions", "Functions", "FunctionName"),
    Kind.RULE: _named("events", "list_rules", "Rules", "Name"),
    Kind.SCHEDULE: _named("scheduler", "list_schedules", "Schedules", "Name"),
    Kind.USER: _named("iam", "list_users", "Users", "UserName"),
    Kind.ROLE: _named("iam", "list_roles", "Roles", "RoleName"),
    Kind.BUCKET: _named("s3", "list_buckets", "Buckets", "Name"),
    Kind.LOG_GROUP: _named("logs", "describe_log_groups", "logGroups", "logGroupName"),
    Kind.PARAMETER: _named("ssm", "describe_parameters", "Parameters", "Name"),
}


class CloudFormationAsItIs:
    """An observer: a stack is not deleted while its user has a key or its bucket holds anything, as on AWS."""

    def __init__(self, world: World, user: str, bucket: str) -> None:
        self._world, self._user, self._bucket = world, user, bucket
        self.met: list[str] = []

    def before(self, request: Any) -> None:
        if request.action == "cloudformation:DeleteStack":
            self.met.append("key" if self._has_key() else "object" if self._has_object() else "nothing")

    def after(self, request: Any) -> None: ...

    def _has_key(self) -> bool:
        try:
            keys = self._world.client("iam", FUNCTION).list_access_keys(UserName=self._user)["AccessKeyMetadata"]
        except ClientError:
            return False
        return bool(keys)

    def _has_object(self) -> bool:
        try:
            answer = self._world.client("s3", FUNCTION).list_object_versions(Bucket=self._bucket)
        except ClientError:
            return False
        return bool(answer.get("Versions") or answer.get("DeleteMarkers"))
