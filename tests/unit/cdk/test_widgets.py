"""Widgets of the dashboard that no deployment of the tests is large enough for."""

from cdk.widgets import alarms, placed


def test_alarms_are_spread_over_widgets_that_take_a_hundred_each() -> None:
    arns = [f"arn:{number}" for number in range(250)]
    row = placed([alarms("now", arns)], "eu-central-1")
    assert [len(widget["properties"]["alarms"]) for widget in row] == [100, 100, 50]
    assert [arn for widget in row for arn in widget["properties"]["alarms"]] == arns
    assert [(widget["x"], widget["width"]) for widget in row] == [(0, 8), (8, 8), (16, 8)]
