"""Checks: a healthy fleet, drift healed, a torn rotation completed, pruning, what is stuck, who was never asked."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from simulator.faults import crash_before, fail_inside, operation
from simulator.rotation_records import Outcome
from tests.contract.passphrase_rotation import boots, bundles
from tests.infrastructure.privilege.account import Account
from tests.infrastructure.privilege.key_scenarios import API, OLD, WEB
from tests.infrastructure.privilege.passphrase_scenarios import (
    EDGE,
    LARGE,
    is_without_uploads,
    read_by_reader,
    timestamp_in,
)
from tests.infrastructure.privilege.scenario import Scenario

FOLDER: Final = "check_vaults"
ALL: Final = (WEB, API, OLD, EDGE)
QUARTER_HOUR: Final = 0.25
# Later than any rotation here, and so the pointer of whoever pushes last.
PUSHED: Final = "20260402-000000"


def secrets_of(account: Account, *vaults: str) -> list[str]:
    """Both secrets of each."""
    return [secret for v in vaults for secret in (account.vaults[v].config_secret, account.vaults[v].passphrase_secret)]


def check_each(account: Account, secrets: Iterable[str]) -> None:
    """A run for each secret, as a person begins it; nothing may fail."""
    for secret in secrets:
        summary: Mapping[str, Any] = account.invoke(FOLDER, {"secret_id": secret})
        assert [found for found in summary["outcomes"] if found["action"] == "failed"] == []


def _healthy_fleet(account: Account) -> None:
    """The second run finds everything as it was, which it knows from what the first one remembered."""
    for run in range(2):
        account.hours_later(QUARTER_HOUR)
        summary = account.invoke(FOLDER, {})
        # Four passphrases and three keys.
        assert (run, summary["served"], summary["errors"], summary["outcomes"]) == (run, 7, [], [])
        assert account.world.events == []
    remembered = [account.parameter(f"checked/{account.vaults[vault].passphrase_secret}") for vault in ALL]
    assert all(text and '"seen"' in text for text in remembered)
    second = account.world.functions.invocations[-1].requests
    opened = {request.path for request in second if request.operation == "GetObject"}
    # What another store holds is looked at with the writer's credentials, and as seldom opened.
    assert opened == set()


def torn(account: Account) -> None:
    """The rotation died between the pointers' swap and the label's move, a quarter of an hour ago."""
    with account.world.watched_by(crash_before(operation("secretsmanager:UpdateSecretVersionStage"))):
        for vault in (API, OLD):
            record = account.rotate(account.vaults[vault].passphrase_secret, "rotate_vault_passphrase")
            assert record.outcome is Outcome.FAILED
    account.hours_later(2 * QUARTER_HOUR)


def _torn_rotation(account: Account) -> None:
    check_each(account, [account.vaults[vault].passphrase_secret for vault in (API, OLD)])
    assert len(account.told("Torn Rotation Completed")) == len(account.told("Rotation Finished")) == 2
    assert all(boots(account.vaults[vault]) for vault in (API, OLD))


def stale_push(account: Account) -> None:
    """A laptop that missed the rotation pushed to both layouts."""
    account.key_rotated(WEB)
    made = account.vaults[WEB]
    account.passphrase_rotated(WEB)
    account.hours_later(24 * 31)
    made.laptop.publish(PUSHED, {"GREETING": "pushed"})
    made.laptop.push(PUSHED, {"infra/vault/prod/.env.prod": b"GREETING=pushed\n"})


def _healing(account: Account) -> None:
    made = account.vaults[WEB]
    account.invoke(FOLDER, {"secret_id": made.passphrase_secret})
    assert len(account.told("Vault Drift Detected")) == len(account.told("Vault Well Again")) == 2
    assert boots(made, layouts=read_by_reader(account, WEB))["runtime"].values == {"GREETING": "pushed"}


def stale_large_push(account: Account) -> None:
    stale_push(account)
    account.vaults[WEB].laptop.publish_payload(PUSHED, LARGE)


def _healing_whose_upload_fails(account: Account) -> None:
    with account.world.watched_by(fail_inside(operation("s3:UploadPart"))):
        account.invoke(FOLDER, {"secret_id": account.vaults[WEB].passphrase_secret})
    is_without_uploads(account, WEB)


def four_rotations(account: Account) -> None:
    """Two days apart; what was before the last two lies there still."""
    account.key_rotated(WEB)
    for _ in range(4):
        account.passphrase_rotated(WEB)
        account.hours_later(48)


def _pruning(account: Account) -> None:
    made = account.vaults[WEB]
    stored = {key for key in made.objects() if "v=" in key or "versions/" in key}
    summary = account.invoke(FOLDER, {"secret_id": made.passphrase_secret})
    gone = {found["reason"].split(" (")[0] for found in summary["outcomes"] if found["action"] == "pruned"}
    assert len(gone) == 6  # three of five, in two layouts
    assert gone == stored - made.objects().keys()
    versions = account.operator("s3").list_object_versions(Bucket=made.bucket)
    left = {item["Key"] for item in (*versions.get("Versions", []), *versions.get("DeleteMarkers", []))}
    assert not left & gone
    live = timestamp_in(made, f"{made.prefix}manifest")
    assert set(bundles(made, live).values()) <= made.objects().keys()


def begun(account: Account) -> list[str]:
    """The secrets whose rotations were begun."""
    return [*secrets_of(account, API, OLD), account.vaults[WEB].config_secret]


def stuck(account: Account) -> None:
    """Rotations that were begun two hours ago and never got a value."""
    for secret in begun(account):
        account.world.begin_rotation(secret)
    account.hours_later(2)


def _stuck_rotations(account: Account) -> None:
    check_each(account, begun(account))
    assert [detail["secret_name"] for detail in account.told("Rotation Stuck")] == begun(account)


def reported_stuck(account: Account) -> None:
    stuck(account)
    check_each(account, begun(account))


def _stuck_rotations_that_are_over(account: Account) -> None:
    """A person gave them up; nothing is left to remember of a key's secret that nobody waits for."""
    manager = account.operator("secretsmanager")
    for secret in begun(account):
        labels = manager.describe_secret(SecretId=secret)["VersionIdsToStages"]
        pending = next(version for version, stages in labels.items() if "AWSPENDING" in stages)
        manager.update_secret_version_stage(SecretId=secret, VersionStage="AWSPENDING", RemoveFromVersionId=pending)
    remembered = f"checked/{account.vaults[OLD].config_secret}"
    assert account.parameter(remembered) is not None
    check_each(account, begun(account))
    assert len(account.told("Vault Well Again")) == len(begun(account))
    assert account.parameter(remembered) is None


def promoted(account: Account) -> None:
    """Both values were rotated and a check has seen it; the events of it were lost."""
    account.key_rotated(WEB)
    account.passphrase_rotated(WEB)
    account.hours_later(QUARTER_HOUR)
    check_each(account, secrets_of(account, WEB))
    account.hours_later(QUARTER_HOUR)


def _consumers_that_were_never_asked(account: Account) -> None:
    secrets = secrets_of(account, WEB)
    check_each(account, secrets)
    assert [detail["secret_name"] for detail in account.told("Rotation Finished")] == secrets


SCENARIOS: Final = (
    Scenario("healthy fleet", _healthy_fleet),
    Scenario("torn rotation", _torn_rotation, torn),
    Scenario("healing", _healing, stale_push),
    Scenario("healing whose upload fails", _healing_whose_upload_fails, stale_large_push),
    Scenario("pruning", _pruning, four_rotations),
    Scenario("stuck rotations", _stuck_rotations, stuck),
    Scenario("stuck rotations that are over", _stuck_rotations_that_are_over, reported_stuck),
    Scenario("consumers that were never asked", _consumers_that_were_never_asked, promoted),
)
