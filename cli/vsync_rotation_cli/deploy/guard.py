"""What no update may do: replace, rename or remove a secret, user, key, bucket or rotation schedule that is deployed.

Pure: templates go in, sentences come out. CloudFormation itself would do all of it without a word: it replaces what
it finds under another logical id, or with another value of a property that only a new resource can have.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vsync_rotation_cli.aws.stacks import Template

SECRET: Final = "AWS::SecretsManager::Secret"  # noqa: S105 - the name of a type
USER: Final = "AWS::IAM::User"
KEY: Final = "AWS::KMS::Key"
BUCKET: Final = "AWS::S3::Bucket"
SCHEDULE: Final = "AWS::SecretsManager::RotationSchedule"
PLANNED: Final = "AWS::Scheduler::Schedule"

# What CloudFormation replaces a resource for, by its own schemas, and besides what changes the ARN that others hold.
PINNED: Final[Mapping[str, tuple[str, ...]]] = {
    SECRET: ("Name",),
    USER: ("UserName", "Path"),
    KEY: ("KeySpec", "KeyUsage", "MultiRegion", "Origin"),
    BUCKET: ("BucketName", "BucketNamePrefix", "BucketNamespace"),
    SCHEDULE: ("SecretId",),
}
# A template with either would write a value over the live one.
_VALUES: Final = ("SecretString", "GenerateSecretString")
_NAMES: Final = ("Name", "UserName", "BucketName")

Resources = Mapping[str, Any]


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
class Update:
    """What is deployed and what is about to be, by stack name. A stack that is not in `planned` is left alone."""

    deployed: Mapping[str, Template]
    planned: Mapping[str, Template]

    def violations(self, forgotten: Forgotten) -> tuple[str, ...]:
        """Everything that must not happen; nothing where the update is harmless."""
        return (
            *self._values(),
            *self._switches(),
            *self._exports(),
            *(
                sentence
                for stack, template in self.deployed.items()
                for logical_id, resource in _protected(template).items()
                for sentence in self._of_resource(stack, logical_id, resource, forgotten)
            ),
        )

    def _of_resource(self, stack: str, logical_id: str, old: Any, forgotten: Forgotten) -> Iterator[str]:
        if old["Type"] == SCHEDULE:
            others = [name for name in self._with(logical_id, SCHEDULE) if name != stack]
            if others:
                yield (
                    f"{stack}: {logical_id} would move to {others[0]}, and the old stack would switch off the rotation "
                    f"that the new one has just set up; set rotation_stack of its vault in the deployment file"
                )
                return
        if stack not in self.planned and old["Type"] != SCHEDULE:
            return
        new = self._planned_in(stack).get(logical_id)
        if new is None or new["Type"] != old["Type"]:
            if not (old["Type"] == SCHEDULE and forgotten.covers(logical_id)):
                yield self._gone(stack, logical_id, old)
            return
        yield from _replacements(stack, logical_id, old, new)
        if old.get("DeletionPolicy") == "Retain" and "DeletionPolicy" not in new:
            yield f"{stack}: {_kind(old)} {logical_id}{_named(old)} would no longer be kept when its stack goes"

    def _planned_in(self, stack: str) -> Resources:
        return _protected(self.planned.get(stack, {}))

    def _gone(self, stack: str, logical_id: str, old: Any) -> str:
        where = f"{stack}: {_kind(old)} {logical_id}{_named(old)}"
        twin = self._twin(stack, old)
        if twin is not None:
            return f"{where} would become {twin}, which CloudFormation takes for another one; keep its logical id"
        if old["Type"] == SCHEDULE:
            return (
                f"{where} would go, and its secret would never rotate again; put its vault back into the deployment "
                "file, or say --forget <repo>/<env> if that is meant"
            )
        return f"{where} would leave its stack; put back what the deployment file had, or make it a new vault"

    def _twin(self, stack: str, old: Any) -> str | None:
        """The logical id under which the same thing comes back; None where it does not."""
        identity = _identity(old)
        return next(
            (
                logical_id
                for logical_id, new in self._planned_in(stack).items()
                if identity and (new["Type"], _identity(new)) == (old["Type"], identity)
            ),
            None,
        )

    def _with(self, logical_id: str, kind: str) -> Sequence[str]:
        return [
            name
            for name, template in self.planned.items()
            if _protected(template).get(logical_id, {}).get("Type") == kind
        ]

    def _switches(self) -> Iterator[str]:
        """Deploying must not rotate, and must not switch off what rotates."""
        for stack, template in self.planned.items():
            for logical_id, resource in template.get("Resources", {}).items():
                properties = resource.get("Properties", {})
                if resource["Type"] == SCHEDULE and properties.get("RotateImmediatelyOnUpdate") is not False:
                    yield f"{stack}: {logical_id} would rotate at once: RotateImmediatelyOnUpdate is not false"
                if resource["Type"] == PLANNED and properties.get("State", "ENABLED") != "ENABLED":
                    yield f"{stack}: schedule {logical_id} would be switched off"

    def _exports(self) -> Iterator[str]:
        """What a deployed stack takes of another must go on: CloudFormation would refuse, halfway through."""
        for stack, template in self.deployed.items():
            kept = _exported(self.planned[stack]) if stack in self.planned else _exported(template)
            for export in sorted(_exported(template) - kept):
                takers = [name for name, other in self.deployed.items() if f'"{export}"' in json.dumps(other)]
                takers = [name for name in takers if name != stack]
                if takers:
                    yield (
                        f"{stack}: {takers[0]} still takes {export}, which would go; put back what the deployment file "
                        "had, or deploy that stack without it first"
                    )

    def _values(self) -> Iterator[str]:
        for stack, template in self.planned.items():
            for logical_id, resource in _protected(template).items():
                written = [name for name in _VALUES if name in resource.get("Properties", {})]
                if resource["Type"] == SECRET and written:
                    yield f"{stack}: secret {logical_id} has {written[0]}, which would be written over the live value"


def _exported(template: Template) -> set[str]:
    outputs: Resources = template.get("Outputs", {})
    names = (found.get("Export", {}).get("Name") for found in outputs.values())
    return {name for name in names if isinstance(name, str)}


def _protected(template: Template) -> Resources:
    resources: Resources = template.get("Resources", {})
    return {logical_id: found for logical_id, found in resources.items() if found.get("Type") in PINNED}


def _replacements(stack: str, logical_id: str, old: Any, new: Any) -> Iterator[str]:
    before, after = old.get("Properties", {}), new.get("Properties", {})
    for name in PINNED[old["Type"]]:
        if before.get(name) != after.get(name):
            yield (
                f"{stack}: {_kind(old)} {logical_id}{_named(old)} would be replaced: {name} changes from "
                f"{_shown(before.get(name))} to {_shown(after.get(name))}; put back what the deployment file had"
            )


def _identity(resource: Any) -> tuple[Any, ...]:
    """What makes it the same thing to a person; empty where nothing does."""
    properties = resource.get("Properties", {})
    return tuple(properties[name] for name in PINNED[resource["Type"]] if name in properties)


def _kind(resource: Any) -> str:
    words = {SECRET: "secret", USER: "user", KEY: "KMS key", BUCKET: "bucket", SCHEDULE: "rotation schedule"}
    return words[resource["Type"]]


def _named(resource: Any) -> str:
    properties = resource.get("Properties", {})
    return next((f" ({properties[name]})" for name in _NAMES if isinstance(properties.get(name), str)), "")


def _shown(value: object) -> str:
    return "nothing" if value is None else value if isinstance(value, str) else "another reference"
