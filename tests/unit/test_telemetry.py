"""Every line is JSON with the three fields that find everything about a secret; metrics are one line at the end."""

import json
from typing import Any

import pytest

from vsync_rotation.telemetry import NAMESPACE, PowertoolsJournal

Captured = pytest.CaptureFixture[str]


def read(captured: Captured) -> list[dict[str, Any]]:
    return [json.loads(line) for line in captured.readouterr().out.splitlines()]


def test_the_three_fields_are_on_every_line_known_or_not(capsys: Captured) -> None:
    log = PowertoolsJournal("a function of this test")
    log.info("before anything is known")
    log.locate(secret="acme/prod/X", version_id="v", step="createSecret")
    log.warning("then", tag="t")
    log.error("and then")
    first, second, third = read(capsys)
    assert {name: first[name] for name in ("secret", "version_id", "step")} == dict.fromkeys(
        ("secret", "version_id", "step"), "unknown"
    )
    for line in (second, third):
        assert (line["secret"], line["version_id"], line["step"]) == ("acme/prod/X", "v", "createSecret")
    assert (second["level"], second["message"], second["tag"]) == ("WARNING", "then", "t")
    assert third["level"] == "ERROR"


def test_fields_of_one_invocation_are_not_seen_in_the_next(capsys: Captured) -> None:
    PowertoolsJournal("another function of this test").locate(secret="acme/prod/X", version_id="v", step="createSecret")
    PowertoolsJournal("another function of this test").info("hello")
    assert read(capsys)[-1]["secret"] == "unknown"


def test_metrics_are_one_line_with_the_step_as_a_dimension(capsys: Captured) -> None:
    log = PowertoolsJournal("a third function of this test")
    log.locate(secret="acme/prod/X", version_id="v", step="finishSecret")
    log.count("StepFailed")
    log.milliseconds("RaceWindow", 41)
    log.flush()
    (line,) = read(capsys)
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == NAMESPACE
    assert (line["step"], line["StepFailed"], line["RaceWindow"]) == ("finishSecret", [1.0], [41.0])


def test_nothing_measured_is_no_line(capsys: Captured) -> None:
    PowertoolsJournal("a fourth function of this test").flush()
    assert capsys.readouterr().out == ""
