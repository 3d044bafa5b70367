"""One dashboard: is something wrong now, what rotated when, how old are keys, how long do steps take.

Tables come from the functions' logs, which cost when somebody looks; a metric for each vault would cost all the time.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from cdk.config.model import Deployment
from cdk.names import CHECK, RETIRE, ROTATE_KEY, ROTATE_PASSPHRASE
from cdk.widgets import EACH_VAULT, alarms, graph, placed, table

_HOUR_SECONDS: Final = 3_600
_DAY_SECONDS: Final = 86_400
_FINISHED: Final = 'filter action = "secret.rotate.completed"'


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
            alarms("Is something wrong now", alarm_arns),
            [
                table(
                    "Every secret, as it was last checked",
                    logs[CHECK],
                    'filter action = "secret.checked" | stats latest(last_rotated_at) as last, '
                    "latest(next_rotation_at) as next, latest(gen) as gen, latest(drift.0) as drift, "
                    "latest(rotation.0) as trouble by secret | sort secret asc | limit 1000",
                )
            ],
            [
                table(
                    "Rotations of access keys",
                    logs[ROTATE_KEY],
                    f"{_FINISHED} | fields @timestamp, secret, iam_user, old_access_key_id, new_access_key_id"
                    " | sort @timestamp desc | limit 50",
                ),
                table(
                    "Rotations of passphrases",
                    logs[ROTATE_PASSPHRASE],
                    f"{_FINISHED} | fields @timestamp, secret, prev_gen, gen, race_window_ms"
                    " | sort @timestamp desc | limit 50",
                ),
            ],
            [
                table(
                    "Ages of keys in use, days",
                    logs[RETIRE],
                    'filter action = "secret.key.seen" | stats latest(key_age_days) as days by secret, access_key_id'
                    " | sort days desc | limit 100",
                ),
                graph("Oldest key in use, seconds", "CurrentKeyAge", "Maximum", _DAY_SECONDS),
            ],
            [
                graph("Layouts adrift", "VaultInDrift", "Maximum", _HOUR_SECONDS),
                graph("Failed steps", "StepFailed", "Sum", _HOUR_SECONDS),
            ],
            [
                graph("Race windows, ms", "RaceWindow", "Maximum", _DAY_SECONDS),
                graph("Longest steps, ms", "StepDuration", "Maximum", _HOUR_SECONDS),
            ],
        ]
        if deployment.per_vault_metrics:
            rows.append(
                [
                    graph("Keys in use, seconds, by secret", "CurrentKeyAge", "Maximum", _DAY_SECONDS, EACH_VAULT),
                    graph("Layouts adrift, by secret", "VaultInDrift", "Maximum", _HOUR_SECONDS, EACH_VAULT),
                ]
            )
        stack = Stack.of(self)
        body = {"start": "-P30D", "periodOverride": "inherit", "widgets": placed(rows, deployment.region)}
        cloudwatch.CfnDashboard(
            self,
            "Dashboard",
            dashboard_name=deployment.stack_prefix,
            dashboard_body=stack.to_json_string(body),
        )
