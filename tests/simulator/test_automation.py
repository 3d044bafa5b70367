"""Schedules, rules and asynchronous invocations as virtual time passes: what is invoked, when, how often, with what."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from simulator.automation import Automation
from simulator.corrections.rule_targets import CORRECTION
from simulator.functions import FunctionCrashed
from simulator.world import World

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
PATTERN = json.dumps({"source": ["tests"], "detail-type": ["Something"]})


@pytest.fixture
def aws(world: World) -> Iterator[Automation]:
    world.clock.stand_still(NOON)
    with Automation(world) as automation:
        yield automation


@pytest.fixture
def seen(world: World) -> list[tuple[datetime, Any]]:
    """A function `f` that notes when it was invoked, and with what."""
    noted: list[tuple[datetime, Any]] = []
    world.deploy("f", lambda event, _context: noted.append((world.clock.now(), event)))
    return noted


def scheduled(world: World, expression: str, name: str = "hourly", **more: Any) -> Any:
    """A schedule of `f`."""
    arn, role = f"{world.functions.arn_prefix}f", "arn:aws:iam::123456789012:role/scheduler"
    described = {
        "Name": name,
        "ScheduleExpression": expression,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": arn, "RoleArn": role, "Input": json.dumps({"of": name})},
        **more,
    }
    world.client("scheduler").create_schedule(**described)
    return described


def ruled(world: World, **target: Any) -> None:
    """A rule that hands what matches to `f`."""
    world.client("events").put_rule(Name="rule", EventPattern=PATTERN)
    aim = {"Id": "1", "Arn": f"{world.functions.arn_prefix}f", **target}
    world.client("events").put_targets(Rule="rule", Targets=[aim])


def put(world: World, **more: Any) -> Any:
    entry = {"Source": "tests", "DetailType": "Something", "Detail": json.dumps({"gen": 1}), **more}
    return world.client("events").put_events(Entries=[entry])


def hours_of(noted: list[tuple[datetime, Any]]) -> list[float]:
    return [(at - NOON) / timedelta(hours=1) for at, _ in noted]


def failing(world: World, *errors: BaseException | None) -> list[datetime]:
    """`f` meets these in turn; when it was invoked."""
    times: list[datetime] = []

    def handler(event: Any, _context: Any) -> str:
        error = errors[len(times)]
        times.append(world.clock.now())
        event["touched"] = True
        if error is not None:
            raise error
        return "done"

    world.deploy("f", handler)
    return times


# Schedules.


def test_a_rate_fires_at_once_and_then_at_each_period(world: World, aws: Automation, seen: Any) -> None:
    scheduled(world, "rate(1 hour)")
    aws.pass_time(hours=3)
    assert hours_of(seen) == [0, 1, 2, 3]
    assert {json.dumps(event) for _, event in seen} == {'{"of": "hourly"}'}
    assert world.clock.now() == NOON + timedelta(hours=3)


@pytest.mark.parametrize(
    ("expression", "hours", "times"), [("rate(15 minutes)", 1, 5), ("rate(1 minute)", 0.5, 31), ("rate(2 days)", 95, 2)]
)
def test_rates_are_in_minutes_hours_and_days(
    world: World, aws: Automation, seen: Any, expression: str, hours: float, times: int
) -> None:
    scheduled(world, expression)
    aws.pass_time(hours=hours)
    assert len(seen) == times


def test_an_occurrence_comes_once_however_time_is_cut(world: World, aws: Automation, seen: Any) -> None:
    scheduled(world, "rate(1 hour)")
    for _ in range(12):
        aws.pass_time(minutes=15)
        aws.pass_time()
    assert hours_of(seen) == [0, 1, 2, 3]


def test_two_schedules_fire_in_the_order_of_time(world: World, aws: Automation, seen: Any) -> None:
    scheduled(world, "rate(45 minutes)", "slow")
    scheduled(world, "rate(30 minutes)", "fast")
    aws.pass_time(minutes=75)
    assert [(event["of"], hours * 60) for (_, event), hours in zip(seen, hours_of(seen), strict=True)] == [
        ("slow", 0), ("fast", 0), ("fast", 30), ("slow", 45), ("fast", 60),
    ]  # fmt: skip


def test_a_disabled_schedule_rests_and_counts_anew_when_it_is_enabled(world: World, aws: Automation, seen: Any) -> None:
    described = scheduled(world, "rate(1 hour)")
    aws.pass_time(hours=1.25)
    world.client("scheduler").update_schedule(**described, State="DISABLED")
    aws.pass_time(hours=10)
    world.client("scheduler").update_schedule(**described, State="ENABLED")
    aws.pass_time(hours=1)
    assert hours_of(seen) == [0, 1, 11.25, 12.25]


def test_a_deleted_schedule_fires_no_more(world: World, aws: Automation, seen: Any) -> None:
    scheduled(world, "rate(1 hour)")
    aws.pass_time(hours=1)
    world.client("scheduler").delete_schedule(Name="hourly")
    aws.pass_time(hours=5)
    assert hours_of(seen) == [0, 1]


def test_what_was_due_while_somebody_else_moved_the_clock_comes_late_and_not_never(
    world: World, aws: Automation, seen: Any
) -> None:
    scheduled(world, "rate(1 hour)")
    world.clock.advance(2.5 * 3600)
    aws.pass_time(hours=1)
    assert hours_of(seen) == [2.5, 2.5, 2.5, 3]


@pytest.mark.parametrize(
    ("expression", "more", "finding"),
    [
        ("cron(0 * * * ? *)", {}, "cron"),
        ("at(2026-05-01T13:00:00)", {}, "at"),
        ("rate(1 hour)", {"FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5}}, "window"),
        ("rate(1 hour)", {"EndDate": NOON + timedelta(days=1)}, "end date"),
        ("rate(1 hour)", {"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:secretsmanager:rotateSecret", "RoleArn": "arn:aws:iam::123456789012:role/r", "Input": "{}"}}, "target"),
        ("rate(1 hour)", {"Target": {"Arn": "arn:aws:lambda:eu-central-1:123456789012:function:f", "RoleArn": "arn:aws:iam::123456789012:role/r"}}, "input"),
    ],
)  # fmt: skip
def test_a_schedule_that_is_not_played_is_refused_and_not_left_out(
    world: World, aws: Automation, expression: str, more: dict[str, Any], finding: str
) -> None:
    scheduled(world, expression, **more)
    with pytest.raises(NotImplementedError, match=finding):
        aws.pass_time(hours=1)


def test_real_time_is_not_passed(world: World) -> None:
    with Automation(world) as aws, pytest.raises(RuntimeError, match="virtual"):
        aws.pass_time(hours=1)


# Rules.


def test_a_matching_event_reaches_the_function_in_its_envelope_when_time_goes_on(
    world: World, aws: Automation, seen: Any
) -> None:
    ruled(world)
    answer = put(world, Resources=["arn:aws:s3:::b"])
    assert seen == []
    aws.pass_time()
    [(_, event)] = seen
    assert event == {
        "version": "0",
        "id": answer["Entries"][0]["EventId"],
        "detail-type": "Something",
        "source": "tests",
        "account": world.account_id,
        "time": "2026-05-01T12:00:00Z",
        "region": world.region,
        "resources": ["arn:aws:s3:::b"],
        "detail": {"gen": 1},
    }


def test_what_does_not_match_reaches_nobody(world: World, aws: Automation, seen: Any) -> None:
    ruled(world)
    put(world, DetailType="Something Else")
    put(world, Source="others")
    aws.pass_time(hours=1)
    assert seen == []


def test_a_disabled_rule_reaches_nobody(world: World, aws: Automation, seen: Any) -> None:
    ruled(world)
    world.client("events").disable_rule(Name="rule")
    put(world)
    aws.pass_time(hours=1)
    assert seen == []


def test_an_event_that_a_function_puts_on_the_bus_is_handed_on_at_the_same_moment(
    world: World, aws: Automation, seen: Any
) -> None:
    ruled(world)
    world.deploy("puts", lambda *_: put(world) and None)
    role = "arn:aws:iam::123456789012:role/scheduler"
    target = {"Arn": f"{world.functions.arn_prefix}puts", "RoleArn": role, "Input": "{}"}
    scheduled(world, "rate(1 hour)", Target=target)
    aws.pass_time(hours=1)
    assert hours_of(seen) == [0, 1]
    assert [delivery.function for delivery in aws.deliveries] == ["puts", "f", "puts", "f"]


def test_a_target_that_rewrites_the_event_is_refused(world: World, aws: Automation, seen: Any) -> None:
    ruled(world, Input="{}")
    with pytest.raises(NotImplementedError, match="own input"):
        put(world)


def test_outside_of_the_block_an_event_leads_to_nothing(world: World, seen: Any) -> None:
    world.clock.stand_still(NOON)
    ruled(world)
    put(world)
    with Automation(world) as aws:
        aws.pass_time(hours=1)
    assert seen == []


def test_moto_refuses_every_event_for_which_a_rule_has_a_function(world: World, aws: Automation, without: Any) -> None:
    ruled(world)
    with without(CORRECTION), pytest.raises(NotImplementedError):
        put(world)


# Asynchronous invocations.


def test_a_function_that_fails_is_tried_again_after_one_and_after_two_minutes_and_then_no_more(
    world: World, aws: Automation
) -> None:
    times = failing(world, ValueError("1"), FunctionCrashed("2"), ValueError("3"))
    ruled(world)
    put(world)
    aws.pass_time(hours=1)
    assert [(at - NOON).total_seconds() for at in times] == [0, 60, 180]
    assert [(d.attempt, type(d.error)) for d in aws.deliveries] == [
        (1, ValueError),
        (2, FunctionCrashed),
        (3, ValueError),
    ]


def test_a_try_that_succeeds_is_the_last_and_gets_the_event_as_it_was(world: World, aws: Automation) -> None:
    times = failing(world, ValueError("once"), None)
    ruled(world)
    put(world)
    aws.pass_time(hours=1)
    assert len(times) == 2
    first, second = aws.deliveries
    assert first.event == second.event
    assert "touched" not in second.event
    assert (second.returned, second.error) == ("done", None)


def test_a_copy_of_every_event_is_delivered_where_that_is_asked_for(world: World, aws: Automation, seen: Any) -> None:
    aws.queue.copies = 2
    ruled(world)
    put(world)
    scheduled(world, "rate(1 hour)")
    aws.pass_time(hours=1)
    assert hours_of(seen) == [0, 0, 0, 0, 1, 1]


def test_whoever_watches_hears_of_each_invocation_as_it_ends(world: World, aws: Automation, seen: Any) -> None:
    heard: list[tuple[str, int]] = []
    aws.after_each = lambda delivery: heard.append((delivery.function, len(seen)))
    scheduled(world, "rate(1 hour)")
    aws.pass_time(hours=1)
    assert heard == [("f", 1), ("f", 2)]


def test_a_function_that_sleeps_does_not_turn_time_back(world: World, aws: Automation) -> None:
    world.deploy("f", lambda *_: time.sleep(5400))
    scheduled(world, "rate(1 hour)")
    aws.pass_time(hours=2)
    assert [(delivery.at - NOON) / timedelta(hours=1) for delivery in aws.deliveries] == [0, 1.5, 3]
    assert world.clock.now() == NOON + timedelta(hours=4.5)
