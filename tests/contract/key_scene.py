"""A secret with an access key, the user that owns the key, and the function that rotates it: one scene per test."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from simulator.application import Booted, boot, pull
from simulator.faults import Choice, Fault
from simulator.rotation_records import Outcome, RotationRecord, StepRecord
from simulator.vaults import FIRST_PASSPHRASE, Layout, Vault, make_vault
from simulator.world import KeyPair, World
from tests.contract.iam_account import IamAccount
from tests.contract.secret_versions import CREDENTIAL_FIELDS, SecretVersions, blob_text, encoded

STEPS: Final = ("createSecret", "setSecret", "testSecret", "finishSecret")
FaultKind = Callable[[Choice], Fault]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a refused rotation must leave as it was."""

    keys: dict[str, str]
    user_tags: dict[str, str]
    labels: dict[str, list[str]]
    values: dict[str, str | bytes | None]
    secret_tags: dict[str, str]
    objects: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class KeyScene:
    """A vault's VSYNC_CONFIG and the function that rotates its key. `first_config` and `first_key`: at the start."""

    world: World
    function: str
    vault: Vault
    account: IamAccount
    secret: SecretVersions
    first_config: str
    first_key: str

    def order(self) -> str:
        """RotateSecret, as an operator or a schedule asks for it. Returns the pending version's id."""
        answer = self.secret.manager.rotate_secret(SecretId=self.secret.name, RotationLambdaARN=self.function)
        return str(answer["VersionId"])

    def run(self) -> RotationRecord:
        """Carry out the one rotation that was ordered."""
        (record,) = self.world.rotation_service.run()
        return record

    def rotate(self) -> RotationRecord:
        self.order()
        return self.run()

    def rotated(self) -> RotationRecord:
        """A rotation that has to succeed."""
        return succeeded(self.rotate())

    def resumed(self) -> RotationRecord:
        """RotateSecret once more: the service refuses, takes the unfinished rotation up again, and it succeeds."""
        self.world.rotation_service.attempts = 5
        unfinished = self.secret.holder("AWSPENDING")
        with pytest.raises(ClientError, match="previous rotation isn't complete"):
            self.order()
        record = succeeded(self.run())
        assert record.version_id == unfinished
        return record

    def rotated_by_retry(self) -> RotationRecord:
        """The rotation that was ordered has to succeed, though not at the first attempt."""
        record = succeeded(self.run())
        assert record.attempts > 1
        return record

    def config_with(self, pair: KeyPair) -> str:
        """The first value with other credentials."""
        members = json.loads(blob_text(self.first_config))
        return encoded({**members, "accessKeyId": pair.access_key_id, "secretAccessKey": pair.secret_access_key})

    def location(self) -> str:
        """The first value without its credentials."""
        members = json.loads(blob_text(self.first_config))
        return json.dumps({name: value for name, value in members.items() if name not in CREDENTIAL_FIELDS})

    def refused(self) -> RotationRecord:
        """A rotation that has to fail at createSecret, every time it is tried, and to change nothing at all."""
        self.world.rotation_service.attempts = (
            2  # the service repeats a refused rotation; twice shows what a repetition does
        )
        self.order()
        before, events = self.snapshot(), len(self.world.events)
        record = self.run()
        assert record.outcome is Outcome.FAILED
        assert {step.step for step in record.steps} == {"createSecret"}
        assert self.snapshot() == before
        told = {event.detail_type for event in self.world.events[events:]}
        assert told == {"Rotation Step Failed"}
        return record

    def begin(self) -> str:
        """A pending version and no order: the test invokes the steps. Returns the version's id."""
        return self.world.begin_rotation(self.secret.name)

    def switch_rotation_on(self) -> None:
        """Rotation on with nothing pending; a test brings a pending version of its own."""
        self.begin()
        self.secret.remove_label("AWSPENDING")

    def step(self, step: str, version_id: str, *, remaining_ms: float | None = None) -> None:
        event = {"Step": step, "SecretId": self.secret.arn, "ClientRequestToken": version_id}
        self.world.invoke(self.function, event, remaining_ms=remaining_ms)

    def failure_of(self, step: str, version_id: str, *, remaining_ms: float | None = None) -> Exception:
        """What the step raises; it has to raise."""
        event = {"Step": step, "SecretId": self.secret.arn, "ClientRequestToken": version_id}
        return failure_of(self.world, self.function, event, remaining_ms=remaining_ms)

    def snapshot(self) -> Snapshot:
        return Snapshot(
            self.account.statuses(),
            self.account.tags(),
            self.secret.labels(),
            self.secret.values(),
            self.secret.tags(),
            self.objects(),
        )

    def objects(self) -> dict[str, bytes]:
        """Every object of the vault's bucket, byte for byte."""
        return self.vault.objects()

    def key_in(self, label: str = "AWSCURRENT") -> str:
        return str(json.loads(blob_text(self.secret.value(label)))["accessKeyId"])

    def boots(self) -> None:
        """An application starts, with the value of now and with the one it may still hold from the start."""
        values = {self.secret.value()}
        if self.account.statuses().get(self.first_key) == "Active":
            values.add(self.first_config)
        for value in values:
            self._start(value, FIRST_PASSPHRASE)

    def _start(self, config: str, passphrase: str) -> Booted:
        return (pull if self.vault.layout is Layout.CLI else boot)(config, passphrase)

    def events(self, detail_type: str) -> list[dict[str, Any]]:
        """The details of the events of this type, in order."""
        return [event.detail for event in self.world.events if event.detail_type == detail_type]

    def count(self, operation: str) -> int:
        """How often any function sent this operation, tries by the SDK included."""
        return len([r for r in self.world.requests if r.operation == operation and r.function is not None])

    def ended_well(self) -> None:
        """The end of every history that succeeds: two live keys, legal labels, clean tags, an unchanged vault."""
        new = self.key_in()
        assert new != self.first_key
        assert self.account.statuses() == {self.first_key: "Active", new: "Active"}
        tags = self.account.tags()
        ours = {f"vsync-rotation:made:{new}", f"vsync-rotation:promoted-at:{new}"}
        assert tags.keys() - ours == {f"vsync-rotation:superseded-at:{self.first_key}"}
        assert self.secret.value("AWSPREVIOUS") == self.first_config
        assert self.secret.holder("AWSPENDING") in {None, self.secret.holder("AWSCURRENT")}
        self.boots()


def key_scene(world: World, function: str, layout: Layout = Layout.RUNTIME, **details: Any) -> KeyScene:
    """A vault made for the test; `details` go to `make_vault`."""
    vault = make_vault(world, layout, **details)
    account = IamAccount(world, vault.iam_user)
    first_key = str(vault.blob()["accessKeyId"])
    return KeyScene(
        world, function, vault, account, SecretVersions(world, vault.config_secret), vault.config(), first_key
    )


def failure_of(world: World, function: str, event: dict[str, str], *, remaining_ms: float | None = None) -> Exception:
    """What the invocation raises; it has to raise."""
    try:
        world.invoke(function, event, remaining_ms=remaining_ms)
    except Exception as error:  # noqa: BLE001 - judged by the class's name, the class itself is not imported here
        return error
    raise AssertionError("nothing was raised")


def succeeded(record: RotationRecord) -> RotationRecord:
    """The record of a rotation that has to have succeeded."""
    assert (record.outcome, record.error, record.message) == (Outcome.SUCCEEDED, None, None)
    return record


def step_of(record: RotationRecord, step: str, attempt: int = 1) -> StepRecord:
    return next(found for found in record.steps if (found.step, found.attempt) == (step, attempt))


def actions(step: StepRecord) -> list[str]:
    return [request.action for request in step.requests]


def log_records(lines: tuple[str, ...] | list[str]) -> list[dict[str, Any]]:
    """The JSON lines among what functions wrote."""
    return [json.loads(line) for line in lines if line.startswith("{")]
