"""The dashboard asks for what the functions write: metrics by their names, log lines by their fields."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from cdk.packaging.package import ROOT
from tests.infrastructure.assemblies import Assembled

Of = Callable[[str], Assembled]
ALL: Final = ("example", "everything", "many")
# Powertools' and CloudWatch's own, on every line.
ON_EVERY_LINE: Final = {"secret", "version_id", "step", "@timestamp"}
FIELD: Final = re.compile(r"(?:latest\(|fields |, )([a-z_@]+)(?=[,.)]| \|)")


def dashboard(assembled: Assembled) -> dict[str, Any]:
    [found] = assembled.rendering.resources("AWS::CloudWatch::Dashboard")
    body: dict[str, Any] = json.loads(found.properties["DashboardBody"])
    return body


def written() -> str:
    """The sources of everything that writes log lines and metrics."""
    folders = (ROOT / "functions", ROOT / "layers" / "vsync_rotation")
    return "\n".join(path.read_text() for folder in folders for path in folder.rglob("*.py"))


def queries(assembled: Assembled) -> Iterator[str]:
    for widget in dashboard(assembled)["widgets"]:
        if widget["type"] == "log":
            yield widget["properties"]["query"]


def test_every_metric_is_one_that_the_functions_write(of: Of) -> None:
    source = written()
    searches = json.dumps(dashboard(of("everything")))
    names = set(re.findall(r'MetricName=\\+"(\w+)', searches))
    assert {"CurrentKeyAge", "VaultInDrift", "RaceWindow", "StepDuration", "StepFailed"} == names
    for name in names:
        assert f'"{name}"' in source, name


def test_every_field_is_one_that_the_functions_log(of: Of) -> None:
    source = written()
    for query in queries(of("example")):
        fields = set(FIELD.findall(query)) - ON_EVERY_LINE
        assert fields, query
        for field in fields:
            assert f"{field}=" in source, f"{field}: {query}"


def test_every_action_is_one_that_the_functions_log(of: Of) -> None:
    actions = {action for query in queries(of("example")) for action in re.findall(r'action = "([a-z.]+)"', query)}
    assert actions == {"secret.checked", "secret.rotate.completed", "secret.key.seen"}
    for action in actions:
        assert f'action="{action}"' in written()


@pytest.mark.parametrize("name", ALL)
def test_every_table_looks_into_the_logs_of_every_rotation_stack(of: Of, name: str) -> None:
    stacks = {function.stack for function in of(name).rendering.resources("AWS::Lambda::Function")}
    for query in queries(of(name)):
        assert {stack for stack in stacks if f"SOURCE '{stack}-" in query} == stacks


def test_it_shows_every_alarm_and_a_row_more_with_metrics_of_every_vault(of: Of) -> None:
    for name in ("example", "everything"):
        [alarms] = [widget for widget in dashboard(of(name))["widgets"] if widget["type"] == "alarm"]
        made = list(of(name).rendering.resources("AWS::CloudWatch::Alarm"))
        assert len(alarms["properties"]["alarms"]) == len(set(alarms["properties"]["alarms"])) == len(made)
    assert "service,step,secret" not in json.dumps(dashboard(of("example")))
    assert "service,step,secret" in json.dumps(dashboard(of("everything")))


@pytest.mark.parametrize("name", ALL)
def test_no_widget_lies_on_another(of: Of, name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for widget in dashboard(of(name))["widgets"]:
        cells = {
            (column, row)
            for column in range(widget["x"], widget["x"] + widget["width"])
            for row in range(widget["y"], widget["y"] + widget["height"])
        }
        assert not cells & taken
        assert widget["x"] + widget["width"] <= 24
        taken |= cells
