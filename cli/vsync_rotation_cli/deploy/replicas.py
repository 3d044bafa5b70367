"""Replicas of secrets that an update would delete: applications of their regions read them.

See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RemoveRegionsFromReplication.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vsync_rotation_cli.aws.stacks import Template
from vsync_rotation_cli.deploy.templates import SECRET, named, of_type


@dataclass(frozen=True, slots=True)
class Replica:
    """A copy of a stack's secret in another region. `secret`: how a person finds it."""

    stack: str
    secret: str
    region: str


def leaving(deployed: Mapping[str, Template], planned: Mapping[str, Template]) -> Iterator[Replica]:
    """What is deployed and not planned, in stacks that are."""
    for stack, template in planned.items():
        before = of_type(deployed.get(stack, {}), SECRET)
        for logical_id, secret in of_type(template, SECRET).items():
            for region in sorted(_regions(before.get(logical_id, {})) - _regions(secret)):
                yield Replica(stack, f"{logical_id}{named(secret)}", region)


def _regions(secret: Any) -> set[str]:
    return {replica["Region"] for replica in secret.get("Properties", {}).get("ReplicaRegions", [])}
