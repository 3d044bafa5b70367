"""Restarts: one consumer of each kind, and what is remembered of them."""

import json
from collections.abc import Callable
from typing import Any, Final

from moto.ecs.models import ecs_backends
from moto.sns.models import sns_backends
from moto.ssm.models import ssm_backends

from simulator.access.parsing import operation_of
from simulator.doors import Incoming
from simulator.exchange import Answer
from simulator.server import server
from simulator.world import ACCOUNT_ID
from tests.infrastructure.privilege.account import Account
from tests.infrastructure.privilege.key_scenarios import API, OLD, WEB, with_a_key
from tests.infrastructure.privilege.retire_scenarios import CONSUMER, current_version
from tests.infrastructure.privilege.scenario import Play, Scenario

FOLDER: Final = "restart_consumers"
RUNNER: Final = "arn:aws:apprunner:eu-central-1:123456789012:service/web-runner/0123456789abcdef"
OPERATION: Final = "99999999-1111-4222-8333-444444444444"


def deliver(account: Account, detail_type: str = "Rotation Finished", secret: str | None = None) -> dict[str, Any]:
    """The event of a rotation, of the web's key where no secret is named, as the rule hands it over."""
    secret = secret or account.vaults[WEB].config_secret
    described = account.operator("secretsmanager").describe_secret(SecretId=secret)
    detail = {
        "secret_arn": described["ARN"],
        "secret_name": secret,
        "kind": next(tag["Value"] for tag in described["Tags"] if tag["Key"] == "vsync-rotation:kind"),
        "version_id": current_version(account, secret),
        "at": "2026-03-01T12:00:00Z",
    }
    event = {"source": "vsync.rotation", "detail-type": detail_type, "detail": detail}
    return dict(account.invoke(FOLDER, event))


def only(account: Account, consumer: str) -> None:
    """Take the other consumers' tags off the secret."""
    manager, secret = account.operator("secretsmanager"), account.vaults[WEB].config_secret
    keys = [tag["Key"] for tag in manager.describe_secret(SecretId=secret)["Tags"]]
    others = [key for key in keys if key.startswith(CONSUMER) and key != CONSUMER + consumer]
    manager.untag_resource(SecretId=secret, TagKeys=others)


def followed(consumer: str, make: Callable[[Account], None], end: Callable[[Account], None]) -> Play:
    """Begun at the rotation's event, at its end when the check asks again."""

    def play(account: Account) -> None:
        only(account, consumer)
        make(account)
        assert deliver(account)["under_way"] == [consumer]
        end(account)
        assert deliver(account, "Consumers Restarting")["restarted"] == [consumer]
        (detail,) = account.told("Consumers Restarted")
        assert detail["restarted"] == [consumer]

    return play


def at_once(consumer: str, make: Callable[[Account], None], is_done: Callable[[Account], bool]) -> Play:
    """Restarted when the event has been served."""

    def play(account: Account) -> None:
        only(account, consumer)
        make(account)
        assert deliver(account)["restarted"] == [consumer]
        assert is_done(account)
        assert [detail["restarted"] for detail in account.told("Consumers Restarted")] == [[consumer]]

    return play


def _make_service(account: Account) -> None:
    ecs = account.operator("ecs")
    ecs.create_cluster(clusterName="main")
    ecs.register_task_definition(family="app", containerDefinitions=[{"name": "app", "image": "app", "memory": 64}])
    ecs.create_service(cluster="main", serviceName="web", taskDefinition="app", desiredCount=2)


def _end_deployment(account: Account) -> None:
    service = ecs_backends[ACCOUNT_ID][account.world.region].services["main:web"]
    service.deployments[0]["rolloutState"] = "COMPLETED"


def _make_topic(account: Account) -> None:
    account.operator("sns").create_topic(Name="web-rotated")


def _messages(account: Account) -> list[Any]:
    (topic,) = sns_backends[ACCOUNT_ID][account.world.region].topics.values()
    return list(topic.sent_notifications)


def _make_nodes(account: Account) -> None:
    ec2 = account.operator("ec2")
    (node,) = ec2.run_instances(ImageId="ami-00000000", MinCount=1, MaxCount=1)["Instances"]
    ec2.create_tags(Resources=[node["InstanceId"]], Tags=[{"Key": "vsync-rotation:consumer", "Value": "nodes"}])


def _end_command(account: Account) -> None:
    (command,) = ssm_backends[ACCOUNT_ID][account.world.region]._commands
    command.status, command.target_count = "Success", 1


def _behind_the_gate(service: str, answer: Callable[[Incoming], Any]) -> None:
    """A service as moto does not have it: asked only what the policies let through, gone with the next reset."""

    def door(incoming: Incoming) -> Answer | None:
        if incoming.service != service:
            return None
        kind = "application/x-amz-json-1.0" if "x-amz-target" in incoming.headers else "application/json"
        return Answer(200, {"Content-Type": kind}, json.dumps(answer(incoming)).encode())

    server().doors.append(door)


def _restart_of_a_function(account: Account) -> None:
    """moto tells no RevisionId, without which nothing is changed."""
    only(account, "function")
    variables: dict[str, str] = {"OTHER": "kept"}

    def answer(incoming: Incoming) -> Any:
        if incoming.method == "PUT":
            variables.update(json.loads(incoming.body)["Environment"]["Variables"])
        environment = {"Variables": variables}
        return {"RevisionId": "1", "LastUpdateStatus": "Successful", "Environment": environment}

    _behind_the_gate("lambda", answer)
    assert deliver(account)["restarted"] == ["function"]
    version = current_version(account, account.vaults[WEB].config_secret)
    assert variables == {"OTHER": "kept", "VSYNC_ROTATION_VERSION": version}


def _make_runner(_: Account) -> None:
    service = {"ServiceName": "web-runner", "ServiceArn": RUNNER, "Status": "RUNNING"}
    operation = {"Id": OPERATION, "Type": "START_DEPLOYMENT", "Status": "SUCCEEDED"}
    answers = {
        "ListServices": {"ServiceSummaryList": [service]},
        "StartDeployment": {"OperationId": OPERATION},
        "ListOperations": {"OperationSummaryList": [operation]},
    }
    _behind_the_gate("apprunner", lambda incoming: answers[operation_of(incoming)])


def _make_cluster(account: Account) -> None:
    account.cluster.begin()
    _behind_the_gate("eks", lambda _: account.cluster.described())


def _is_patched(account: Account) -> bool:
    return len(account.cluster.patches) == 1 and account.cluster.end() == []


def _one_restart_a_version(account: Account) -> None:
    """What is remembered keeps a second delivery of the event from repeating anything."""
    only(account, "topic")
    _make_topic(account)
    assert deliver(account)["restarted"] == ["topic"]
    assert deliver(account)["already"] == ["topic"]
    assert len(_messages(account)) == 1


def _events_of_every_secret(account: Account) -> None:
    """Nobody is to be restarted, which only the secret's description tells."""
    made = account.vaults[WEB]
    tags = account.operator("secretsmanager").describe_secret(SecretId=made.passphrase_secret)["Tags"]
    named = [tag["Key"].removeprefix(CONSUMER) for tag in tags if tag["Key"].startswith(CONSUMER)]
    account.operator("secretsmanager").untag_resource(
        SecretId=made.passphrase_secret, TagKeys=[CONSUMER + name for name in named]
    )
    secrets = [vault.passphrase_secret for vault in account.vaults.values()]
    secrets += [account.vaults[vault].config_secret for vault in (API, OLD)]
    answers = [deliver(account, secret=secret) for secret in secrets]
    assert [(answer["secret"], answer["restarted"], answer["failed"]) for answer in answers] == [
        (secret, [], {}) for secret in secrets
    ]


SCENARIOS: Final = (
    Scenario("restart of an ECS service", followed("service", _make_service, _end_deployment), with_a_key),
    Scenario("restart of a Lambda function", _restart_of_a_function, with_a_key),
    Scenario("message to a topic", at_once("topic", _make_topic, lambda a: len(_messages(a)) == 1), with_a_key),
    Scenario("restart on managed nodes", followed("nodes", _make_nodes, _end_command), with_a_key),
    Scenario("restart of an App Runner service", followed("runner", _make_runner, lambda _: None), with_a_key),
    Scenario("restart of a deployment in EKS", at_once("deployment", _make_cluster, _is_patched), with_a_key),
    Scenario("one restart a version", _one_restart_a_version, with_a_key),
    Scenario("rotations without consumers", _events_of_every_secret),
)
