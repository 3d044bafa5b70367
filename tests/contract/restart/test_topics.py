"""SNS topics: the message that subscribers get, in order where the topic keeps one."""

import json
import re
from dataclasses import replace
from typing import Final

import pytest

from tests.contract.restart.conftest import SECRET_ARN, VERSION_ID
from tests.contract.restart.declared import declared
from tests.contract.restart.local_services import Answer, LocalServices, refusal
from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.consumer_kinds.topics import Topics
from vsync_rotation.errors import PermissionDeniedError, SettingsError
from vsync_rotation.rollouts import Order, Restarted

ACCEPTED: Final = Answer(
    body="<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"
)
PLAIN: Final = declared("sns:rotated")
FIFO: Final = declared("sns:rotated.fifo")


def test_subscribers_learn_which_version_is_current_and_no_value(
    services: LocalServices, clients: Clients, order: Order
) -> None:
    services.prepare("Publish", ACCEPTED)
    assert Topics(clients).restart(PLAIN, order) == Restarted()
    (sent,) = services.asked
    assert sent.parameters.keys() == {"TopicArn", "Message"}
    assert sent.parameters["TopicArn"] == "arn:aws:sns:eu-central-1:123456789012:rotated"
    assert json.loads(sent.parameters["Message"]) == {
        "secret_arn": SECRET_ARN,
        "secret_name": "acme/prod/VSYNC_CONFIG",
        "kind": "iam-access-key",
        "version_id": VERSION_ID,
        "at": "2026-05-01T09:15:00Z",
    }


def test_the_topic_is_in_the_partition_of_the_secret(services: LocalServices, clients: Clients, order: Order) -> None:
    services.prepare("Publish", ACCEPTED)
    arn = "arn:aws-cn:secretsmanager:cn-north-1:210987654321:secret:x-AbC123"
    Topics(clients).restart(PLAIN, replace(order, secret_arn=arn))
    assert services.asked[0].parameters["TopicArn"] == "arn:aws-cn:sns:cn-north-1:210987654321:rotated"


def test_a_fifo_topic_gets_a_secret_in_order_and_a_version_once(
    services: LocalServices, clients: Clients, order: Order
) -> None:
    services.prepare("Publish", ACCEPTED, ACCEPTED, ACCEPTED)
    longest = f"arn:aws:secretsmanager:eu-central-1:123456789012:secret:{'x' * 512}-AbC123"
    for told in (order, order, replace(order, secret_arn=longest)):
        Topics(clients).restart(FIFO, told)
    first, again, other = (asked.parameters for asked in services.asked)
    assert first == again
    assert first["MessageDeduplicationId"] == VERSION_ID
    assert first["MessageGroupId"] != other["MessageGroupId"]
    assert re.fullmatch(r"[0-9a-f]{64}", other["MessageGroupId"])


@pytest.mark.parametrize(
    ("code", "status", "kind"), [("NotFound", 404, SettingsError), ("AuthorizationError", 403, PermissionDeniedError)]
)
def test_a_topic_that_takes_no_message_is_named(
    services: LocalServices, clients: Clients, order: Order, code: str, status: int, kind: type[Exception]
) -> None:
    services.prepare("Publish", refusal(code, status))
    with pytest.raises(kind, match="topic rotated") as caught:
        Topics(clients).restart(PLAIN, order)
    assert "stranger" not in str(caught.value)


def test_nothing_is_ever_under_way(clients: Clients) -> None:
    assert Topics(clients).follow(PLAIN, "any") == Restarted()
