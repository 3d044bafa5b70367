"""Alarms, each with the topics that it speaks through."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

_FIVE_MINUTES_SECONDS = 300


def rule_alarm(
    scope: Construct, construct_id: str, *, rule_name: str, what: str, actions: Sequence[str]
) -> cloudwatch.CfnAlarm:
    """Something happened that somebody has to look at: the rule matched an event in the last five minutes."""
    return cloudwatch.CfnAlarm(
        scope,
        construct_id,
        alarm_description=what,
        namespace="AWS/Events",
        metric_name="TriggeredRules",
        dimensions=[_dimension("RuleName", rule_name)],
        statistic="Sum",
        period=_FIVE_MINUTES_SECONDS,
        evaluation_periods=1,
        threshold=1,
        comparison_operator="GreaterThanOrEqualToThreshold",
        treat_missing_data="notBreaching",
        alarm_actions=list(actions),
    )


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
    return cloudwatch.CfnAlarm(
        scope,
        construct_id,
        alarm_description=what,
        namespace="AWS/SQS",
        metric_name="ApproximateNumberOfMessagesVisible",
        dimensions=[_dimension("QueueName", queue_name)],
        statistic="Maximum",
        period=_FIVE_MINUTES_SECONDS,
        evaluation_periods=1,
        threshold=1,
        comparison_operator="GreaterThanOrEqualToThreshold",
        treat_missing_data="notBreaching",
        alarm_actions=list(actions),
    )


def _dimension(name: str, value: str) -> cloudwatch.CfnAlarm.DimensionProperty:
    return cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value)
