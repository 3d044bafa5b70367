"""The end of superseded keys: deactivated, deleted, revoked."""

from collections.abc import Mapping
from typing import Any, Final

from tests.infrastructure.privilege.account import Account
from tests.infrastructure.privilege.key_scenarios import API, OLD, WEB, set_alarm
from tests.infrastructure.privilege.scenario import Scenario
from vsync_rotation.gates import Gate
from vsync_rotation.memory.checks import CheckRecord, checks_name
from vsync_rotation.memory.restarts import ConsumerRestart, Restarts, RestartState, restarts_name

FOLDER: Final = "retire_iam_access_keys"
CONSUMER: Final = "vsync-rotation:consumer:"


def remember(account: Account, name: str, text: str) -> None:
    """What another function has written."""
    account.operator("ssm").put_parameter(Name=name, Value=text, Type="String", Overwrite=True)


def current_version(account: Account, secret: str) -> str:
    labels = account.operator("secretsmanager").describe_secret(SecretId=secret)["VersionIdsToStages"]
    return next(str(version) for version, stages in labels.items() if "AWSCURRENT" in stages)


def everybody_restarted(account: Account, secret: str) -> None:
    """It is on record for every consumer that the secret's tags name."""
    tags = account.operator("secretsmanager").describe_secret(SecretId=secret)["Tags"]
    now = account.world.clock.now()
    done = {
        tag["Key"].removeprefix(CONSUMER): ConsumerRestart(tag["Value"], RestartState.RESTARTED, now)
        for tag in tags
        if tag["Key"].startswith(CONSUMER)
    }
    remember(account, restarts_name(secret), Restarts(current_version(account, secret), done).encode())


def superseded(account: Account) -> None:
    """The first key's overlap of a day is over, and every consumer has restarted."""
    account.key_rotated(WEB)
    account.key_rotated(WEB)
    everybody_restarted(account, account.vaults[WEB].config_secret)
    account.hours_later(25)


def superseded_keys_elsewhere(account: Account) -> None:
    """Where nobody restarts anything the overlap is a week."""
    for vault in (API, OLD):
        account.key_rotated(vault)
    account.hours_later(24 * 8)


def inactive(account: Account) -> None:
    """The superseded key was deactivated a day ago."""
    superseded(account)
    served(account)
    account.hours_later(25)


def served(account: Account) -> Mapping[str, Any]:
    """One run, as its schedule begins it; nothing may fail."""
    summary: Mapping[str, Any] = account.invoke(FOLDER, {})
    assert (summary["errors"], summary["served"]) == ([], 3)
    return summary


def _other_key(account: Account, vault: str) -> str:
    (other,) = account.keys(account.vaults[vault].iam_user).keys() - {account.key_in(vault)}
    return other


def _deactivation(account: Account) -> None:
    old, user = _other_key(account, WEB), account.vaults[WEB].iam_user
    served(account)
    assert account.keys(user)[old] == "Inactive"
    assert f"deactivated-at:{old}" in account.user_tags(user)
    assert [detail["access_key_id"] for detail in account.told("Key Deactivated")] == [old]


def _deletion(account: Account) -> None:
    set_alarm(account, "OK")
    old, user = _other_key(account, WEB), account.vaults[WEB].iam_user
    served(account)
    assert old not in account.keys(user)
    assert not [tag for tag in account.user_tags(user) if old in tag]
    assert [detail["access_key_id"] for detail in account.told("Key Deleted")] == [old]


def _revocation(account: Account) -> None:
    old, user = _other_key(account, WEB), account.vaults[WEB].iam_user
    account.invoke(FOLDER, {"secret_id": account.vaults[WEB].config_secret, "revoke": True})
    assert account.keys(user)[old] == "Inactive"
    assert f"revoked-at:{old}" in account.user_tags(user)
    assert [detail["access_key_id"] for detail in account.told("Key Deactivated")] == [old]


def _deactivation_past_a_health_gate(account: Account) -> None:
    """The checks have seen that the consumer runs on the new key."""
    made = account.vaults[API]
    gate = Gate(current_version(account, made.config_secret), {}, frozenset({"api"}))
    remember(account, checks_name(made.config_secret), CheckRecord(gate=gate.as_json()).encode())
    old = _other_key(account, API)
    served(account)
    assert account.keys(made.iam_user)[old] == "Inactive"


def _deactivation_of_an_adopted_users_key(account: Account) -> None:
    old = _other_key(account, OLD)
    account.invoke(FOLDER, {"secret_id": account.vaults[OLD].config_secret})
    assert account.keys(account.vaults[OLD].iam_user)[old] == "Inactive"


SCENARIOS: Final = (
    Scenario("deactivation", _deactivation, superseded),
    Scenario("deletion", _deletion, inactive),
    Scenario("revocation", _revocation, superseded),
    Scenario("deactivation past a health gate", _deactivation_past_a_health_gate, superseded_keys_elsewhere),
    Scenario("deactivation of an adopted user's key", _deactivation_of_an_adopted_users_key, superseded_keys_elsewhere),
)
