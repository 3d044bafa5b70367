"""EventBridge's transformer, the topic behind it, and alarms: what the embedded services lack."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cdk import names
from cdk.messages import Message, told_by
from simulator.run import FUNCTION
from tests.acceptance.conftest import Scene
from tests.acceptance.plays.playing import Play
from tests.infrastructure.event_bridge import filled_in, matches


@dataclass
class Bus:
    """EventBridge with its transformer, which the embedded one lacks: each event on the bus is taken once."""

    scene: Scene
    taken: int = field(default=0)

    def __post_init__(self) -> None:
        self.taken = len(self.scene.world.events)

    def new(self, source: str) -> list[dict[str, Any]]:
        events = self.scene.world.events[self.taken :]
        self.taken = len(self.scene.world.events)
        return [
            {"source": source, "detail-type": event.detail_type, "detail": event.detail}
            for event in events
            if event.source == source
        ]


def delivers(scene: Scene, bus: Bus, spoil: Callable[[str], str] = str) -> Play:
    """What the rule's target gets, in the queue."""
    run = scene.stage.run

    def play() -> None:
        events, sqs = scene.world.client("events", FUNCTION), scene.world.client("sqs", FUNCTION)
        for event in bus.new(run.probe("events")):
            [target] = events.list_targets_by_rule(Rule=run.probe("transformed"))["Targets"]
            rewritten = target["InputTransformer"]
            text = filled_in(rewritten["InputPathsMap"], rewritten["InputTemplate"], event)
            url = sqs.get_queue_url(QueueName=target["Arn"].rpartition(":")[2])["QueueUrl"]
            sqs.send_message(QueueUrl=url, MessageBody=spoil(text))

    return play


def topic(scene: Scene) -> str:
    [stack] = scene.world.client("cloudformation").describe_stacks(StackName=f"{scene.stage.run.prefix}-foundation")[
        "Stacks"
    ]
    return str(stack["Outputs"][0]["OutputValue"])


def told_of_drift(stack_prefix: str) -> Message:
    """What the people of a deployment are told of a vault that drifted."""
    return next(message for message in told_by(stack_prefix) if message.name == "VaultDriftDetected")


def publishes(scene: Scene, bus: Bus) -> Play:
    """What the watch stack's rule sends to the topic."""
    message = told_of_drift(scene.stage.run.prefix)

    def play() -> None:
        for event in bus.new(names.EVENT_SOURCE):
            if matches(message.pattern, event):
                text = filled_in(message.fields, message.plain, event)
                scene.world.client("sns", FUNCTION).publish(TopicArn=topic(scene), Message=text)

    return play


def alarms(scene: Scene, bus: Bus, *, by_itself: bool) -> Play:
    """CloudWatch: an alarm that turns tells the topic; by itself only if it is evaluated."""
    name, sns = f"{scene.stage.run.prefix}-watch-VaultDriftDetectedAlarm-1", scene.world.client("sns", FUNCTION)
    cloudwatch = scene.world.client("cloudwatch", FUNCTION)
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        MetricName="TriggeredRules",
        Namespace="AWS/Events",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="quiet")
    told: list[str] = []
    pattern = told_of_drift(scene.stage.run.prefix).pattern

    def play() -> None:
        happened = any(matches(pattern, event) for event in bus.new(names.EVENT_SOURCE)) and by_itself
        pushed = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"] == "ALARM"
        if (happened or pushed) and not told:
            told.append(name)
            sns.publish(TopicArn=topic(scene), Message=json.dumps({"AlarmName": name, "NewStateValue": "ALARM"}))

    return play
