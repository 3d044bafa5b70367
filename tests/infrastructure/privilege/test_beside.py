"""What Lambda does in a role's name, and what others may do to what the stacks make: judged by the policy evaluator.

The embedded AWS plays none of it: it writes no logs and no traces, joins no network, keeps no dead letters, and asks no
policy of a function, queue, topic, bucket or key. `test_documents` pins what is judged here.

| what | whose policy |
|---|---|
| logs, traces, dead letters, network interfaces | the functions' roles |
| invoke permissions | the functions |
| who may take a role on | the roles' trust policies |
| schedules | the role of EventBridge Scheduler |
| who reads a secret's value | the secrets' policies and their key's |
| messages | the topics' policies and their key's |
| dead letters of rules | the queues' policies |
| TLS only | queues, topics and buckets |
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pytest

from cdk.names import FUNCTIONS, function_name
from cdk.rendered_identities import Document, Identity
from cdk.rendering import Resource
from simulator.access.policy import ANY_RESOURCE, Question, is_allowed
from simulator.access.resource_policies import said_to
from tests.infrastructure.assemblies import Assembled
from tests.infrastructure.privilege.actions import BESIDE
from tests.infrastructure.privilege.pinned_documents import ACCOUNT, HERE, READERS, ROLE

REGION: Final = "eu-central-1"
ANOTHER_ACCOUNT: Final = "999999999999"
TLS: Final = {"aws:SecureTransport": "true"}


def said_to_service(document: Document, service: str) -> Document:
    """The statements of a resource's policy that name an AWS service, or everybody."""
    everybody = said_to({"Statement": [s for s in document["Statement"] if "AWS" in s["Principal"]]}, (service,))
    own = [s for s in document["Statement"] if s["Principal"].get("Service") == service]
    return {"Statement": [*everybody["Statement"], *own]}


def service_may(document: Document, service: str, action: str, resource: str = ANY_RESOURCE, **context: str) -> bool:
    """Whether a resource's policy lets the service do it; `context` with double underscores for colons."""
    spelled = {key.replace("__", ":"): value for key, value in context.items()}
    return is_allowed([said_to_service(document, service)], Question(action, resource, {**TLS, **spelled}))


def of_type(proven: Assembled, kind: str, having: str = "") -> Resource:
    """The one resource of this type whose logical id has this in it."""
    (resource,) = (r for r in proven.rendering.resources(kind) if having in r.logical_id)
    return resource


# What Lambda does.


@pytest.mark.parametrize("folder", BESIDE)
@pytest.mark.parametrize("action", ["logs:CreateLogStream", "logs:PutLogEvents"])
def test_a_function_writes_its_own_log_and_no_other(
    proven: Assembled, proven_bearers: Mapping[str, Identity], folder: str, action: str
) -> None:
    groups = {
        r.logical_id: proven.rendering.attribute(r.stack, r.logical_id, "Ref")
        for r in proven.rendering.resources("AWS::Logs::LogGroup")
    }
    (own,) = (name for logical_id, name in groups.items() if folder.replace("_", "") in logical_id)
    may_write = {
        name
        for name in (*groups.values(), "another")
        if is_allowed(
            proven_bearers[folder].documents,
            Question(action, f"arn:aws:logs:{HERE}:log-group:{name}:log-stream:2026/03/01/x"),
        )
    }
    assert may_write == {own}


@pytest.mark.parametrize("folder", BESIDE)
def test_events_that_failed_are_kept_in_the_stacks_own_queue(
    proven: Assembled, proven_bearers: Mapping[str, Identity], folder: str
) -> None:
    """Only functions that are invoked asynchronously have such events; Secrets Manager waits for the others."""
    queues = [
        proven.rendering.attribute(r.stack, r.logical_id, "Arn") for r in proven.rendering.resources("AWS::SQS::Queue")
    ]
    taken = [arn for arn in queues if is_allowed(proven_bearers[folder].documents, Question("sqs:SendMessage", arn))]
    assert len(queues) == 2
    assert [":vsync-rotation-rotation-1-" in arn for arn in taken] == [True] * ("KeepWhatFails" in BESIDE[folder])


@pytest.mark.parametrize("folder", BESIDE)
@pytest.mark.parametrize("action", ["xray:PutTraceSegments", "xray:PutTelemetryRecords"])
def test_a_function_hands_in_its_traces_where_tracing_is_on(
    proven_bearers: Mapping[str, Identity], folder: str, action: str
) -> None:
    assert is_allowed(proven_bearers[folder].documents, Question(action, "*"))


@pytest.mark.parametrize("folder", BESIDE)
def test_lambda_joins_the_network_and_the_functions_code_does_not(
    proven_bearers: Mapping[str, Identity], folder: str
) -> None:
    own = {"lambda:SourceFunctionArn": f"arn:aws:lambda:{HERE}:function:{proven_bearers[folder].name}"}
    for action in BESIDE[folder]["JoinNetwork"]:
        assert is_allowed(proven_bearers[folder].documents, Question(action, "*"))
        assert not is_allowed(proven_bearers[folder].documents, Question(action, "*", own))


# Who has what run.


@pytest.mark.parametrize("folder", BESIDE)
def test_only_lambda_takes_a_functions_role_on(proven_bearers: Mapping[str, Identity], folder: str) -> None:
    trust = proven_bearers[folder].made.properties["AssumeRolePolicyDocument"]
    assert service_may(trust, "lambda.amazonaws.com", "sts:AssumeRole")
    assert not service_may(trust, "events.amazonaws.com", "sts:AssumeRole")
    # An allow to the account is left to the account's own policies elsewhere, and would be a yes to its admins here.
    assert not [statement for statement in trust["Statement"] if "AWS" in statement["Principal"]]


def test_only_schedules_of_the_account_take_the_schedulers_role_on(proven_bearers: Mapping[str, Identity]) -> None:
    trust = proven_bearers["scheduler"].made.properties["AssumeRolePolicyDocument"]

    def may(account: str, group: str, service: str = "scheduler.amazonaws.com") -> bool:
        source = {"aws__SourceAccount": account, "aws__SourceArn": group}
        return service_may(trust, service, "sts:AssumeRole", **source)

    group = f"arn:aws:scheduler:{HERE}:schedule-group/any"
    assert may(ACCOUNT, group)
    assert not may(ANOTHER_ACCOUNT, group)
    assert not may(ACCOUNT, f"arn:aws:scheduler:{REGION}:{ANOTHER_ACCOUNT}:schedule-group/any")
    assert not may(ACCOUNT, group, "events.amazonaws.com")
    assert not service_may(trust, "scheduler.amazonaws.com", "sts:AssumeRole")


def test_the_scheduler_runs_the_functions_and_rotates_what_it_has_a_schedule_for(
    proven: Assembled, proven_bearers: Mapping[str, Identity]
) -> None:
    scheduler = proven_bearers["scheduler"].documents
    functions = [
        proven.rendering.attribute(r.stack, r.logical_id, "Arn")
        for r in proven.rendering.resources("AWS::Lambda::Function")
    ]
    run = {arn.rpartition("-")[2] for arn in functions if is_allowed(scheduler, Question("lambda:InvokeFunction", arn))}
    # Whoever calls RotateSecret must be allowed to invoke the function that rotates.
    assert run == BESIDE.keys() - {"restart_consumers"}
    secrets = [proven.rendering.attribute(r.stack, r.logical_id, "Ref") for r in _secrets(proven)]
    rotated = [arn for arn in secrets if is_allowed(scheduler, Question("secretsmanager:RotateSecret", arn))]
    assert [":secret:acme_web/prod/VSYNC_CONFIG-" in arn for arn in rotated] == [True]
    assert not any(is_allowed(scheduler, Question("secretsmanager:GetSecretValue", arn)) for arn in secrets)


def _secrets(proven: Assembled) -> Iterator[Resource]:
    return proven.rendering.resources("AWS::SecretsManager::Secret")


def _permissions(proven: Assembled, principal: str) -> list[Mapping[str, Any]]:
    found = [r.properties for r in proven.rendering.resources("AWS::Lambda::Permission")]
    return [properties for properties in found if properties["Principal"] == principal]


def _as_policy(permissions: list[Mapping[str, Any]]) -> Document:
    """What Lambda makes of permissions.

    See: https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html
    """
    return {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": found["Principal"]},
                "Action": found["Action"],
                "Resource": found["FunctionName"],
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": found["SourceAccount"]},
                    "ArnLike": {"aws:SourceArn": found["SourceArn"]},
                },
            }
            for found in permissions
        ]
    }


@pytest.mark.parametrize("service", ["secretsmanager.amazonaws.com", "events.amazonaws.com"])
def test_a_function_is_invoked_for_what_it_serves_and_for_nothing_else(proven: Assembled, service: str) -> None:
    permissions = _permissions(proven, service)
    policy = _as_policy(permissions)
    assert permissions
    for permission in permissions:
        function, source = permission["FunctionName"], permission["SourceArn"]

        def may(account: str, arn: str, by: str = service, function: str = function) -> bool:
            context = {"aws__SourceAccount": account, "aws__SourceArn": arn}
            return service_may(policy, by, "lambda:InvokeFunction", function, **context)

        assert may(ACCOUNT, source)
        assert not may(ANOTHER_ACCOUNT, source)
        assert not may(ACCOUNT, source.replace(ACCOUNT, ANOTHER_ACCOUNT))
        assert not may(ACCOUNT, f"{source}-another")
        assert not may(ACCOUNT, source, "s3.amazonaws.com")
        assert not may(ACCOUNT, source, function=f"arn:aws:lambda:{HERE}:function:another")
        assert not service_may(policy, service, "lambda:InvokeFunction", function)


def test_every_secret_is_rotated_by_the_function_of_its_kind_alone(proven: Assembled) -> None:
    served = {
        (p["SourceArn"].rpartition("/")[2].split("-")[0], p["FunctionName"].rpartition("-")[2])
        for p in _permissions(proven, "secretsmanager.amazonaws.com")
    }
    assert served == {
        ("VSYNC_CONFIG", "rotate_iam_access_key"),
        ("config", "rotate_iam_access_key"),
        ("VSYNC_PASSPHRASE", "rotate_vault_passphrase"),
        ("passphrase", "rotate_vault_passphrase"),
    }


# Who reads a secret.


def test_a_secrets_value_is_denied_to_everybody_but_those_named(
    proven: Assembled, proven_bearers: Mapping[str, Identity]
) -> None:
    """Functions exactly where their role names the secret, applications their own vault's two, admins and root all."""
    policies = {
        r.properties["SecretId"]: r.properties["ResourcePolicy"]
        for r in proven.rendering.resources("AWS::SecretsManager::ResourcePolicy")
    }
    functions = {proven_bearers[folder].arn: proven_bearers[folder].documents for folder in BESIDE}
    people = ["web", "api", "edge", "admin", "stranger"]
    for secret in _secrets(proven):
        arn = proven.rendering.attribute(secret.stack, secret.logical_id, "Ref")
        name = secret.properties["Name"]
        for function, documents in functions.items():
            names_it = is_allowed(documents, Question("secretsmanager:GetSecretValue", arn))
            assert _reads(policies[arn], arn, function) is names_it, (function, name)
        readers = {person for person in people if _reads(policies[arn], arn, f"{ROLE}/{person}")}
        assert readers == {"admin", *READERS[name]} - set(FUNCTIONS)
        assert _reads(policies[arn], arn, f"arn:aws:iam::{ACCOUNT}:root")


def test_a_secrets_policy_denies_reading_alone_so_that_nobody_is_locked_out_for_good(proven: Assembled) -> None:
    for policy in proven.rendering.resources("AWS::SecretsManager::ResourcePolicy"):
        for action in ("DescribeSecret", "PutSecretValue", "PutResourcePolicy", "DeleteResourcePolicy"):
            assert _reads(
                policy.properties["ResourcePolicy"], policy.properties["SecretId"], f"{ROLE}/stranger", action
            )


def _reads(policy: Document, arn: str, principal: str, action: str = "GetSecretValue") -> bool:
    """With a policy of their own that allows it."""
    own = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    question = Question(f"secretsmanager:{action}", arn, {"aws:PrincipalArn": principal})
    return is_allowed([own, said_to(policy, (principal,))], question)


def test_the_secrets_key_is_used_through_secrets_manager_by_whom_the_secrets_let_read(proven: Assembled) -> None:
    """But for the functions: each has a statement of its own, for its own secrets."""
    policy = of_type(proven, "AWS::KMS::Key", "SecretsKey").properties["KeyPolicy"]

    def may(principal: str, via: str = "secretsmanager", action: str = "Decrypt", account: str = ACCOUNT) -> bool:
        via_service = {"kms:ViaService": f"{via}.{REGION}.amazonaws.com"} if via else {}
        context = {"aws:PrincipalArn": principal, "kms:CallerAccount": account, **via_service}
        return is_allowed([said_to(policy, (principal,))], Question(f"kms:{action}", "x", context))

    for action in ("Decrypt", "GenerateDataKey"):
        assert may(f"{ROLE}/web", action=action)
        assert not may(f"{ROLE}/web", action=action, via="s3")
        assert not may(f"{ROLE}/web", action=action, via="")
        assert not may(f"{ROLE}/web", action=action, account=ANOTHER_ACCOUNT)
        for function in FUNCTIONS:
            assert not may(f"{ROLE}/{function_name(proven.deployment, 1, function)}", action=action)
    assert not may(f"{ROLE}/web", action="CreateGrant")


# What events, alarms and everybody else may send.


ALARM: Final = {"aws__SourceAccount": ACCOUNT, "aws__SourceArn": f"arn:aws:cloudwatch:{HERE}:alarm:any"}
OTHERS_ALARM: Final = {
    "aws__SourceAccount": ANOTHER_ACCOUNT,
    "aws__SourceArn": f"arn:aws:cloudwatch:{REGION}:{ANOTHER_ACCOUNT}:alarm:any",
}


@pytest.mark.parametrize("audience", ["People", "Chat"])
def test_events_and_this_accounts_alarms_are_told(proven: Assembled, audience: str) -> None:
    policy = of_type(proven, "AWS::SNS::TopicPolicy", audience).properties
    (topic,) = policy["Topics"]

    def may(service: str, **context: str) -> bool:
        return service_may(policy["PolicyDocument"], f"{service}.amazonaws.com", "sns:Publish", topic, **context)

    assert may("events")
    assert may("cloudwatch", **ALARM)
    assert not may("cloudwatch", **OTHERS_ALARM)
    assert not may("cloudwatch")
    assert not may("s3")
    assert not may("events", aws__SecureTransport="false")


@pytest.mark.parametrize("action", ["kms:Decrypt", "kms:GenerateDataKey"])
def test_the_topics_key_lets_events_and_this_accounts_alarms_in(proven: Assembled, action: str) -> None:
    policy = of_type(proven, "AWS::KMS::Key", "Topics").properties["KeyPolicy"]
    assert service_may(policy, "events.amazonaws.com", action)
    assert service_may(policy, "cloudwatch.amazonaws.com", action, **ALARM)
    assert not service_may(policy, "cloudwatch.amazonaws.com", action, **OTHERS_ALARM)
    assert not service_may(policy, "s3.amazonaws.com", action)
    assert not service_may(policy, "events.amazonaws.com", "kms:CreateGrant")


def test_dead_letters_come_from_this_accounts_rules(proven: Assembled) -> None:
    for policy in proven.rendering.resources("AWS::SQS::QueuePolicy"):
        document = policy.properties["PolicyDocument"]
        queue = document["Statement"][0]["Resource"]
        may = _sender(document, queue)
        rule = f"arn:aws:events:{HERE}:rule/any"
        assert may("events", aws__SourceArn=rule)
        assert not may("events", aws__SourceArn=rule.replace(ACCOUNT, ANOTHER_ACCOUNT))
        assert not may("events")
        assert not may("sns", aws__SourceArn=rule)
        assert not may("events", aws__SourceArn=rule, aws__SecureTransport="false")


def _sender(document: Document, queue: str) -> Callable[..., bool]:
    def may(service: str, **context: str) -> bool:
        return service_may(document, f"{service}.amazonaws.com", "sqs:SendMessage", queue, **context)

    return may


def test_a_bucket_of_ours_is_reached_over_tls_alone(proven: Assembled) -> None:
    policy = of_type(proven, "AWS::S3::BucketPolicy").properties["PolicyDocument"]
    anybody = f"{ROLE}/anybody"
    own = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    for resource in ("arn:aws:s3:::acme-web-vault", "arn:aws:s3:::acme-web-vault/apps/web/latest"):
        for secure, allowed in (("true", True), ("false", False)):
            question = Question("s3:GetObject", resource, {"aws:SecureTransport": secure})
            assert is_allowed([own, said_to(policy, (anybody,))], question) is allowed
