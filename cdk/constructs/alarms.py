"""Alarms, each with the topics that it speaks through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

_FIVE_MINUTES_SECONDS = 300


def rule_alarm(
    scope: Construct, construct_id: str, *, rule_name: str, what: str, actions: Sequence[str]
) -> cloudwatch.CfnAlarm:
    """Something happened that somebody has to look at: the rule matched an event in the last five minutes."""
    metric = _Metric("AWS/Events", "TriggeredRules", "Sum", _dimension("RuleName", rule_name))
    return _at_the_first(scope, construct_id, metric, what, actions)


def sum_alarm(  # the parts of one alarm
    scope: Construct,
    construct_id: str,
    *,
    namespace: str,
    metric: str,
    dimensions: Sequence[Mapping[str, str]],
    what: str,
    actions: Sequence[str],
) -> cloudwatch.CfnAlarm:
    """One alarm over several metrics of the same name: at least one of them was not zero."""
    queries = [
        cloudwatch.CfnAlarm.MetricDataQueryProperty(
            id=f"m{number}",
            return_data=False,
            metric_stat=cloudwatch.CfnAlarm.MetricStatProperty(
                metric=cloudwatch.CfnAlarm.MetricProperty(
                    namespace=namespace,
                    metric_name=metric,
                    dimensions=[_dimension(name, value) for name, value in found.items()],
                ),
                period=_FIVE_MINUTES_SECONDS,
                stat="Sum",
            ),
        )
        for number, found in enumerate(dimensions)
    ]
    total = cloudwatch.CfnAlarm.MetricDataQueryProperty(
        id="total", expression=f"SUM([{', '.join(f'FILL(m{n}, 0)' for n in range(len(queries)))}])", label=metric
    )
    return cloudwatch.CfnAlarm(
        scope,
        construct_id,
        alarm_description=what,
        metrics=[*queries, total],
        evaluation_periods=1,
        threshold=1,
        comparison_operator="GreaterThanOrEqualToThreshold",
        treat_missing_data="notBreaching",
        alarm_actions=list(actions),
    )


def queue_alarm(
    scope: Construct, construct_id: str, *, queue_name: str, what: str, actions: Sequence[str]
) -> cloudwatch.CfnAlarm:
    """Something lies in a dead-letter queue; the alarm stays until somebody took it out."""
    dimension = _dimension("QueueName", queue_name)
    metric = _Metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", dimension)
    return _at_the_first(scope, construct_id, metric, what, actions)


@dataclass(frozen=True, slots=True)
class _Metric:
    namespace: str
    name: str
    statistic: str
    dimension: cloudwatch.CfnAlarm.DimensionProperty


def _at_the_first(
    scope: Construct, construct_id: str, metric: _Metric, what: str, actions: Sequence[str]
) -> cloudwatch.CfnAlarm:
    return cloudwatch.CfnAlarm(
        scope,
        construct_id,
        alarm_description=what,
        namespace=metric.namespace,
        metric_name=metric.name,
        dimensions=[metric.dimension],
        statistic=metric.statistic,
        period=_FIVE_MINUTES_SECONDS,
        evaluation_periods=1,
        threshold=1,
        comparison_operator="GreaterThanOrEqualToThreshold",
        treat_missing_data="notBreaching",
        alarm_actions=list(actions),
    )


def _dimension(name: str, value: str) -> cloudwatch.CfnAlarm.DimensionProperty:
    return cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value)
