"""Rotation schedules that an update takes away: CloudFormation makes what is new first, then deletes what is old.

Deleting a schedule cancels the rotation of its secret, whoever set it up: also one that was set up a moment before.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from vsync_rotation_cli.aws.stacks import Template
from vsync_rotation_cli.deploy.templates import SCHEDULE, SECRET, exports, of_type

_IN_AN_ARN: Final = ":secret:"
_SUFFIX: Final = re.compile(r"-[A-Za-z0-9]{6}$")


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Vaults that have left the deployment file on purpose, as their schedules' logical ids spell them."""

    slugs: Collection[str] = ()

    def covers(self, logical_id: str) -> bool:
        """Whether the schedule of that logical id is one of theirs."""
        return any(
            re.fullmatch(rf"(Key|Passphrase){re.escape(slug.replace('-', ''))}Rotation", logical_id, re.IGNORECASE)
            for slug in self.slugs
        )


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule where it stands."""

    stack: str
    logical_id: str
    resource: Any

    @property
    def secret_id(self) -> str | None:
        """The secret it names outright, and so may share with somebody else's stack; None where it refers to one."""
        secret = self.resource["Properties"].get("SecretId")
        return secret if isinstance(secret, str) else None


@dataclass(frozen=True, slots=True)
class Schedules:
    """Those that are deployed and those that are planned, by stack name."""

    deployed: Mapping[str, Template]
    planned: Mapping[str, Template]

    def leaving(self) -> Iterator[Schedule]:
        """What its stack will not have any more."""
        for schedule in _all(self.deployed):
            if schedule.logical_id not in of_type(self.planned.get(schedule.stack, {}), SCHEDULE):
                yield schedule

    def violations(self, forgotten: Forgotten) -> Iterator[tuple[str, str]]:
        """The stack and the sentence of everything that must not happen."""
        for schedule in _all(self.deployed):
            planned = [found.stack for found in _all(self.planned) if found.logical_id == schedule.logical_id]
            elsewhere = [stack for stack in planned if stack != schedule.stack]
            if elsewhere:
                yield schedule.stack, _moved(schedule, elsewhere[0])
        for schedule in self.leaving():
            if not any(found.logical_id == schedule.logical_id for found in _all(self.planned)):
                sentence = self._of_leaving(schedule, forgotten)
                if sentence is not None:
                    yield schedule.stack, sentence

    def _of_leaving(self, schedule: Schedule, forgotten: Forgotten) -> str | None:
        where = f"{schedule.stack}: rotation schedule {schedule.logical_id} would go"
        secret = self._secret_of(schedule)
        twin = next((found for found in _all(self.planned) if self._secret_of(found) == secret), None)
        if twin is not None:
            return (
                f"{where} and end the rotation of a secret that is still in the file, as {twin.logical_id} in "
                f"{twin.stack}; keep repo and env of its vault, or first deploy without it (with --forget), then add it"
            )
        if forgotten.covers(schedule.logical_id):
            return None
        return (
            f"{where}, and its secret would never rotate again; put its vault back into the deployment file, or say "
            "--forget <repo>/<env> if that is meant"
        )

    def _secret_of(self, schedule: Schedule) -> str:
        """The secret's name, by which an ARN and a reference to the secret of a stack can be compared."""
        secret = schedule.resource["Properties"].get("SecretId")
        if isinstance(secret, str):
            return _SUFFIX.sub("", secret.partition(_IN_AN_ARN)[2]) if _IN_AN_ARN in secret else secret
        taken = secret.get("Fn::ImportValue") if isinstance(secret, Mapping) else None
        return self._given(taken) if isinstance(taken, str) else json.dumps(secret)

    def _given(self, export: str) -> str:
        """The name of the secret that some stack gives others by this export; the export where that is not known."""
        for template in (*self.deployed.values(), *self.planned.values()):
            value = exports(template).get(export)
            made = (
                of_type(template, SECRET).get(value["Ref"]) if isinstance(value, Mapping) and "Ref" in value else None
            )
            if made is not None and isinstance(made["Properties"].get("Name"), str):
                name: str = made["Properties"]["Name"]
                return name
        return export


def _moved(schedule: Schedule, stack: str) -> str:
    return (
        f"{schedule.stack}: {schedule.logical_id} would move to {stack}, and the old stack would switch off the "
        "rotation that the new one has just set up; set rotation_stack of its vault in the deployment file"
    )


def _all(templates: Mapping[str, Template]) -> Iterator[Schedule]:
    for stack, template in templates.items():
        for logical_id, resource in of_type(template, SCHEDULE).items():
            yield Schedule(stack, logical_id, resource)
