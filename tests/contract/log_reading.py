"""What a function said and measured in one invocation, from the lines it wrote."""

import json
from typing import Any

from simulator.world import World

Line = dict[str, Any]


def lines_of_last_invocation(world: World) -> list[Line]:
    """Every line of the last invocation; all of them have to be JSON."""
    return [json.loads(line) for line in world.functions.invocations[-1].output]


def said(world: World, **fields: object) -> list[Line]:
    """The log lines of the last invocation that carry these fields."""
    return [
        line
        for line in lines_of_last_invocation(world)
        if "_aws" not in line and all(line.get(name) == value for name, value in fields.items())
    ]


def measured(world: World, metric: str) -> list[tuple[dict[str, str], list[float]]]:
    """The dimensions and values under which the last invocation put the metric, one entry a dimension set."""
    found = []
    for line in lines_of_last_invocation(world):
        if metric not in line or "_aws" not in line:
            continue
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        found += [({name: line[name] for name in names}, line[metric]) for names in directive["Dimensions"]]
    return found
