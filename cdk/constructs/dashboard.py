"""One dashboard: is something wrong now, what rotated when, how old are keys, how long do steps take.

Tables come from the functions' logs, which cost when somebody looks; a metric for each vault would cost all the time.

See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from cdk.config.model import Deployment
from cdk.names import CHECK, METRIC_NAMESPACE, RETIRE, ROTATE_KEY, ROTATE_PASSPHRASE

_COLUMNS: Final = 24  # of any CloudWatch dashboard
_HEIGHT: Final = 6
_HOUR_SECONDS: Final = 3_600
_DAY_SECONDS: Final = 86_400

# Dimensions of the functions' metrics; the second set is there with per-vault metrics, beside the first.
_EACH_STEP: Final = "service,step"
_EACH_VAULT: Final = "service,step,secret"
_FINISHED: Final = 'filter action = "secret.rotate.completed"'

Widget = dict[str, Any]


class Dashboard(Construct):
    """`logs` are the names of each function's log groups, one for each rotation stack."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        logs: Mapping[str, Sequence[str]],
        alarm_arns: Sequence[str],
    ) -> None:
        super().__init__(scope, construct_id)
        rows = [
            [_alarms("Is something wrong now", alarm_arns)],
            [
                _table(
                    "Every secret, as it was last checked",
                    logs[CHECK],
                    'filter action = "secret.checked" | stats latest(last_rotated_at) as last, '
                    "latest(next_rotation_at) as next, latest(gen) as gen, latest(drift.0) as drift, "
                    "latest(rotation.0) as trouble by secret | sort secret asc | limit 1000",
                )
            ],
            [
                _table(
                    "Rotations of access keys",
                    logs[ROTATE_KEY],
                    f"{_FINISHED} | fields @timestamp, secret, iam_user, old_access_key_id, new_access_key_id"
                    " | sort @timestamp desc | limit 50",
                ),
                _table(
                    "Rotations of passphrases",
                    logs[ROTATE_PASSPHRASE],
                    f"{_FINISHED} | fields @timestamp, secret, prev_gen, gen, race_window_ms"
                    " | sort @timestamp desc | limit 50",
                ),
            ],
            [
                _table(
                    "Ages of keys in use, days",
                    logs[RETIRE],
                    'filter action = "secret.key.seen" | stats latest(key_age_days) as days by secret, access_key_id'
                    " | sort days desc | limit 100",
                ),
                _graph("Oldest key in use, seconds", "CurrentKeyAge", "Maximum", _DAY_SECONDS),
            ],
            [
                _graph("Layouts adrift", "VaultInDrift", "Maximum", _HOUR_SECONDS),
                _graph("Failed steps", "StepFailed", "Sum", _HOUR_SECONDS),
            ],
            [
                _graph("Race windows, ms", "RaceWindow", "Maximum", _DAY_SECONDS),
                _graph("Longest steps, ms", "StepDuration", "Maximum", _HOUR_SECONDS),
            ],
        ]
        if deployment.per_vault_metrics:
            rows.append(
                [
                    _graph("Keys in use, seconds, by secret", "CurrentKeyAge", "Maximum", _DAY_SECONDS, _EACH_VAULT),
                    _graph("Layouts adrift, by secret", "VaultInDrift", "Maximum", _HOUR_SECONDS, _EACH_VAULT),
                ]
            )
        stack = Stack.of(self)
        body = {"start": "-P30D", "periodOverride": "inherit", "widgets": _placed(rows, deployment.region)}
        cloudwatch.CfnDashboard(
            self,
            "Dashboard",
            dashboard_name=deployment.stack_prefix,
            dashboard_body=stack.to_json_string(body),
        )


def _placed(rows: Sequence[Sequence[Widget]], region: str) -> list[Widget]:
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


def _alarms(title: str, alarm_arns: Sequence[str]) -> Widget:
    return {"type": "alarm", "properties": {"title": title, "alarms": list(alarm_arns)}}


def _table(title: str, log_groups: Sequence[str], query: str) -> Widget:
    sources = " | ".join(f"SOURCE '{group}'" for group in log_groups)
    return {"type": "log", "properties": {"title": title, "query": f"{sources} | {query}", "view": "table"}}


def _graph(title: str, metric: str, statistic: str, period_seconds: int, dimensions: str = _EACH_STEP) -> Widget:
    search = f'{{{METRIC_NAMESPACE},{dimensions}}} MetricName="{metric}"'
    expression = f"SEARCH('{search}', '{statistic}', {period_seconds})"
    return {
        "type": "metric",
        "properties": {"title": title, "view": "timeSeries", "metrics": [[{"expression": expression, "id": "found"}]]},
    }
