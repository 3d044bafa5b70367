"""Every line is JSON with the three fields that find everything about a secret; metrics are one line at the end."""

import json
import warnings
from collections import Counter
from typing import Any

import pytest

from vsync_rotation.telemetry import NAMESPACE, MetricDetail, PowertoolsJournal

Captured = pytest.CaptureFixture[str]
# CloudWatch refuses a line with more. The one of dimensions counts those of all its sets.
# See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
MOST_VALUES, MOST_METRICS, MOST_DIMENSIONS, MOST_BYTES = 100, 100, 30, 262_144


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


def test_what_was_measured_in_one_step_is_not_counted_for_the_next(capsys: Captured) -> None:
    log = PowertoolsJournal("a function of two steps")
    for step in ("createSecret", "createSecret", "setSecret"):
        log.locate(step=step)
        log.count("StepFailed")
    log.flush()
    assert [(line["step"], line["StepFailed"]) for line in read(capsys)] == [
        ("createSecret", [1.0, 1.0]), ("setSecret", [1.0]),
    ]  # fmt: skip


@pytest.mark.parametrize("secrets", [1, 99, 100, 101, 200, 10_000])
@pytest.mark.parametrize("detail", MetricDetail)
def test_as_many_secrets_as_there_may_be_stay_within_the_limits_of_a_line(
    capsys: Captured, secrets: int, detail: MetricDetail
) -> None:
    """Each of them measured once, every one; a run of 100 leaves no empty line and no warning behind."""
    log = PowertoolsJournal("a function of many secrets", detail)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for number in range(secrets):
            log.locate(secret=f"acme/{number:05}/VSYNC_CONFIG")
            log.seconds("CurrentKeyAge", number)
            if number % 3 == 0:
                log.count("SecretFailed")
        log.locate(secret="all")
        log.flush()
    found: dict[tuple[tuple[str, ...], str], list[float]] = {}
    counted: Counter[tuple[str, ...]] = Counter()
    for text in capsys.readouterr().out.splitlines():
        line = json.loads(text)
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert len(text) < MOST_BYTES
        assert 0 < len(directive["Metrics"]) <= MOST_METRICS
        assert len({name for names in directive["Dimensions"] for name in names}) <= MOST_DIMENSIONS
        for metric in directive["Metrics"]:
            assert len(line[metric["Name"]]) <= MOST_VALUES
            assert metric["Unit"] == {"CurrentKeyAge": "Seconds", "SecretFailed": "Count"}[metric["Name"]]
        for names in directive["Dimensions"]:
            assert all(line[name] for name in names)
            found.setdefault((tuple(names), line.get("secret", "")), []).extend(line.get("CurrentKeyAge", []))
            counted[tuple(names)] += len(line.get("SecretFailed", []))
    shared = ("service", "step")
    assert sorted(age for (names, _), ages in found.items() if names == shared for age in ages) == list(range(secrets))
    assert set(counted.values()) == {len(range(0, secrets, 3))}
    apart = {secret: ages for (names, secret), ages in found.items() if names == (*shared, "secret")}
    expected = {f"acme/{number:05}/VSYNC_CONFIG": [number] for number in range(secrets)}
    assert apart == (expected if detail is MetricDetail.EACH_SECRET else {})


def test_nothing_measured_is_no_line(capsys: Captured) -> None:
    PowertoolsJournal("a fourth function of this test").flush()
    assert capsys.readouterr().out == ""
