"""Rotations of an access key, whose new key is proven by the reader's own policy."""

from typing import Final

from simulator.faults import crash_before, nth, operation
from simulator.rotation_records import Outcome
from tests.infrastructure.privilege.account import Account
from tests.infrastructure.privilege.scenario import Scenario

FOLDER: Final = "rotate_iam_access_key"
WEB, API, OLD = "acme_web/prod", "acme_api/prod", "acme_old/prod"
ALARM: Final = "web-unhealthy"


def set_alarm(account: Account, state: str) -> None:
    """The alarm that holds deletions back."""
    alarms = account.operator("cloudwatch")
    alarms.put_metric_alarm(
        AlarmName=ALARM,
        MetricName="Errors",
        Namespace="Web",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    alarms.set_alarm_state(AlarmName=ALARM, StateValue=state, StateReason="as the scenario has it")


def is_finished(account: Account, vault: str) -> None:
    """The rotation has left what a finished one leaves, and said so."""
    made = account.vaults[vault]
    (detail,) = account.told("Rotation Finished")
    key = account.key_in(vault)
    assert (detail["secret_name"], detail["access_key_id"]) == (made.config_secret, key)
    tags = account.user_tags(made.iam_user)
    assert tags.keys() >= {f"made:{key}", f"promoted-at:{key}"}
    assert "minting" not in tags
    made.boot()


def _first_rotation(account: Account) -> None:
    account.key_rotated(WEB)
    is_finished(account, WEB)
    assert list(account.keys(account.vaults[WEB].iam_user)) == [account.key_in(WEB)]


def _rotation_beside_a_live_key(account: Account) -> None:
    first = account.key_in(OLD)
    account.key_rotated(OLD)
    is_finished(account, OLD)
    assert f"superseded-at:{first}" in account.user_tags(account.vaults[OLD].iam_user)


def _rotation_in_an_encrypted_bucket(account: Account) -> None:
    account.key_rotated(API)
    is_finished(account, API)


def _rotation_of_an_empty_vault(account: Account) -> None:
    """Nothing was ever pushed: both pointers are absent, and only who may list learns that."""
    made = account.vaults[WEB]
    for key in made.objects():
        account.operator("s3").delete_object(Bucket=made.bucket, Key=key)
    account.key_rotated(WEB)
    assert account.told("Rotation Finished")


def with_a_key(account: Account) -> None:
    """The location became a blob."""
    account.key_rotated(WEB)


def two_rotations(account: Account) -> None:
    """The first key is superseded, and Inactive for two days."""
    account.key_rotated(WEB)
    first = account.key_in(WEB)
    account.key_rotated(WEB)
    user = account.vaults[WEB].iam_user
    iam = account.operator("iam")
    iam.update_access_key(UserName=user, AccessKeyId=first, Status="Inactive")
    at = account.world.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    iam.tag_user(UserName=user, Tags=[{"Key": f"vsync-rotation:deactivated-at:{first}", "Value": at}])
    account.hours_later(48)


def _rotation_that_frees_a_slot(account: Account) -> None:
    set_alarm(account, "OK")
    user = account.vaults[WEB].iam_user
    (old,) = (key for key, status in account.keys(user).items() if status == "Inactive")
    account.key_rotated(WEB)
    is_finished(account, WEB)
    assert old not in account.keys(user)
    assert [detail["access_key_id"] for detail in account.told("Key Deleted")] == [old]
    assert not [tag for tag in account.user_tags(user) if old in tag]


def _orphan_removal(account: Account) -> None:
    """The first try dies between making and storing the key; the second one finds and removes what it left."""
    user = account.vaults[API].iam_user
    before = set(account.keys(user))
    account.world.rotation_service.attempts = 2
    with account.world.watched_by(crash_before(nth(1, operation("secretsmanager:PutSecretValue")))):
        record = account.rotate(account.vaults[API].config_secret, FOLDER)
    assert record.outcome is Outcome.SUCCEEDED
    (orphan,) = (detail["access_key_id"] for detail in account.told("Orphan Key Deleted"))
    assert set(account.keys(user)) == before | {account.key_in(API)}
    assert not [tag for tag in account.user_tags(user) if orphan in tag]


def _failing_rotation(account: Account) -> None:
    secret = account.vaults[API].config_secret
    account.tag(secret, paused="on")
    assert account.rotate(secret, FOLDER).outcome is Outcome.FAILED
    (detail,) = account.told("Rotation Step Failed")
    assert (detail["secret_name"], detail["error"]) == (secret, "PausedError")


SCENARIOS: Final = (
    Scenario("first key rotation from a location", _first_rotation),
    Scenario("key rotation of an adopted user", _rotation_beside_a_live_key),
    Scenario("key rotation of an encrypted vault", _rotation_in_an_encrypted_bucket),
    Scenario("key rotation of an empty vault", _rotation_of_an_empty_vault),
    Scenario("key rotation that frees a slot", _rotation_that_frees_a_slot, two_rotations),
    Scenario("orphan removal", _orphan_removal),
    Scenario("failing key rotation", _failing_rotation),
)
