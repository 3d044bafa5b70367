"""What no update may do: replace, rename or remove a secret, user, key, bucket or rotation schedule that is deployed.

Pure: templates go in, sentences come out. CloudFormation itself would do all of it without a word: it replaces what
it finds under another logical id, or with another value of a property that only a new resource can have.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from vsync_rotation_cli.aws.stacks import Template
from vsync_rotation_cli.deploy import replicas
from vsync_rotation_cli.deploy.schedules import Forgotten, Schedules
from vsync_rotation_cli.deploy.templates import (
    PINNED,
    SCHEDULE,
    SECRET,
    Resources,
    exports,
    kind,
    named,
    of_type,
    origin,
    protected,
)

PLANNED: Final = "AWS::Scheduler::Schedule"
# A template with either would write a value over the live one.
_VALUES: Final = ("SecretString", "GenerateSecretString")


@dataclass(frozen=True, slots=True)
class Update:
    """What is deployed and what is about to be, by stack name. A stack that is not in `planned` is left alone."""

    deployed: Mapping[str, Template]
    planned: Mapping[str, Template]

    def violations(
        self, forgotten: Forgotten, dropped: Collection[str] = (), empty: Collection[str] = ()
    ) -> tuple[str, ...]:
        """Everything that must not happen; nothing where the update is harmless.

        `dropped` are regions whose replicas may go, `empty` the names of secrets that have no value yet: nothing is
        encrypted there with any key, and a key that was wrong from the beginning must not stay so.
        """
        of_deployed = (
            *Schedules(self.deployed, self.planned).violations(forgotten),
            *self._replicas(dropped),
            *(
                (stack, sentence)
                for stack, template in self.deployed.items()
                for logical_id, resource in protected(template).items()
                for sentence in self._of_resource(stack, logical_id, resource)
            ),
            *(
                (stack, _rekeyed(stack, logical_id, secret))
                for stack, logical_id, secret in self._rekeyed()
                if _name(secret) not in empty
            ),
        )
        return (
            *self._values(),
            *self._switches(),
            *self._exports(),
            *(f"{sentence}{self._if_renamed(stack)}" for stack, sentence in of_deployed),
        )

    def rekeyed(self) -> tuple[str, ...]:
        """The names of secrets that would get another key."""
        return tuple(name for _, _, secret in self._rekeyed() if (name := _name(secret)) is not None)

    def _rekeyed(self) -> Iterator[tuple[str, str, Any]]:
        for stack, template in self.deployed.items():
            planned = of_type(self.planned.get(stack, {}), SECRET)
            for logical_id, old in of_type(template, SECRET).items():
                if logical_id in planned and _key(old) != _key(planned[logical_id]):
                    yield stack, logical_id, old

    def _of_resource(self, stack: str, logical_id: str, old: Any) -> Iterator[str]:
        new = self._planned_in(stack).get(logical_id)
        if new is None or new["Type"] != old["Type"]:
            if stack in self.planned and old["Type"] != SCHEDULE:
                yield self._gone(stack, logical_id, old)
            return
        yield from _replacements(stack, logical_id, old, new)
        if old.get("DeletionPolicy") == "Retain" and "DeletionPolicy" not in new:
            yield f"{stack}: {kind(old)} {logical_id}{named(old)} would no longer be kept when its stack goes"

    def _planned_in(self, stack: str) -> Resources:
        return protected(self.planned.get(stack, {}))

    def _gone(self, stack: str, logical_id: str, old: Any) -> str:
        where = f"{stack}: {kind(old)} {logical_id}{named(old)}"
        twin = self._twin(stack, old)
        if twin is not None:
            return f"{where} would become {twin}, which CloudFormation takes for another one; keep its logical id"
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

    def _if_renamed(self, stack: str) -> str:
        """What to think of first where another deployment file made the stack."""
        before = origin(self.deployed[stack])
        now = next((name for template in self.planned.values() if (name := origin(template)) is not None), None)
        if before is None or now is None or before == now:
            return ""
        return (
            f"; stack {stack} was last deployed from {before}.toml: if that is another deployment, do none of this and "
            f"choose another stack_prefix in {now}.toml"
        )

    def _replicas(self, dropped: Collection[str]) -> Iterator[tuple[str, str]]:
        for replica in replicas.leaving(self.deployed, self.planned):
            if replica.region not in dropped:
                yield replica.stack, _lost(replica)

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
            kept = exports(self.planned.get(stack, template)).keys()
            for export in sorted(exports(template).keys() - kept):
                takers = [name for name, other in self.deployed.items() if f'"{export}"' in json.dumps(other)]
                takers = [name for name in takers if name != stack]
                if takers:
                    yield (
                        f"{stack}: {takers[0]} still takes {export}, which would go; put back what the deployment file "
                        "had, or deploy that stack without it first"
                    )

    def _values(self) -> Iterator[str]:
        for stack, template in self.planned.items():
            for logical_id, resource in of_type(template, SECRET).items():
                written = [name for name in _VALUES if name in resource.get("Properties", {})]
                if written:
                    yield f"{stack}: secret {logical_id} has {written[0]}, which would be written over the live value"


def _lost(replica: replicas.Replica) -> str:
    return (
        f"{replica.stack}: the replica of secret {replica.secret} in {replica.region} would be deleted, and "
        "applications of that region that read it could not start; put the region back into replica_regions, or say "
        f"--drop-replica {replica.region} if that is meant"
    )


def _replacements(stack: str, logical_id: str, old: Any, new: Any) -> Iterator[str]:
    before, after = old.get("Properties", {}), new.get("Properties", {})
    for name in PINNED[old["Type"]]:
        if before.get(name) != after.get(name):
            yield (
                f"{stack}: {kind(old)} {logical_id}{named(old)} would be replaced: {name} changes from "
                f"{_shown(before.get(name))} to {_shown(after.get(name))}; put back what the deployment file had"
            )


def _identity(resource: Any) -> tuple[Any, ...]:
    """What makes it the same thing to a person; empty where nothing does."""
    properties = resource.get("Properties", {})
    return tuple(properties[name] for name in PINNED[resource["Type"]] if name in properties)


def _rekeyed(stack: str, logical_id: str, secret: Any) -> str:
    return (
        f"{stack}: secret {logical_id}{named(secret)} would be encrypted with another key before the functions' "
        "roles may use it, and nothing could rotate it; put back kms_key in the deployment file"
    )


def _key(secret: Any) -> object:
    return secret.get("Properties", {}).get("KmsKeyId")


def _name(secret: Any) -> str | None:
    name = secret.get("Properties", {}).get("Name")
    return name if isinstance(name, str) else None


def _shown(value: object) -> str:
    return "nothing" if value is None else value if isinstance(value, str) else "another reference"
