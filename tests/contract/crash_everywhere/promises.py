"""What holds whatever happened to a rotation: at every moment, and once the service has completed it.

Nothing here knows how a rotation works, only what it promises to the people who use the vault.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from simulator.application import Booted, boot, pull
from simulator.rotation_records import Outcome, RotationRecord
from simulator.vault_bytes import BootError
from tests.contract.crash_everywhere.rotations import Rotation
from tests.contract.glance import Glance, SecretSeen, Side, glance
from tests.contract.passphrase_rotation import audit_rows, cli_root, key_of, logged_audit_rows, pointers
from tests.contract.secret_versions import BLOB_MAGIC, blob_text, encoded

# A blob's two credential fields, and those of a plain pair, each with its spelling in a blob.
SPELLINGS: Final = {
    "accessKeyId": "accessKeyId",
    "secretAccessKey": "secretAccessKey",
    "AWS_ACCESS_KEY_ID": "accessKeyId",
    "AWS_SECRET_ACCESS_KEY": "secretAccessKey",
}
START: Final[Mapping[str, Callable[[Rotation, str, str], Booted]]] = {
    "cli": lambda rotation, config, passphrase: pull(config, passphrase, cli_root(rotation.vault)),
    "runtime": lambda _, config, passphrase: boot(config, passphrase),
}


@dataclass(frozen=True, slots=True)
class Sight:
    """One moment, and what applications that start then get, by layout."""

    seen: Glance = field(repr=False)
    started: Mapping[str, Booted] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Promises:
    """What was so just before the rotation was ordered, and the promises measured against it."""

    rotation: Rotation = field(repr=False)
    keys: frozenset[str]
    objects: Mapping[str, bytes] = field(repr=False)
    rows: int
    version: str

    @classmethod
    def of(cls, rotation: Rotation) -> "Promises":
        """Look at everything that could suffer."""
        return cls(
            rotation,
            keys=frozenset(glance(rotation.vault).keys),
            objects=rotation.vault.objects(),
            rows=len(audit_rows(rotation.vault)),
            version=str(secret_of(rotation, glance(rotation.vault)).holder("AWSCURRENT")),
        )

    def hold_now(self) -> "Sight":
        """Between two attempts, whatever the first one left behind."""
        seen = glance(self.rotation.vault)
        for secret in seen.secrets.values():
            labels = [label for found in secret.labels.values() for label in found]
            assert labels.count("AWSCURRENT") == 1
            assert labels.count("AWSPENDING") <= 1
        self._keys_are_safe(seen)
        return Sight(seen, self.started(seen))

    def _keys_are_safe(self, seen: Glance) -> None:
        statuses = seen.statuses()
        assert len(statuses) <= 2
        to_stay = self.keys - self.rotation.may_delete
        assert to_stay <= statuses.keys(), "a key is gone that had to stay"
        assert {statuses[key] for key in to_stay} <= {"Active"}
        current = key_in_value(config_of(seen))
        assert current is None or statuses[current] == "Active"

    def started(self, seen: Glance) -> Mapping[str, Booted]:
        """An application starts in every layout with the pair of now, and gets the payload it always got.

        In none where there is no key yet: the value is a location.
        """
        started = dict[str, Booted]()
        if key_in_value(config_of(seen)) is None:
            return started
        fields = _fields(config_of(seen))
        pair = {spelt: fields[name] for name, spelt in SPELLINGS.items() if name in fields}
        config = encoded({**_fields(self.rotation.first_config), **pair})
        for layout, before in self.rotation.started.items():
            try:
                started[layout] = START[layout](self.rotation, config, seen.passphrase)
            except BootError:
                assert self._in_the_race_window(), f"AWSCURRENT does not open the {layout} layout"
                pending = str(secret_of(self.rotation, seen).value("AWSPENDING"))
                started[layout] = START[layout](self.rotation, config, pending)
            assert started[layout].payload == before.payload
        return started

    def _in_the_race_window(self) -> bool:
        """A pointer has been swapped and the label has not moved yet: the one unavoidable boundary."""
        keys = set(pointers(self.rotation.vault).values())
        writes = [r for r in self.rotation.world.requests if r.step == "finishSecret"]
        swapped = any(r.operation == "PutObject" and r.status == 200 and key_of(r) in keys for r in writes)
        moved = any(r.operation == "UpdateSecretVersionStage" and r.status == 200 for r in writes)
        return self.rotation.rolls_a_generation and swapped and not moved

    def kept(self, record: RotationRecord) -> None:
        """The service has carried the rotation out, whatever happened on the way."""
        assert (record.outcome, record.message) == (Outcome.SUCCEEDED, None)
        sight = self.hold_now()
        assert sight.started.keys() == self.rotation.started.keys()
        secret = secret_of(self.rotation, sight.seen)
        assert secret.holder("AWSCURRENT") == record.version_id
        assert secret.holder("AWSPREVIOUS") == self.version
        assert secret.holder("AWSPENDING") in {None, record.version_id}
        if self.rotation.rolls_a_generation:
            assert sight.seen.keys.keys() == self.keys
            self.passphrase_completed(sight.started)
        else:
            self._key_completed(sight)
        self._told(record)
        assert self.rotation.world.leaks() == []

    def _told(self, record: RotationRecord) -> None:
        """Rotation Finished is sent; an event is best effort, so it may be lost where the bus took none, and says so."""
        world = self.rotation.world
        told = [event for event in world.events if event.detail_type == "Rotation Finished"]
        assert {event.detail["version_id"] for event in told} <= {record.version_id}
        if not told:
            sent = [r for r in world.requests if r.operation == "PutEvents"]
            assert sent[-1].status != 200
            assert any("event not sent" in line for line in world.log_lines)

    def _key_completed(self, sight: "Sight") -> None:
        """One new key, no orphan, no intent, and nothing else changed in the value or in the vault."""
        rotation, seen = self.rotation, sight.seen
        new = seen.secrets[Side.KEY].value("AWSCURRENT")
        assert new is not None
        assert key_in_value(new) not in self.keys | {None}
        assert seen.keys.keys() == (self.keys - rotation.may_delete) | {key_in_value(new)}, "an orphan is left"
        assert "vsync-rotation:minting" not in seen.user_tags
        assert rotation.vault.objects() == self.objects
        assert _without_pair(new) == _without_pair(str(seen.secrets[Side.KEY].values[self.version]))

    def passphrase_completed(self, found: Mapping[str, Booted]) -> None:
        """The new gen everywhere, one new bundle per layout, every older one still there, the row written once."""
        gen = max(booted.gen for booted in self.rotation.started.values()) + 1
        assert {booted.gen for booted in found.values()} == {gen}
        assert len({booted.timestamp for booted in found.values()}) == 1
        vault = self.rotation.vault
        objects = vault.objects()
        made = {key for key in objects.keys() - self.objects.keys() if key.endswith(".enc") or "/v=" in key}
        assert len(made) == len(found), "more bundles than layouts were made"
        bundles = {key for key in self.objects if key.endswith(".enc") or "/v=" in key}
        assert all(objects[key] == self.objects[key] for key in bundles)
        written = len(audit_rows(vault)) - self.rows
        assert written == 1 or (written == 0 and self._every_append_was_refused(found)), f"{written} audit rows"

    def _every_append_was_refused(self, found: Mapping[str, Booted]) -> bool:
        """Then, and only then, the row is in the log, ready to paste."""
        (timestamp,) = {booted.timestamp for booted in found.values()}
        requests = [
            r for r in self.rotation.world.requests if r.function is not None and key_of(r).endswith("audit.csv")
        ]
        appended = [r for r in requests if r.operation == "PutObject" and r.status == 200]
        return not appended and bool(logged_audit_rows(self.rotation.vault, timestamp))


def secret_of(rotation: Rotation, seen: Glance) -> SecretSeen:
    """The secret that rotates."""
    return seen.secrets[Side.PASSPHRASE if rotation.rolls_a_generation else Side.KEY]


def config_of(seen: Glance) -> str:
    """The value in AWSCURRENT of the secret with the key."""
    value = seen.secrets[Side.KEY].value("AWSCURRENT")
    assert value is not None, "AWSCURRENT has no value"
    return value


def _fields(value: str) -> dict[str, object]:
    fields: dict[str, object] = json.loads(blob_text(value) if value.startswith(BLOB_MAGIC) else value)
    return fields


def key_in_value(value: str) -> str | None:
    """The access key in a blob, or in a plain pair; None in a location."""
    fields = _fields(value)
    key = fields.get("accessKeyId", fields.get("AWS_ACCESS_KEY_ID"))
    return None if key is None else str(key)


def _without_pair(value: str) -> dict[str, object]:
    return {name: found for name, found in _fields(value).items() if name not in SPELLINGS}
