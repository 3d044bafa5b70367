"""What questions made for themselves: functions, rules, schedules, queues."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.acceptance.cleanup.ownership import Kind
from tests.acceptance.cleanup.thing import Place, Thing


def functions(place: Place) -> Iterator[Thing]:
    """Functions."""
    lambda_ = place.client("lambda")
    pages = lambda_.get_paginator("list_functions").paginate()
    for name in place.own(Kind.FUNCTION, [found["FunctionName"] for page in pages for found in page["Functions"]]):
        by_hand = place.command(f"lambda delete-function --function-name {name}")
        yield Thing(Kind.FUNCTION, name, by_hand, partial(lambda_.delete_function, FunctionName=name))


def rules(place: Place) -> Iterator[Thing]:
    """Rules of the default bus, with their targets."""
    events = place.client("events")
    for lead in place.leads(Kind.RULE):
        pages = events.get_paginator("list_rules").paginate(NamePrefix=lead)
        for name in place.own(Kind.RULE, [rule["Name"] for page in pages for rule in page["Rules"]]):
            by_hand = place.command(f"events delete-rule --name {name}")
            yield Thing(Kind.RULE, name, by_hand, partial(_delete_rule, events, name))


def schedules(place: Place) -> Iterator[Thing]:
    """Schedules, in whatever group they are."""
    scheduler = place.client("scheduler")
    for lead in place.leads(Kind.SCHEDULE):
        pages = scheduler.get_paginator("list_schedules").paginate(NamePrefix=lead)
        groups = {each["Name"]: each["GroupName"] for page in pages for each in page["Schedules"]}
        for name in place.own(Kind.SCHEDULE, groups):
            by_hand = place.command(f"scheduler delete-schedule --name {name} --group-name {groups[name]}")
            remove = partial(scheduler.delete_schedule, Name=name, GroupName=groups[name])
            yield Thing(Kind.SCHEDULE, name, by_hand, remove)


def queues(place: Place) -> Iterator[Thing]:
    """Queues; what a topic sent them goes with them."""
    sqs = place.client("sqs")
    for lead in place.leads(Kind.QUEUE):
        pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=lead)
        urls = {url.rpartition("/")[2]: url for page in pages for url in page.get("QueueUrls", [])}
        for name in place.own(Kind.QUEUE, urls):
            by_hand = place.command(f"sqs delete-queue --queue-url {urls[name]}")
            yield Thing(Kind.QUEUE, name, by_hand, partial(sqs.delete_queue, QueueUrl=urls[name]))


def _delete_rule(events: Any, name: str) -> None:
    targets = [target["Id"] for target in events.list_targets_by_rule(Rule=name)["Targets"]]
    if targets:
        events.remove_targets(Rule=name, Ids=targets)
    events.delete_rule(Name=name)
