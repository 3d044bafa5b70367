"""A rotation that stays pending or is overdue, of either kind; and a fleet in which one bad secret stops no other."""

from datetime import timedelta
from typing import Any

import pytest
from moto.secretsmanager.models import secretsmanager_backends

from simulator import faults
from simulator.vaults import Layout
from simulator.world import ACCOUNT_ID
from tests.contract.check.conftest import Begin
from tests.contract.check.scene import HOUR, MINUTE, Checked, CheckScene
from tests.contract.passphrase_rotation import operator, pointers
from tests.contract.secret_versions import SecretVersions

STUCK, OVERDUE, WELL = "Rotation Stuck", "Rotation Overdue", "Vault Well Again"


def secret_of(scene: CheckScene, kind: str) -> SecretVersions:
    return scene.secret if kind == "passphrase" else scene.config


def check(scene: CheckScene, kind: str, seconds: float = 15 * MINUTE) -> Checked:
    return scene.checked({"secret_id": secret_of(scene, kind).name}, seconds)


def due(scene: CheckScene, kind: str, hours: float, *, enabled: bool | None = True) -> None:
    """Rotation is configured, and the next one is due in so many hours."""
    secret: Any = secretsmanager_backends[ACCOUNT_ID][scene.world.region].secrets[secret_of(scene, kind).name]
    secret.rotation_requested, secret.rotation_enabled = enabled is not None, bool(enabled)
    secret.next_rotation_date = (scene.world.clock.now() + timedelta(hours=hours)).timestamp()


both_kinds = pytest.mark.parametrize("kind", ["passphrase", "key"])


@both_kinds
def test_a_version_that_is_pending_for_an_hour_is_told_once_and_once_when_it_is_not(begin: Begin, kind: str) -> None:
    scene = begin(Layout.RUNTIME)
    secret = secret_of(scene, kind)
    since = f"{scene.world.clock.now():%Y-%m-%dT%H:%M:%SZ}"
    version = scene.world.begin_rotation(secret.name)
    assert check(scene, kind, HOUR - 1).told() == []
    checked = check(scene, kind, 1)
    detail = checked.detail(STUCK)
    assert (detail["version_id"], detail["pending_since"], detail["secret_name"]) == (version, since, secret.name)
    assert checked.actions() == [("rotation stuck", version)]
    assert check(scene, kind).told() == []
    secret.remove_label("AWSPENDING")
    assert check(scene, kind).told() == [(WELL, "rotation-stuck")]
    assert check(scene, kind).told() == []


@both_kinds
def test_another_version_that_is_stuck_is_told_again(begin: Begin, kind: str) -> None:
    scene = begin(Layout.RUNTIME)
    secret = secret_of(scene, kind)
    scene.world.begin_rotation(secret.name)
    assert (STUCK,) in check(scene, kind, 2 * HOUR).told()
    secret.remove_label("AWSPENDING")
    version = scene.world.begin_rotation(secret.name)
    assert check(scene, kind, MINUTE).told() == [(WELL, "rotation-stuck")]
    assert check(scene, kind, HOUR).detail(STUCK)["version_id"] == version


@both_kinds
def test_a_passed_date_is_told_once_and_once_when_it_is_over(begin: Begin, kind: str) -> None:
    scene = begin(Layout.RUNTIME)
    due(scene, kind, hours=1)
    date = f"{scene.world.clock.now() + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    assert check(scene, kind, HOUR - 1).told() == []
    assert check(scene, kind, 2).detail(OVERDUE)["next_rotation_at"] == date
    assert check(scene, kind).told() == []
    due(scene, kind, hours=24)
    assert check(scene, kind).told() == [(WELL, "rotation-overdue")]
    assert scene.parameter(secret_of(scene, kind).name) is None or kind == "passphrase"


@both_kinds
@pytest.mark.parametrize("enabled", [False, None])
def test_a_date_of_a_rotation_that_is_off_or_was_never_on_counts_only_where_the_service_gives_one(
    begin: Begin, kind: str, enabled: bool | None
) -> None:
    scene = begin(Layout.RUNTIME)
    due(scene, kind, hours=1, enabled=enabled)
    told = check(scene, kind, 2 * HOUR).told()
    assert told == ([] if enabled is False or not _gives_a_date(scene, kind) else [(OVERDUE,)])


def _gives_a_date(scene: CheckScene, kind: str) -> bool:
    secret = secret_of(scene, kind)
    return secret.manager.describe_secret(SecretId=secret.name).get("NextRotationDate") is not None


@both_kinds
def test_a_paused_secret_is_not_overdue_but_may_be_stuck(begin: Begin, kind: str) -> None:
    scene = begin(Layout.RUNTIME)
    secret_of(scene, kind).tag("paused", "on")
    due(scene, kind, hours=1)
    scene.world.begin_rotation(secret_of(scene, kind).name)
    assert check(scene, kind, 2 * HOUR).told() == [(STUCK,)]


@both_kinds
def test_a_secret_without_a_value_or_scheduled_for_deletion_is_left_alone(begin: Begin, kind: str) -> None:
    scene = begin(Layout.RUNTIME)
    secret = secret_of(scene, kind)
    secret.manager.delete_secret(SecretId=secret.name, RecoveryWindowInDays=7)
    assert check(scene, kind).actions() == [("left alone", "the secret is scheduled for deletion")]
    secret.manager.restore_secret(SecretId=secret.name)
    secretsmanager_backends[ACCOUNT_ID][scene.world.region].secrets[secret.name].versions.clear()
    assert check(scene, kind).actions() == [("left alone", "the secret has no value yet")]


def make_secret(scene: CheckScene, name: str, **tags: str) -> None:
    pairs = [{"Key": f"vsync-rotation:{tag.replace('_', '-')}", "Value": value} for tag, value in tags.items()]
    operator("secretsmanager", scene.world).create_secret(Name=name, SecretString="a value of no use", Tags=pairs)


@pytest.mark.parametrize(
    ("tags", "error"),
    [
        ({"kind": "passphrase"}, "ContractError"),
        ({}, "ContractError"),
        ({"kind": "vault-passphrase"}, "SettingsError"),
        ({"kind": "vault-passphrase", "config_secret": "acme web"}, "SettingsError"),
        ({"kind": "vault-passphrase", "config_secret": "not/there"}, "SettingsError"),
        ({"kind": "vault-passphrase", "config_secret": "acme_web/prod/VSYNC_CONFIG", "repair": "all"}, "SettingsError"),
        ({"kind": "vault-passphrase", "config_secret": "odd"}, "BlobError"),
        ({"kind": "iam-access-key", "health:web": "http://web.example"}, "SettingsError"),
    ],
)
def test_a_secret_that_cannot_be_checked_says_why_where_it_was_named(
    begin: Begin, tags: dict[str, str], error: str
) -> None:
    scene = begin(Layout.RUNTIME)
    make_secret(scene, "odd", **tags)
    before = scene.objects()
    checked = scene.checked({"secret_id": "odd"}, MINUTE)
    assert checked.errors() == [error]
    assert (checked.told(), set(checked.writes()) - {"PutParameter"}) == ([], set())
    assert scene.objects() == before


def test_bad_secrets_of_a_fleet_do_not_stop_the_others(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME)
    for number in range(3):
        make_secret(scene, f"bad-{number}", kind="vault-passphrase")
        make_secret(scene, f"odd-{number}", kind="other")
    scene.delete(pointers(scene.vault)["runtime"])
    checked = scene.check_all()
    assert checked.told() == [("Vault Drift Detected", "runtime", "pointer-missing")]
    assert sorted(found["secret"] for found in checked.summary["errors"]) == ["bad-0", "bad-1", "bad-2"]
    assert (checked.summary["served"], checked.summary["not_reached"]) == (5, 0)


def test_an_order_that_is_not_understood_is_refused(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME)
    for order in ({"secret": "acme"}, {"secret_id": 7}, {"secret_id": "a\nb"}, {"revoke": "true"}):
        assert scene.checked(order, 0).errors() == ["ContractError"]  # type: ignore[arg-type]


def test_what_there_is_no_time_for_is_left_to_the_next_runs_which_begin_elsewhere(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME)
    names = [f"plain-{number}" for number in range(10)]
    for secret in (scene.secret, scene.config):
        secret.manager.delete_secret(SecretId=secret.name, RecoveryWindowInDays=7)
    for name in names:
        make_secret(scene, name, kind="iam-access-key", **{"health:web": "https://web.example/health"})
    slowly = faults.afterwards(faults.in_a_function, lambda: scene.world.clock.advance(9))
    reached: set[str] = set()
    for run in range(4):
        with scene.world.watched_by(slowly):
            checked = scene.check_all()
        assert checked.summary["served"] + checked.summary["not_reached"] == len(names) + 2
        assert run > 0 or checked.summary["not_reached"] > 0
        assert checked.errors() == []
        reached |= {name for name in names if scene.parameter(name) is not None}
    assert reached == set(names)
