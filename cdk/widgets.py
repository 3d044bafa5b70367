"""Widgets of a CloudWatch dashboard: what they ask for, and where they stand.

See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from collections.abc import Sequence
from typing import Any, Final

from cdk.names import METRIC_NAMESPACE

_COLUMNS: Final = 24  # of any CloudWatch dashboard
_MOST_ALARMS: Final = 100  # in one widget
_HEIGHT: Final = 6

# Dimensions of the functions' metrics; the second set is there with per-vault metrics, beside the first.
EACH_STEP: Final = "service,step"
EACH_VAULT: Final = "service,step,secret"

Widget = dict[str, Any]


def placed(rows: Sequence[Sequence[Widget]], region: str) -> list[Widget]:
    """The rows below one another, each as wide as the dashboard. An alarm's ARN says its region itself."""
    return [
        {
            **widget,
            "x": position * (_COLUMNS // len(row)),
            "y": number * _HEIGHT,
            "width": _COLUMNS // len(row),
            "height": _HEIGHT,
            "properties": {**widget["properties"], **({} if widget["type"] == "alarm" else {"region": region})},
        }
        for number, row in enumerate(rows)
        for position, widget in enumerate(row)
    ]


def alarms(title: str, alarm_arns: Sequence[str]) -> list[Widget]:
    """A row that shows how alarms stand; more widgets where they are more than one takes."""
    return [
        {"type": "alarm", "properties": {"title": title, "alarms": list(alarm_arns[first : first + _MOST_ALARMS])}}
        for first in range(0, len(alarm_arns), _MOST_ALARMS)
    ]


def table(title: str, log_groups: Sequence[str], query: str) -> Widget:
    """What a query of logs finds."""
    sources = " | ".join(f"SOURCE '{group}'" for group in log_groups)
    return {"type": "log", "properties": {"title": title, "query": f"{sources} | {query}", "view": "table"}}


def graph(title: str, metric: str, statistic: str, period_seconds: int, dimensions: str = EACH_STEP) -> Widget:
    """A metric of the functions, a line for each set of dimensions."""
    search = f'{{{METRIC_NAMESPACE},{dimensions}}} MetricName="{metric}"'
    expression = f"SEARCH('{search}', '{statistic}', {period_seconds})"
    return {
        "type": "metric",
        "properties": {"title": title, "view": "timeSeries", "metrics": [[{"expression": expression, "id": "found"}]]},
    }
