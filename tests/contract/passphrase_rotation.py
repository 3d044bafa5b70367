"""Rotating the passphrase of a vault as an operator orders it, and pictures of all that such a rotation may change."""

import csv
import io
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final
from urllib.parse import unquote

from moto.s3.models import FakeKey, s3_backends

from simulator.application import Booted, boot, pull
from simulator.choices import Choice
from simulator.exchange import Request
from simulator.rotation_records import Outcome, RotationRecord
from simulator.vaults import FIRST_PASSPHRASE, Layout, Vault, make_vault
from simulator.world import ACCOUNT_ID, World
from tests.contract.checkpoint import Checkpoint, is_empty, taken

NOON: Final = datetime(2026, 3, 1, 12, 0, 0, 400_000, tzinfo=UTC)
NEW_TIMESTAMP: Final = "20260301-120000"  # of a rotation that begins at NOON
FIRST_CELL: Final = b'{"gen":1,"prev_gen":0,"rotated_at":"2026-03-01T12:00:00.000Z"}'
_META: Final = "x-amz-meta-"
LAYOUTS: Final = tuple(Layout)
HEADER: Final = "ts,action,version_ts,hostname,local_ip,os_user,git_email,vsync_version,bun_version,meta"
# Vaults in an emptied world, by world, layout and details: making one costs ten times what bringing it back does.
_made: Final[dict[tuple[int, Layout, str], tuple[Vault, Checkpoint]]] = {}


def vault_at_noon(world: World, layout: Layout = Layout.BOTH, **details: Any) -> Vault:
    """A vault in a world whose clock stands at NOON.

    The first one of its kind in an empty world is made, and the others are copies of it as it was then.
    """
    world.clock.stand_still(NOON)
    if not is_empty(world):
        return make_vault(world, layout, **details)
    key = id(world), layout, repr(sorted(details.items()))
    if key not in _made:
        _made[key] = make_vault(world, layout, **details), taken(world)
    vault, checkpoint = _made[key]
    checkpoint.bring_back()
    return vault


def numbered_vault(world: World, layout: Layout, number: int) -> Vault:
    """One of many vaults of one test, each with its own bucket, user and secrets."""
    return vault_at_noon(world, layout, repo=f"acme_{number}", bucket=f"vault-{number}")


def order(vault: Vault, function: str, **details: Any) -> None:
    """Ask for a rotation; nothing runs yet."""
    sm = operator("secretsmanager", vault.world)
    sm.rotate_secret(SecretId=vault.passphrase_secret, RotationLambdaARN=function, **details)


def rotate(vault: Vault, function: str) -> RotationRecord:
    """One rotation, with all the service's retries."""
    order(vault, function)
    (record,) = vault.world.rotation_service.run()
    return record


def rotate_once(vault: Vault, function: str) -> RotationRecord:
    """One rotation without retries."""
    vault.world.rotation_service.attempts = 1
    return rotate(vault, function)


def succeeded(record: RotationRecord) -> RotationRecord:
    """The record of a rotation that must have worked."""
    assert record.outcome is Outcome.SUCCEEDED, f"{record.error}: {record.message}"
    return record


@cache
def operator(service: str, world: World) -> Any:
    """The operator's client, kept: making one costs more than most requests."""
    return world.client(service)


def live(vault: Vault, secret: str) -> str:
    """The value of a secret that is AWSCURRENT."""
    sm = operator("secretsmanager", vault.world)
    return str(sm.get_secret_value(SecretId=secret, VersionStage="AWSCURRENT")["SecretString"])


def boots(
    vault: Vault, passphrase: str | None = None, config: str | None = None, layouts: Collection[str] | None = None
) -> dict[str, Booted]:
    """An application starts in every layout the vault has, or in these only; by layout.

    Raises:
        BootError: one of them could not.
    """
    values = (config or live(vault, vault.config_secret), passphrase or live(vault, vault.passphrase_secret))
    wanted = pointers(vault) if layouts is None else layouts
    started: dict[str, Booted] = {}
    if "cli" in wanted:
        started["cli"] = pull(*values, cli_root(vault))
    if "runtime" in wanted:
        started["runtime"] = boot(*values)
    return started


def payloads(vault: Vault) -> dict[str, bytes]:
    """What the applications of each layout get."""
    return {layout: booted.payload for layout, booted in boots(vault).items()}


def cli_root(vault: Vault) -> str:
    """`<repo>/<env>/`, where the CLI keeps its layout."""
    return f"{vault.repo}/{vault.env}/"


def pointers(vault: Vault) -> dict[str, str]:
    """The keys of the pointers the vault has, by layout, in the order of their swaps."""
    keys = {"cli": f"{cli_root(vault)}latest", "runtime": f"{vault.prefix}manifest"}
    return {layout: key for layout, key in keys.items() if vault.layout in {layout, Layout.BOTH}}


def cells(vault: Vault) -> dict[str, str]:
    """The keys of the generation cells the vault should have, by layout."""
    keys = {"cli": f"{cli_root(vault)}latest.manifest", "runtime": f"{vault.prefix}latest.meta"}
    return {layout: key for layout, key in keys.items() if vault.layout in {layout, Layout.BOTH}}


def bundles(vault: Vault, timestamp: str) -> dict[str, str]:
    """The keys of the bundles with this timestamp, by layout."""
    keys = {"cli": f"{cli_root(vault)}versions/{timestamp}.enc", "runtime": f"{vault.prefix}v={timestamp}"}
    return {layout: key for layout, key in keys.items() if vault.layout in {layout, Layout.BOTH}}


def audit_key(vault: Vault) -> str:
    return f"{vault.repo}/{vault.env}/audit.csv"


def audit_rows(vault: Vault) -> list[dict[str, str]]:
    """The rows of the audit file by column; none where there is no file."""
    text = vault.objects().get(audit_key(vault), b"").decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def put(vault: Vault, key: str, body: bytes, **details: Any) -> None:
    """Somebody writes an object."""
    vault.laptop.s3.put_object(Bucket=vault.bucket, Key=key, Body=body, **details)


def push_everywhere(vault: Vault, timestamp: str, greeting: str, passphrase: str = FIRST_PASSPHRASE) -> None:
    """A laptop pushes to every layout the vault has."""
    for layout in pointers(vault):
        push_to(vault, layout, timestamp, greeting, passphrase)


def push_to(vault: Vault, layout: str, timestamp: str, greeting: str, passphrase: str = FIRST_PASSPHRASE) -> None:
    """A laptop pushes to one layout."""
    laptop = vault.laptop_with(passphrase)
    if layout == "cli":
        laptop.push(timestamp, {"infra/vault/prod/.env.prod": f"GREETING={greeting}\n".encode()})
    else:
        laptop.publish(timestamp, {"GREETING": greeting})


def greetings(vault: Vault) -> set[str]:
    """Which greeting the applications of each layout get: one, when all layouts hold the same push."""
    found = boots(vault)
    texts = {f"GREETING={booted.values['GREETING']}\n" for name, booted in found.items() if name == "runtime"}
    texts |= {booted.files["infra/vault/prod/.env.prod"].decode() for name, booted in found.items() if name == "cli"}
    return {text.removeprefix("GREETING=").strip() for text in texts}


def key_of(request: Request) -> str:
    """The object a request is about."""
    return unquote(request.path).removeprefix("/").partition("/")[2]


def putting(key: str) -> Choice:
    """A function's PUT of this object."""
    return lambda request: request.function is not None and request.operation == "PutObject" and key_of(request) == key


def moving_the_label(request: Request) -> bool:
    """A function's move of a staging label."""
    return request.function is not None and request.operation == "UpdateSecretVersionStage"


@dataclass(frozen=True, slots=True)
class Picture:
    """The vault and both secrets at one moment; two are equal when nothing has changed in between.

    Attributes:
        labels: VersionIdsToStages of each secret.
        tags: of each secret.
    """

    labels: Mapping[str, Mapping[str, list[str]]]
    tags: Mapping[str, Any]
    values: Mapping[str, str] = field(repr=False)
    objects: Mapping[str, bytes] = field(repr=False)
    metadata: Mapping[str, Mapping[str, str]]

    def without_version(self, version_id: str) -> "Picture":
        """This picture but for one version that holds nothing but AWSPENDING."""
        labels = {
            secret: {
                version: stages
                for version, stages in versions.items()
                if (version, stages) != (version_id, ["AWSPENDING"])
            }
            for secret, versions in self.labels.items()
        }
        return replace(self, labels=labels)

    def with_objects(self, objects: Mapping[str, bytes]) -> "Picture":
        return replace(self, objects=objects)


def metadata(vault: Vault) -> dict[str, dict[str, str]]:
    """Each object's content type and metadata; read beside the API, where a question per object would be a request."""
    found = s3_backends[ACCOUNT_ID]["aws"].buckets[vault.bucket].keys.values()
    return {key.name: _metadata(key.metadata) for key in found if isinstance(key, FakeKey)}


def _metadata(headers: Mapping[str, str]) -> dict[str, str]:
    given = {name.lower(): text for name, text in headers.items()}
    told = {name.removeprefix(_META): text for name, text in given.items() if name.startswith(_META)}
    return {"ContentType": given.get("content-type", "binary/octet-stream"), **told}


def picture(vault: Vault) -> Picture:
    """The vault and its secrets now."""
    sm = operator("secretsmanager", vault.world)
    secrets = (vault.config_secret, vault.passphrase_secret)
    described = {secret: sm.describe_secret(SecretId=secret) for secret in secrets}
    objects = vault.objects()
    return Picture(
        labels={secret: found["VersionIdsToStages"] for secret, found in described.items()},
        tags={secret: found.get("Tags", []) for secret, found in described.items()},
        values={
            secret: sm.get_secret_value(SecretId=secret, VersionStage="AWSCURRENT")["SecretString"]
            for secret in secrets
        },
        objects=objects,
        metadata=metadata(vault),
    )


def current_version(vault: Vault) -> str:
    """The version of the passphrase that is AWSCURRENT."""
    labels = operator("secretsmanager", vault.world).describe_secret(SecretId=vault.passphrase_secret)[
        "VersionIdsToStages"
    ]
    (version,) = (version for version, stages in labels.items() if "AWSCURRENT" in stages)
    return str(version)


def event_for(vault: Vault, step: str, version_id: str) -> dict[str, str]:
    """What the service sends for one step."""
    arn = operator("secretsmanager", vault.world).describe_secret(SecretId=vault.passphrase_secret)["ARN"]
    return {"Step": step, "SecretId": arn, "ClientRequestToken": version_id}


def logged(vault: Vault) -> list[dict[str, Any]]:
    """What functions wrote, line by line."""
    return [json.loads(line) for line in vault.world.log_lines if line.startswith("{")]


def texts_in(value: Any) -> list[str]:
    """Every text in a log line, however deep."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in inner for text in texts_in(item)]


def logged_audit_rows(vault: Vault, timestamp: str = NEW_TIMESTAMP) -> list[str]:
    """Audit rows that were logged instead of written, ready to paste."""
    texts = [text.strip("\n") for line in logged(vault) for text in texts_in(line)]
    return [text for text in texts if f",rotate,{timestamp}," in text]
