"""What people do to a vault by hand: each a deed with the promises it may break.

A deed for which there is nothing at hand (no pending version, no second key) does nothing.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Final, Literal

from botocore.exceptions import ClientError

from simulator.laptop import zip_of
from simulator.vaults import Vault
from tests.contract.glance import Glance, Side
from tests.contract.iam_account import IamAccount, instant
from tests.contract.passphrase_rotation import audit_key, cells, pointers, put
from tests.contract.secret_versions import SecretVersions
from tests.contract.whole_world.promises import CELLS_AGREE, KEY_WORKS, Promise, all_of_passphrase, opens

KeyRole = Literal["current", "pending", "previous", "other"]
LABEL_OF: Final[Mapping[str, str]] = {"current": "AWSCURRENT", "pending": "AWSPENDING", "previous": "AWSPREVIOUS"}
NOBODY: Final = "somebody-without-keys"


@dataclass(slots=True)
class Scene:
    """What people see of the vault, and what they know besides.

    Attributes:
        pushed: the payload that was pushed last, by layout.
        pushes: how many there were.
    """

    vault: Vault
    seen: Glance
    pushed: dict[str, bytes]
    pushes: int = 0

    @property
    def account(self) -> IamAccount:
        return IamAccount(self.vault.world, self.vault.iam_user)

    def secret(self, side: Side) -> SecretVersions:
        name = self.vault.config_secret if side is Side.KEY else self.vault.passphrase_secret
        return SecretVersions(self.vault.world, name)

    def key_as(self, role: KeyRole) -> str | None:
        """The key id with this role, if there is one and it exists; `other`: neither in AWSCURRENT nor AWSPENDING."""
        if role == "other":
            taken = {self.seen.key_in("AWSCURRENT"), self.seen.key_in("AWSPENDING")}
            return next((key for key in self.seen.keys if key not in taken), None)
        key_id = self.seen.key_in(LABEL_OF[role])
        return key_id if key_id in self.seen.keys else None


class Deed(ABC):
    """One thing a person does."""

    @abstractmethod
    def do(self, scene: Scene) -> None:
        """Do it, with the operator's credentials."""

    def may_break(self, scene: Scene) -> frozenset[Promise]:
        """The promises it may break, judged before it is done."""
        return frozenset()


def _half(side: Side, scene: Scene) -> frozenset[Promise]:
    return frozenset({KEY_WORKS}) if side is Side.KEY else all_of_passphrase(scene.vault)


@dataclass(frozen=True, slots=True)
class MovesCurrentBack(Deed):
    """UpdateSecretVersionStage: AWSCURRENT to the version that holds AWSPREVIOUS."""

    side: Side

    def do(self, scene: Scene) -> None:
        secret = scene.seen.secrets[self.side]
        previous = secret.holder("AWSPREVIOUS")
        if previous is not None:
            _move_current(scene, self.side, previous)

    def may_break(self, scene: Scene) -> frozenset[Promise]:
        return _half(self.side, scene)


def _move_current(scene: Scene, side: Side, to: str) -> None:
    secret = scene.secret(side)
    secret.manager.update_secret_version_stage(
        SecretId=secret.name,
        VersionStage="AWSCURRENT",
        MoveToVersionId=to,
        RemoveFromVersionId=scene.seen.secrets[side].holder("AWSCURRENT"),
    )


@dataclass(frozen=True, slots=True)
class StoresValue(Deed):
    """PutSecretValue: the value of now, of AWSPREVIOUS, or of the very first version, as a new AWSCURRENT."""

    side: Side
    which: Literal["same", "previous", "first"]

    def do(self, scene: Scene) -> None:
        secret = scene.seen.secrets[self.side]
        values = {
            "same": secret.value("AWSCURRENT"),
            "previous": secret.value("AWSPREVIOUS"),
            "first": next(filter(None, secret.values.values())),
        }
        value = values[self.which]
        if value is not None:
            scene.secret(self.side).set_current(value)

    def may_break(self, scene: Scene) -> frozenset[Promise]:
        return frozenset() if self.which == "same" else _half(self.side, scene)


@dataclass(frozen=True, slots=True)
class ClearsPending(Deed):
    """Takes AWSPENDING off whatever version holds it."""

    side: Side

    def do(self, scene: Scene) -> None:
        if scene.seen.secrets[self.side].holder("AWSPENDING") is not None:
            scene.secret(self.side).remove_label("AWSPENDING")


@dataclass(frozen=True, slots=True)
class CancelsRotation(Deed):
    """CancelRotateSecret: rotation off, AWSPENDING wherever it is."""

    side: Side

    def do(self, scene: Scene) -> None:
        secret = scene.secret(self.side)
        try:
            secret.manager.cancel_rotate_secret(SecretId=secret.name)
        except ClientError as refusal:  # nothing was ever ordered, so that there is nothing to cancel
            if refusal.response["Error"]["Code"] != "InvalidRequestException":
                raise


@dataclass(frozen=True, slots=True)
class EditsSecretTag(Deed):
    """Sets one of our tags on a secret, or with None removes it. `tag` without its prefix."""

    side: Side
    tag: str
    value: str | None

    def do(self, scene: Scene) -> None:
        secret = scene.secret(self.side)
        if self.value is None:
            secret.untag(self.tag)
        else:
            secret.tag(self.tag, self.value)


@dataclass(frozen=True, slots=True)
class EditsUserTag(Deed):
    """Garbles or removes one of the tags that a rotation left on the user."""

    tag: Literal["minting", "made:", "superseded-at:", "deactivated-at:"]
    role: KeyRole
    value: str | None

    def do(self, scene: Scene) -> None:
        name = self.name(scene)
        if name is None or f"vsync-rotation:{name}" not in scene.seen.user_tags:
            return
        if self.value is None:
            scene.account.untag(name)
        else:
            scene.account.tag(name, self.value)

    def name(self, scene: Scene) -> str | None:
        """The tag's name without its prefix, None where the key it is of does not exist."""
        if self.tag == "minting":
            return self.tag
        key_id = scene.key_as(self.role)
        return None if key_id is None else self.tag + key_id


@dataclass(frozen=True, slots=True)
class TreatsKey(Deed):
    """Deactivates, activates or deletes a key by hand."""

    role: KeyRole
    treatment: Literal["deactivates", "activates", "deletes"]

    def do(self, scene: Scene) -> None:
        key_id = scene.key_as(self.role)
        if key_id is None:
            return
        match self.treatment:
            case "deactivates":
                scene.account.set_status(key_id, "Inactive")
            case "activates":
                scene.account.set_status(key_id, "Active")
            case "deletes":
                scene.account.delete_key(key_id)

    def may_break(self, scene: Scene) -> frozenset[Promise]:
        hits = scene.key_as(self.role) == scene.seen.key_in("AWSCURRENT")
        return frozenset({KEY_WORKS}) if hits and self.treatment != "activates" else frozenset()


@dataclass(frozen=True, slots=True)
class RetiresSuperseded(Deed):
    """The documented end of a superseded key: deleted, marked as revoked, or made Inactive with the time on record."""

    how: Literal["deletes", "revokes", "deactivates"]

    def do(self, scene: Scene) -> None:
        key_id = scene.key_as("other")
        if key_id is None or f"vsync-rotation:superseded-at:{key_id}" not in scene.seen.user_tags:
            return
        match self.how:
            case "deletes":
                scene.account.delete_key(key_id)
            case "revokes":
                scene.account.set_status(key_id, "Inactive")
                scene.account.tag(f"revoked-at:{key_id}", instant(scene.vault.world))
            case "deactivates":
                scene.account.deactivated(key_id)


@dataclass(frozen=True, slots=True)
class MakesKey(Deed):
    """Makes a key of their own, where there is a slot."""

    def do(self, scene: Scene) -> None:
        if len(scene.seen.keys) < 2:
            scene.account.add_key()


@dataclass(frozen=True, slots=True)
class DeletesCell(Deed):
    """Deletes a layout's generation cell."""

    layout: Literal["cli", "runtime"]

    def do(self, scene: Scene) -> None:
        key = cells(scene.vault).get(self.layout)
        if key is not None:
            scene.vault.laptop.s3.delete_object(Bucket=scene.vault.bucket, Key=key)

    def may_break(self, scene: Scene) -> frozenset[Promise]:
        return frozenset({CELLS_AGREE})


DAMAGES: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "leaves a quote open": lambda log: log + b'2026-01-01,"',
    "appends Latin-1": lambda log: log + b"2026-01-01,push,,gr\xfcn,,,,,,{}\n",
    "cuts the header": lambda log: b"action," + log[40:],
    "cuts the last line end": lambda log: log.removesuffix(b"\n"),
    "empties it": lambda log: log[:0],
}
HARMLESS: Final = frozenset({"cuts the last line end", "empties it"})


@dataclass(frozen=True, slots=True)
class DamagesLog(Deed):
    """Edits the audit log."""

    how: str

    def do(self, scene: Scene) -> None:
        log = scene.seen.objects.get(audit_key(scene.vault))
        if log is not None:
            put(scene.vault, audit_key(scene.vault), DAMAGES[self.how](log.body))


@dataclass(frozen=True, slots=True)
class Pushes(Deed):
    """A laptop pushes with the passphrase of now or with one it was given earlier; its clock may be off."""

    layouts: tuple[str, ...]
    knows: Literal["current", "previous", "first", "pending"] = "current"
    clock_off_seconds: int = 0

    def do(self, scene: Scene) -> None:
        passphrase = self._passphrase(scene)
        if passphrase is None:
            return
        laptop = scene.vault.laptop_with(passphrase)
        at = (scene.seen.at + timedelta(seconds=self.clock_off_seconds)).astimezone(UTC)
        timestamp = at.strftime("%Y%m%d-%H%M%S")
        scene.pushes += 1
        for layout in self._present(scene):
            payload = payload_of(layout, scene.pushes)
            scene.pushed[layout] = payload
            if layout == "cli":
                laptop.push_payload(timestamp, payload)
            else:
                laptop.publish_payload(timestamp, payload)

    def may_break(self, scene: Scene) -> frozenset[Promise]:
        if self._passphrase(scene) == scene.seen.passphrase:
            return frozenset()
        return frozenset(map(opens, self._present(scene)))

    def _present(self, scene: Scene) -> tuple[str, ...]:
        return tuple(layout for layout in pointers(scene.vault) if layout in self.layouts)

    def _passphrase(self, scene: Scene) -> str | None:
        secret = scene.seen.secrets[Side.PASSPHRASE]
        if self.knows == "first":
            return next(filter(None, secret.values.values()))
        return secret.value({"current": "AWSCURRENT", "previous": "AWSPREVIOUS", "pending": "AWSPENDING"}[self.knows])


def payload_of(layout: str, number: int) -> bytes:
    """The payload of the push with this number."""
    if layout == "cli":
        return zip_of({"infra/vault/prod/.env.prod": f"PUSH={number}\n".encode()})
    return json.dumps({"kv": {"PUSH": str(number)}, "assets": {}}).encode()
