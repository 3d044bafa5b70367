"""EventBridge Scheduler, for schedules that are due once."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from simulator.run import FUNCTION
from tests.acceptance.conftest import Scene
from tests.acceptance.plays.playing import Play


def fires(scene: Scene, act: Callable[[dict[str, Any]], object]) -> Play:
    """What is due is done once, and goes."""
    scheduler, name = scene.world.client("scheduler", FUNCTION), scene.stage.run.probe("rotates")

    def play() -> None:
        for found in scheduler.list_schedules(NamePrefix=name)["Schedules"]:
            schedule = scheduler.get_schedule(Name=name, GroupName=found["GroupName"])
            due = datetime.strptime(schedule["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC)
            if scene.clock.now() >= due:
                scheduler.delete_schedule(Name=name, GroupName=found["GroupName"])
                act(schedule["Target"])

    return play


def rotates_by(scene: Scene) -> Callable[[dict[str, Any]], object]:
    def act(target: dict[str, Any]) -> object:
        order = json.loads(target["Input"].replace("<aws.scheduler.execution-id>", "d32c5kddcf5bb8c3"))
        return scene.world.client("secretsmanager", FUNCTION).rotate_secret(**order)

    return act
