"""A vault, the function that checks it and the one that rotates it, seen as an operator sees them."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from moto.ssm.models import ssm_backends

from simulator.application import Booted
from simulator.exchange import Request
from simulator.rotation_records import RotationRecord
from simulator.vault_bytes import BootError
from simulator.vaults import Vault
from simulator.world import ACCOUNT_ID, World
from tests.contract.passphrase_rotation import (
    audit_rows,
    boots,
    bundles,
    cells,
    event_for,
    operator,
    order,
    picture,
    pointers,
    push_to,
    rotate,
    succeeded,
)
from tests.contract.secret_versions import SecretVersions
from vsync_rotation.errors import RotationError
from vsync_rotation.memory.checks import CheckRecord, checks_name

MINUTE: Final = 60.0
HOUR: Final = 3600.0
# The function's schedule.
BETWEEN_CHECKS: Final = 15 * MINUTE
# Whatever changes a vault, a secret or a memory; an event is none.
WRITES: Final = frozenset(
    {
        "AbortMultipartUpload",
        "CompleteMultipartUpload",
        "CreateMultipartUpload",
        "DeleteObject",
        "DeleteParameter",
        "PutObject",
        "PutParameter",
        "PutSecretValue",
        "TagResource",
        "UpdateSecretVersionStage",
        "UploadPart",
    }
)
NOBODYS_PASSPHRASE: Final = "a-passphrase-that-no-version-holds"
Telling = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """One run: its answer, what it told the bus, and what it asked of AWS."""

    summary: Mapping[str, Any]
    details: Sequence[tuple[str, Mapping[str, Any]]]
    requests: Sequence[Request] = field(repr=False)

    def told(self) -> list[Telling]:
        """Detail type and what it is about, in order of time."""
        return [_telling(kind, detail) for kind, detail in self.details]

    def detail(self, detail_type: str) -> Mapping[str, Any]:
        """The detail of the one event of this type."""
        (found,) = (detail for kind, detail in self.details if kind == detail_type)
        return found

    def operations(self) -> list[str]:
        """What was asked, in order; events left out."""
        return [request.operation for request in self.requests if request.operation != "PutEvents"]

    def writes(self) -> list[str]:
        return [operation for operation in self.operations() if operation in WRITES]

    def actions(self) -> list[tuple[str, str]]:
        """What the summary says."""
        return [(str(found["action"]), str(found["reason"])) for found in self.summary["outcomes"]]

    def errors(self) -> list[str]:
        return [str(found["error"]) for found in self.summary["errors"]]


@dataclass(frozen=True, slots=True)
class CheckScene:
    """`payloads` is what the applications of each layout got when the scene began."""

    vault: Vault
    payloads: Mapping[str, bytes] = field(repr=False)
    check_function: str = "check_vaults"
    rotate_function: str = "rotate_vault_passphrase"

    @property
    def world(self) -> World:
        return self.vault.world

    @property
    def secret(self) -> SecretVersions:
        return SecretVersions(self.world, self.vault.passphrase_secret)

    @property
    def config(self) -> SecretVersions:
        return SecretVersions(self.world, self.vault.config_secret)

    @property
    def previous(self) -> str:
        """The passphrase that laptops which missed the last rotation still have."""
        return self.secret.value("AWSPREVIOUS")

    # What happens.

    def check(self, *, seconds: float = BETWEEN_CHECKS) -> Checked:
        """The next run for this vault, so much later; what fails is in its summary."""
        return self.checked({"secret_id": self.vault.passphrase_secret}, seconds)

    def check_all(self, *, seconds: float = BETWEEN_CHECKS) -> Checked:
        """The next run as its schedule begins it: for every secret of both kinds."""
        return self.checked({}, seconds)

    def checked(self, order: Mapping[str, str], seconds: float) -> Checked:
        """No error that is not of the one family, and no secret in the answer."""
        self.world.clock.advance(seconds)
        events = len(self.world.events)
        summary = self._answer(order)
        invocation = self.world.functions.invocations[-1]
        text = json.dumps(summary)
        assert self.world.secrets.find("summary", text) == []
        assert not [line for line in invocation.output if "unexpected exception" in line]
        details = [(event.detail_type, event.detail) for event in self.world.events[events:]]
        return Checked(summary, details, tuple(invocation.requests))

    def _answer(self, order: Mapping[str, str]) -> Mapping[str, Any]:
        """The function's answer. What it raises, because somebody waits for this one secret, as the fleet's run has it."""
        try:
            answer: Mapping[str, Any] = self.world.invoke(self.check_function, order)
        except RotationError as error:
            failed = {"error": type(error).__name__, "message": str(error)}
            return {"served": 1, "outcomes": [], "errors": [failed]}
        return answer

    def settled(self) -> "CheckScene":
        """With the memory of a check that found the vault well."""
        self.is_well(self.check())
        return self

    def rotated(self) -> RotationRecord:
        """A rotation that has to succeed."""
        return succeeded(rotate(self.vault, self.rotate_function))

    def ordered(self) -> str:
        """RotateSecret; nothing runs yet. Returns the pending version."""
        order(self.vault, self.rotate_function)
        return str(self.secret.holder("AWSPENDING"))

    def staged(self) -> str:
        """A rotation up to its last step. Returns the pending version."""
        version = self.world.begin_rotation(self.vault.passphrase_secret)
        for step in ("createSecret", "setSecret", "testSecret"):
            self.world.invoke(self.rotate_function, event_for(self.vault, step, version))
        return version

    def push(self, timestamp: str, greeting: str, passphrase: str, layouts: Collection[str] | None = None) -> None:
        """A laptop pushes to these layouts, by default to all."""
        for layout in pointers(self.vault) if layouts is None else layouts:
            push_to(self.vault, layout, timestamp, greeting, passphrase)

    def put(self, key: str, body: bytes, **details: Any) -> None:
        self.vault.laptop.s3.put_object(Bucket=self.vault.bucket, Key=key, Body=body, **details)

    def delete(self, key: str) -> None:
        self.vault.laptop.s3.delete_object(Bucket=self.vault.bucket, Key=key)

    def tag(self, **tags: str) -> None:
        """Tags of the passphrase secret; names without prefix, underscores for dashes."""
        for name, value in tags.items():
            self.secret.tag(name.replace("_", "-"), value)

    # What there is to see.

    def is_well(self, checked: Checked) -> None:
        """Nothing was told, nothing failed, nothing was changed but the memory."""
        assert (checked.told(), checked.summary["outcomes"], checked.summary["errors"]) == ([], [], [])
        assert set(checked.writes()) <= {"PutParameter"}

    def is_remembered(self) -> bool:
        """Whether the next check has something to compare with."""
        return self.record().seen is not None

    def record(self) -> CheckRecord:
        return CheckRecord.parse(self.parameter())

    def parameter(self, secret: str | None = None) -> str | None:
        return parameters(self.world).get(checks_name(secret or self.vault.passphrase_secret))

    def remember(self, text: str) -> None:
        """Somebody writes the memory."""
        operator("ssm", self.world).put_parameter(
            Name=checks_name(self.vault.passphrase_secret), Value=text, Type="String", Overwrite=True
        )

    def objects(self) -> dict[str, bytes]:
        return self.vault.objects()

    def timestamps(self) -> dict[str, str]:
        """What each layout's pointer names."""
        found = self.objects()
        return {layout: found[key].decode().removeprefix("RQEM0001") for layout, key in pointers(self.vault).items()}

    def live_bundles(self) -> dict[str, str]:
        """The key of each layout's live bundle."""
        return {layout: bundles(self.vault, at)[layout] for layout, at in self.timestamps().items()}

    def gens(self) -> dict[str, int]:
        """What each layout's cell says; 0 where there is none."""
        found = self.objects()
        return {layout: json.loads(found.get(key, b'{"gen":0}'))["gen"] for layout, key in cells(self.vault).items()}

    def rows(self) -> list[dict[str, str]]:
        return audit_rows(self.vault)

    def opens(self) -> dict[str, Booted]:
        """Every layout, with AWSCURRENT."""
        return boots(self.vault)

    def opens_everywhere(self) -> bool:
        try:
            self.opens()
        except BootError:
            return False
        return True

    def picture(self) -> Any:
        return picture(self.vault)


def parameters(world: World) -> dict[str, str]:
    """Every Systems Manager parameter, read beside the API."""
    return {name: str(found[-1].value) for name, found in ssm_backends[ACCOUNT_ID][world.region]._parameters.items()}


def _telling(kind: str, detail: Mapping[str, Any]) -> Telling:
    about = [detail[name] for name in ("layout", "reason", "consumer") if detail.get(name) is not None]
    return (kind, *map(str, about))
