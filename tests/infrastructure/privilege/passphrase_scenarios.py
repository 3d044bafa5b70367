"""Rotations of a passphrase: both layouts, an encrypted bucket, adopted secrets, another store, a large bundle."""

import json
from typing import Final

from simulator.faults import fail_inside, operation
from simulator.rotation_records import Outcome
from simulator.vaults import FIRST_TIMESTAMP, Vault
from tests.contract.passphrase_rotation import audit_rows, boots, pointers
from tests.infrastructure.privilege.account import Account
from tests.infrastructure.privilege.key_scenarios import API, OLD, WEB, with_a_key
from tests.infrastructure.privilege.scenario import Play, Scenario

FOLDER: Final = "rotate_vault_passphrase"
EDGE: Final = "acme_edge/prod"
# More than one part of 5 MiB.
LARGE: Final = json.dumps({"kv": {"GREETING": "x" * (21 << 18)}, "assets": {}}).encode()


def rotation_of(vault: str) -> Play:
    """A whole rotation: what the reader may read opens, every pointer moved, audit row and event are there."""

    def play(account: Account) -> None:
        made = account.vaults[vault]
        first = made.passphrase()
        account.passphrase_rotated(vault)
        assert made.passphrase() != first
        (detail,) = account.told("Rotation Finished")
        assert boots(made, layouts=read_by_reader(account, vault))
        assert {timestamp_in(made, key) for key in pointers(made).values()} == {detail["bundle_ts"]}
        assert (detail["secret_name"], detail["gen"]) == (made.passphrase_secret, 1)
        (row,) = audit_rows(made)
        assert (row["action"], row["version_ts"]) == ("rotate", detail["bundle_ts"])

    return play


def read_by_reader(account: Account, vault: str) -> set[str]:
    """The layouts under the prefix, all that the reader's policy covers."""
    made = account.vaults[vault]
    return {layout for layout, key in pointers(made).items() if key.startswith(made.prefix)}


def timestamp_in(vault: Vault, pointer: str) -> str:
    """Which bundle a pointer names, sealed or bare."""
    return vault.objects()[pointer].decode().removeprefix("RQEM0001")


def pushed_large(account: Account) -> None:
    """The runtime bundle has two parts."""
    made = account.vaults[API]
    made.laptop.publish_payload(FIRST_TIMESTAMP, LARGE)


def _rotation_in_parts(account: Account) -> None:
    account.passphrase_rotated(API)
    made = account.vaults[API]
    assert boots(made, layouts={"runtime"})["runtime"].payload == LARGE


def _upload_that_fails(account: Account) -> None:
    """The upload is broken off, and nothing is left of it that somebody would pay for."""
    made = account.vaults[API]
    with account.world.watched_by(fail_inside(operation("s3:UploadPart"))):
        assert account.rotate(made.passphrase_secret, FOLDER).outcome is Outcome.FAILED
    is_without_uploads(account, API)


def is_without_uploads(account: Account, vault: str) -> None:
    """An upload was begun and is gone."""
    begun = [request for request in account.world.requests if request.operation == "CreateMultipartUpload"]
    left = account.operator("s3").list_multipart_uploads(Bucket=account.vaults[vault].bucket)
    assert begun
    assert left.get("Uploads", []) == []


def _failing_rotation(account: Account) -> None:
    secret = account.vaults[API].passphrase_secret
    account.tag(secret, paused="on")
    assert account.rotate(secret, FOLDER).outcome is Outcome.FAILED
    (detail,) = account.told("Rotation Step Failed")
    assert (detail["secret_name"], detail["error"]) == (secret, "PausedError")


SCENARIOS: Final = (
    Scenario("passphrase rotation of both layouts", rotation_of(WEB), with_a_key),
    Scenario("passphrase rotation of an encrypted vault", rotation_of(API)),
    Scenario("passphrase rotation of adopted secrets", rotation_of(OLD)),
    Scenario("passphrase rotation at another store", rotation_of(EDGE)),
    Scenario("passphrase rotation of a bundle in parts", _rotation_in_parts, pushed_large),
    Scenario("passphrase rotation whose upload fails", _upload_that_fails, pushed_large),
    Scenario("failing passphrase rotation", _failing_rotation),
)
