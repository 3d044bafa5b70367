"""Rules of EventBridge that only have a schedule, and the record of events: corrected and as moto has it."""

import json
from typing import Any

from simulator.corrections.scheduled_rules import CORRECTION
from simulator.world import World


def put(world: World, **more: str) -> Any:
    entry = {"Source": "tests", "DetailType": "Something", "Detail": json.dumps({"gen": 1}), **more}
    return world.client("events").put_events(Entries=[entry])


def targeted(world: World, **rule: str) -> Any:
    """A queue that this rule feeds."""
    queues, events = world.client("sqs"), world.client("events")
    url = queues.create_queue(QueueName="q")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="rule", **rule)
    events.put_targets(Rule="rule", Targets=[{"Id": "1", "Arn": arn}])
    return lambda: queues.receive_message(QueueUrl=url).get("Messages", [])


def test_an_event_is_recorded_with_its_parsed_detail(world: World) -> None:
    assert put(world)["FailedEntryCount"] == 0
    assert [(e.source, e.detail_type, e.detail, e.bus) for e in world.events] == [
        ("tests", "Something", {"gen": 1}, "default")
    ]


def test_a_refused_entry_is_not_recorded(world: World) -> None:
    assert put(world, Detail="{not json")["FailedEntryCount"] == 1
    assert world.events == []


def test_a_scheduled_rule_gets_no_event(world: World) -> None:
    messages = targeted(world, ScheduleExpression="rate(1 day)")
    put(world)
    assert messages() == []


def test_moto_sends_a_scheduled_rule_every_event(world: World, without: Any) -> None:
    messages = targeted(world, ScheduleExpression="rate(1 day)")
    with without(CORRECTION):
        put(world)
    assert len(messages()) == 1


def test_a_rule_with_a_pattern_still_gets_what_matches(world: World) -> None:
    messages = targeted(world, EventPattern=json.dumps({"source": ["tests"]}))
    put(world)
    put(world, Source="others")
    assert len(messages()) == 1
