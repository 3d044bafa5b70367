"""Which resources and condition keys requests have, service by service, for callers that policies bind."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from simulator.world import KeyPair, World
from tests.simulator.test_access import allow, user

HERE = "eu-central-1:123456789012"
Call = Callable[[World, KeyPair], object]


def asked_first(world: World, pair: KeyPair, call: Call, code_of: Callable[..., str]) -> tuple[str, str]:
    """What the policies were asked and refused."""
    world.enforce_iam()
    assert code_of(lambda: call(world, pair)) in {"AccessDenied", "AccessDeniedException"}
    (denied,) = world.gate.denied
    return denied.action, denied.resource


@pytest.mark.parametrize(
    ("call", "action", "resource"),
    [
        pytest.param(
            lambda w, p: w.client("ssm", p).get_parameter(Name="/vsync/checked/x"),
            "ssm:GetParameter",
            f"arn:aws:ssm:{HERE}:parameter/vsync/checked/x",
            id="parameter",
        ),
        pytest.param(
            lambda w, p: w.client("ssm", p).put_parameter(Name="plain", Value="x", Type="String"),
            "ssm:PutParameter",
            f"arn:aws:ssm:{HERE}:parameter/plain",
            id="parameter without a path",
        ),
        pytest.param(
            lambda w, p: w.client("ssm", p).send_command(DocumentName="Shop", InstanceIds=["i-00000000"]),
            "ssm:SendCommand",
            f"arn:aws:ssm:{HERE}:document/Shop",
            id="document",
        ),
        pytest.param(
            lambda w, p: w.client("ssm", p).send_command(DocumentName="AWS-RunShellScript", InstanceIds=["i-00000000"]),
            "ssm:SendCommand",
            "arn:aws:ssm:eu-central-1::document/AWS-RunShellScript",
            id="document of AWS",
        ),
        pytest.param(
            lambda w, p: w.client("ssm", p).list_commands(),
            "ssm:ListCommands",
            "*",
            id="commands",
        ),
        pytest.param(
            lambda w, p: w.client("ecs", p).describe_services(cluster="main", services=["web"]),
            "ecs:DescribeServices",
            f"arn:aws:ecs:{HERE}:service/main/web",
            id="service described",
        ),
        pytest.param(
            lambda w, p: w.client("ecs", p).update_service(
                cluster=f"arn:aws:ecs:{HERE}:cluster/main", service="web", forceNewDeployment=True
            ),
            "ecs:UpdateService",
            f"arn:aws:ecs:{HERE}:service/main/web",
            id="service updated",
        ),
        pytest.param(
            lambda w, p: w.client("lambda", p).get_function_configuration(FunctionName="shop"),
            "lambda:GetFunctionConfiguration",
            f"arn:aws:lambda:{HERE}:function:shop",
            id="function",
        ),
        pytest.param(
            lambda w, p: w.client("lambda", p).update_function_configuration(
                FunctionName=f"arn:aws:lambda:{HERE}:function:shop", MemorySize=128
            ),
            "lambda:UpdateFunctionConfiguration",
            f"arn:aws:lambda:{HERE}:function:shop",
            id="function by ARN",
        ),
        pytest.param(
            lambda w, p: w.client("lambda", p).invoke(FunctionName="shop"),
            "lambda:InvokeFunction",
            f"arn:aws:lambda:{HERE}:function:shop",
            id="function invoked",
        ),
        pytest.param(
            lambda w, p: w.client("sns", p).publish(TopicArn=f"arn:aws:sns:{HERE}:news", Message="x"),
            "sns:Publish",
            f"arn:aws:sns:{HERE}:news",
            id="topic",
        ),
        pytest.param(
            lambda w, p: w.client("sqs", p).send_message(
                QueueUrl="https://sqs.eu-central-1.amazonaws.com/123456789012/dead", MessageBody="x"
            ),
            "sqs:SendMessage",
            f"arn:aws:sqs:{HERE}:dead",
            id="queue",
        ),
        pytest.param(
            lambda w, p: w.client("eks", p).describe_cluster(name="main"),
            "eks:DescribeCluster",
            f"arn:aws:eks:{HERE}:cluster/main",
            id="cluster",
        ),
        pytest.param(
            lambda w, p: w.client("apprunner", p).list_services(),
            "apprunner:ListServices",
            "*",
            id="App Runner services",
        ),
        pytest.param(
            lambda w, p: w.client("apprunner", p).start_deployment(
                ServiceArn=f"arn:aws:apprunner:{HERE}:service/shop/0123456789abcdef"
            ),
            "apprunner:StartDeployment",
            f"arn:aws:apprunner:{HERE}:service/shop/0123456789abcdef",
            id="App Runner service",
        ),
        pytest.param(
            lambda w, p: w.client("cloudwatch", p).describe_alarms(AlarmNames=["busy"]),
            "cloudwatch:DescribeAlarms",
            f"arn:aws:cloudwatch:{HERE}:alarm:busy",
            id="alarm",
        ),
        pytest.param(
            lambda w, p: w.client("cloudwatch", p).describe_alarms(),
            "cloudwatch:DescribeAlarms",
            "*",
            id="every alarm",
        ),
        pytest.param(
            lambda w, p: w.client("cloudwatch", p).describe_alarms(AlarmNames=["all"], AlarmTypes=["CompositeAlarm"]),
            "cloudwatch:DescribeAlarms",
            "*",
            id="composite alarm",
        ),
    ],
)
def test_a_request_is_about_its_resource(world: World, code_of: Any, call: Call, action: str, resource: str) -> None:
    assert asked_first(world, user(world), call, code_of) == (action, resource)


def test_a_command_is_about_every_node_that_its_tag_names(world: World, code_of: Any) -> None:
    started = world.client("ec2").run_instances(ImageId="ami-00000000", MinCount=2, MaxCount=2)["Instances"]
    mine, other = (instance["InstanceId"] for instance in started)
    for instance, name in ((mine, "legacy"), (other, "other")):
        world.client("ec2").create_tags(Resources=[instance], Tags=[{"Key": "consumer", "Value": name}])
    document = allow("ssm:SendCommand", f"arn:aws:ssm:{HERE}:document/Shop")
    only = {"ssm:resourceTag/consumer": "legacy"}
    nodes = allow("ssm:SendCommand", f"arn:aws:ec2:{HERE}:instance/*", StringEquals=only)
    client = world.client("ssm", user(world, document, nodes))
    world.enforce_iam()

    def code_for(name: str) -> str:
        targets = [{"Key": "tag:consumer", "Values": [name]}]
        return str(code_of(lambda: client.send_command(DocumentName="Shop", Targets=targets)))

    assert [code_for("legacy"), code_for("other"), code_for("nobody")] == ["none", "AccessDeniedException", "none"]
    assert [denied.resource for denied in world.gate.denied] == [f"arn:aws:ec2:{HERE}:instance/{other}"]


def test_a_command_for_targets_that_are_not_told_apart_is_an_error(world: World) -> None:
    world.client("ec2").run_instances(ImageId="ami-00000000", MinCount=1, MaxCount=1)
    client = world.client("ssm", user(world, allow("*", "*")))
    world.enforce_iam()
    targets = [{"Key": "resource-groups:Name", "Values": ["x"]}]
    with pytest.raises(NotImplementedError, match="resource-groups:Name"):
        client.send_command(DocumentName="Shop", Targets=targets)


TAGGED = {"ForAllValues:StringLike": {"aws:TagKeys": "ours:*"}, "Null": {"aws:TagKeys": "false"}}


def test_tags_of_a_user_may_be_set_and_removed_by_their_keys(world: World, code_of: Any) -> None:
    user(world)
    statement = {"Effect": "Allow", "Action": ["iam:TagUser", "iam:UntagUser"], "Resource": "*", "Condition": TAGGED}
    client = world.client("iam", user(world, statement, name="manager"))
    world.enforce_iam()

    def tags(*keys: str) -> list[dict[str, str]]:
        return [{"Key": key, "Value": "x"} for key in keys]

    assert code_of(lambda: client.tag_user(UserName="reader", Tags=tags("ours:a", "ours:b"))) == "none"
    assert code_of(lambda: client.tag_user(UserName="reader", Tags=tags("ours:a", "theirs"))) == "AccessDenied"
    assert code_of(lambda: client.untag_user(UserName="reader", TagKeys=["ours:a"])) == "none"
    assert code_of(lambda: client.untag_user(UserName="reader", TagKeys=["theirs", "ours:b"])) == "AccessDenied"


def test_a_tag_that_a_request_sets_is_known_by_its_value(world: World, code_of: Any) -> None:
    user(world)
    only = {"aws:RequestTag/team": "a"}
    client = world.client("iam", user(world, allow("iam:TagUser", "*", StringEquals=only), name="manager"))
    world.enforce_iam()
    answers = [
        code_of(lambda value=value: client.tag_user(UserName="reader", Tags=[{"Key": "team", "Value": value}]))
        for value in "ab"
    ]
    assert answers == ["none", "AccessDenied"]


def test_every_request_counts_as_one_over_tls_within_the_account(world: World, code_of: Any) -> None:
    insecure = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": False}}}
    stranger = {"StringEquals": {"aws:ResourceAccount": "123456789012", "aws:PrincipalAccount": "123456789012"}}
    pair = user(world, insecure, allow("iam:ListUsers", "*", **stranger))
    world.enforce_iam()
    assert code_of(world.client("iam", pair).list_users) == "none"


def test_only_sessions_have_an_issue_time(world: World, code_of: Any) -> None:
    long_term = allow("secretsmanager:ListSecrets", "*", Null={"aws:TokenIssueTime": True})
    answers: list[str] = []

    def handler(_event: object, _context: object) -> None:
        import boto3

        answers.append(code_of(boto3.client("secretsmanager").list_secrets))

    world.deploy("f", handler, policies=({"Version": "2012-10-17", "Statement": [long_term]},))
    iam = world.client("iam")
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    iam.put_role_policy(
        RoleName="r", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [long_term]})
    )
    given = world.client("sts").assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    session = world.client(
        "secretsmanager",
        KeyPair(given["AccessKeyId"], given["SecretAccessKey"]),
        aws_session_token=given["SessionToken"],
    )
    person = world.client("secretsmanager", user(world, long_term))
    world.enforce_iam()
    world.invoke("f", {})
    assert [code_of(person.list_secrets), code_of(session.list_secrets), *answers] == [
        "none",
        "AccessDeniedException",
        "AccessDeniedException",
    ]


def test_what_the_policies_are_asked_is_on_record_with_everything_known(world: World, code_of: Any) -> None:
    client = world.client("iam", user(world))
    code_of(client.list_users)
    assert world.gate.asked == []
    world.enforce_iam()
    code_of(client.list_users)
    (asked,) = world.gate.asked
    assert (asked.principal, asked.question.action) == ("arn:aws:iam::123456789012:user/vsync/reader", "iam:ListUsers")
    assert asked.question.context["aws:username"] == "reader"
