"""Virtual time: everybody sees it, and only sleeping and advancing move it."""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from simulator.world import World

START = datetime(2026, 1, 1, tzinfo=UTC)


def readings() -> tuple[datetime, float, float]:
    return datetime.now(UTC), time.time(), time.monotonic()


def test_time_stands_still_until_it_is_advanced(world: World) -> None:
    world.clock.stand_still(START)
    before = readings()
    assert (readings(), before[0]) == (before, START)
    world.clock.advance(90)
    after = readings()
    assert after[0] - before[0] == timedelta(seconds=90)
    assert (after[1] - before[1], after[2] - before[2]) == (90, 90)


def test_sleeping_moves_time_and_takes_none(world: World) -> None:
    began = time.perf_counter()
    world.clock.stand_still(START)
    time.sleep(3600)
    assert datetime.now(UTC) - START == timedelta(hours=1)
    assert time.perf_counter() - began < 60


def test_a_functions_remaining_time_shrinks_as_it_sleeps(world: World) -> None:
    world.clock.stand_still(START)
    left: list[int] = []

    def handler(_event: object, context: Any) -> None:
        left.append(context.get_remaining_time_in_millis())
        time.sleep(2)
        left.append(context.get_remaining_time_in_millis())
        time.sleep(20)
        left.append(context.get_remaining_time_in_millis())

    world.deploy("f", handler, timeout_seconds=10)
    world.invoke("f", {})
    assert left == [10_000, 8_000, 0]


def test_the_embedded_services_live_in_the_same_time(world: World) -> None:
    world.clock.stand_still(START)
    world.client("secretsmanager").create_secret(Name="s", SecretString="a value")
    world.clock.advance(60)
    world.client("secretsmanager").put_secret_value(SecretId="s", SecretString="another")
    seen = world.client("secretsmanager").describe_secret(SecretId="s")
    assert (seen["CreatedDate"], seen["LastChangedDate"]) == (START, START + timedelta(minutes=1))


def test_sleeps_of_two_threads_add_up_and_none_is_lost(world: World) -> None:
    world.clock.stand_still(START)

    def sleep_often() -> None:
        for _ in range(200):
            time.sleep(0.5)

    sleepers = [threading.Thread(target=sleep_often) for _ in range(2)]
    for sleeper in sleepers:
        sleeper.start()
    for sleeper in sleepers:
        sleeper.join()
    assert datetime.now(UTC) - START == timedelta(seconds=200)


def test_a_reset_brings_real_time_back(world: World) -> None:
    world.clock.stand_still(START)
    world.reset()
    assert not world.clock.is_virtual
    assert datetime.now(UTC).year > START.year or datetime.now(UTC) > START
    assert time.sleep.__name__ == "sleep"


def test_time_does_not_run_backwards(world: World) -> None:
    world.clock.stand_still(START)
    with pytest.raises(ValueError, match="backwards"):
        world.clock.advance(-1)
