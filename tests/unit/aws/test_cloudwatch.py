"""An alarm gates a deletion only when it exists and is OK, whichever kind it is."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import Stubber

from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.cloudwatch import Alarms


@pytest.fixture
def stub(clients: Clients) -> Iterator[Stubber]:
    with Stubber(clients.cloudwatch) as stub:
        yield stub


def alarm(state: str) -> list[dict[str, str]]:
    return [{"AlarmName": "gate", "StateValue": state}]


@pytest.mark.parametrize(
    ("answer", "ok"),
    [
        pytest.param({"MetricAlarms": alarm("OK")}, True, id="a metric alarm that is OK"),
        pytest.param({"CompositeAlarms": alarm("OK")}, True, id="a composite alarm that is OK"),
        pytest.param({"MetricAlarms": alarm("ALARM")}, False, id="in alarm"),
        pytest.param({"CompositeAlarms": alarm("ALARM")}, False, id="composite in alarm"),
        pytest.param({"MetricAlarms": alarm("INSUFFICIENT_DATA")}, False, id="without data"),
        pytest.param({}, False, id="missing"),
    ],
)
def test_only_an_alarm_that_is_ok_is_ok(clients: Clients, stub: Stubber, answer: dict[str, Any], *, ok: bool) -> None:
    asked = {"AlarmNames": ["gate"], "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}
    stub.add_response("describe_alarms", answer, asked)
    assert Alarms(clients).is_ok("gate") is ok
