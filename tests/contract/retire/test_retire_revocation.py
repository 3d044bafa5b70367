"""After a leak: a key goes at once, by order, and only one that nothing depends on."""

from typing import Any

import pytest

from simulator import faults
from tests.contract.retire.scene import Make, RetireScene, outcome_of
from tests.contract.retire.tripwire import Deed


def revoke(scene: RetireScene, **more: Any) -> dict[str, Any]:
    return scene.run(secret_id=scene.secret.name, revoke=True, **more)


def refused(scene: RetireScene, error: str, **order: Any) -> str:
    """An order that raises this error and changes nothing. Returns the message."""
    before = scene.rotation.snapshot()
    raised = scene.fails(**order)
    assert type(raised).__name__ == error
    assert scene.rotation.snapshot() == before
    return str(raised)


def test_the_superseded_key_goes_at_once_whatever_its_hours_and_its_use(rotated: Make) -> None:
    scene = rotated(**{"consumer:web": "ecs:prod/web"})
    scene.used(scene.first)
    scene.tripwire.announce(Deed.DEACTIVATED, scene.first)
    assert outcome_of(revoke(scene), scene.first)["action"] == "revoked"
    assert scene.marks_of(scene.first) >= {"revoked-at", "deactivated-at"}
    (event,) = scene.events("Key Deactivated")
    assert (event["access_key_id"], event["reason"]) == (scene.first, "revoked by command")
    scene.well()


@pytest.mark.parametrize("operation", ["GetParameter", "DescribeAlarms"])
def test_an_order_needs_nothing_that_does_not_decide_it(rotated: Make, operation: str) -> None:
    scene = rotated(deletion_alarm="quiet", **{"consumer:web": "ecs:prod/web"})
    scene.after(30)
    scene.tripwire.announce(Deed.DEACTIVATED, scene.first)
    with scene.world.watched_by(faults.fail_inside(lambda request: request.operation == operation)):
        assert outcome_of(revoke(scene), scene.first)["action"] == "revoked"


def test_a_revoked_key_is_deleted_after_its_hours(rotated: Make) -> None:
    scene = rotated()
    scene.tripwire.announce(Deed.DEACTIVATED, scene.first)
    revoke(scene)
    scene.is_left_alone(hours=23.9)
    scene.after(0.1).deletes(scene.first)
    assert scene.events("Key Deleted")[0]["reason"] == "superseded and revoked by command"


def test_a_key_may_be_named(rotated: Make) -> None:
    scene = rotated()
    scene.tripwire.announce(Deed.DEACTIVATED, scene.first)
    revoke(scene, access_key_id=scene.first)


def test_a_key_that_nobody_manages_may_be_named(rotated: Make) -> None:
    scene = rotated(overlap_hours="1", inactive_hours="0")
    scene.after(1).deactivates(scene.first)
    scene.after(1).deletes(scene.first)
    foreign = scene.account.add_key().access_key_id
    scene.tripwire.announce(Deed.DEACTIVATED, foreign)
    revoke(scene, access_key_id=foreign)
    scene.is_left_alone(hours=5000)
    assert scene.statuses()[foreign] == "Inactive"


def test_a_named_key_in_awscurrent_is_refused(rotated: Make) -> None:
    scene = rotated()
    message = refused(scene, "ContractError", secret_id=scene.secret.name, revoke=True, access_key_id=scene.current)
    assert "rotate" in message
    scene.well()


def test_a_named_key_in_awspending_is_refused(never_rotated: Make) -> None:
    scene = never_rotated()
    version = scene.rotation.begin()
    scene.rotation.step("createSecret", version)
    pending = scene.rotation.key_in("AWSPENDING")
    refused(scene, "ContractError", secret_id=scene.secret.name, revoke=True, access_key_id=pending)


def test_a_named_key_of_another_user_is_refused(rotated: Make) -> None:
    scene = rotated()
    refused(scene, "ForeignKeyError", secret_id=scene.secret.name, revoke=True, access_key_id="AKIAOFSOMEBODYELSE00")


def test_without_a_superseded_key_there_is_nothing_to_revoke(never_rotated: Make) -> None:
    scene = never_rotated()
    message = refused(scene, "ContractError", secret_id=scene.secret.name, revoke=True)
    assert "no superseded access key" in message


@pytest.mark.parametrize(
    "order",
    [
        pytest.param({"revoke": True}, id="no secret"),
        pytest.param({"revoke": True, "secret_id": ""}, id="an empty secret"),
        pytest.param({"revoke": True, "secret_id": None}, id="no secret, spelt out"),
        pytest.param({"revoke": "yes", "secret_id": "acme_web/prod/VSYNC_CONFIG"}, id="revoke is text"),
        pytest.param({"revoke": 1, "secret_id": "acme_web/prod/VSYNC_CONFIG"}, id="revoke is a number"),
        pytest.param({"revok": True, "secret_id": "acme_web/prod/VSYNC_CONFIG"}, id="a misspelt field"),
        pytest.param({"Revoke": True, "secret_id": "acme_web/prod/VSYNC_CONFIG"}, id="a field in capitals"),
        pytest.param({"access_key_id": "AKIA0000000000000000", "secret_id": "acme_web/prod/VSYNC_CONFIG"}, id="a key and no revoke"),
        pytest.param({"revoke": False, "access_key_id": "AKIA0000000000000000", "secret_id": "acme_web/prod/VSYNC_CONFIG"}, id="a key and revoke false"),
        pytest.param({"revoke": True, "access_key_id": "", "secret_id": "acme_web/prod/VSYNC_CONFIG"}, id="an empty key"),
        pytest.param({"revoke": True, "access_key_id": ["AKIA0000000000000000"], "secret_id": "acme_web/prod/VSYNC_CONFIG"}, id="a list of keys"),
        pytest.param({"secret_id": 7}, id="a secret that is a number"),
    ],
)  # fmt: skip
def test_an_order_that_could_mean_something_else_is_refused(rotated: Make, order: dict[str, Any]) -> None:
    scene = rotated(overlap_hours="0")
    refused(scene, "ContractError", **order)
    assert scene.world.functions.invocations[-1].requests == []


def test_a_revocation_may_be_repeated(rotated: Make) -> None:
    scene = rotated()
    scene.tripwire.announce(Deed.DEACTIVATED, scene.first)
    revoke(scene)
    since = scene.account.tags()[f"vsync-rotation:deactivated-at:{scene.first}"]
    scene.after(1)
    assert outcome_of(revoke(scene), scene.first)["reason"] == "it was Inactive already"
    assert scene.account.tags()[f"vsync-rotation:deactivated-at:{scene.first}"] == since
    assert len(scene.events("Key Deactivated")) == 1


def test_a_paused_secret_is_not_touched_by_a_revocation_either(rotated: Make) -> None:
    scene = rotated(paused="on")
    message = refused(scene, "PausedError", secret_id=scene.secret.name, revoke=True)
    assert f"aws iam update-access-key --user-name {scene.account.user}" in message


def test_a_revoked_key_that_a_person_activates_again_stays_theirs(rotated: Make) -> None:
    scene = rotated()
    scene.tripwire.announce(Deed.DEACTIVATED, scene.first)
    revoke(scene)
    scene.account.set_status(scene.first, "Active")
    scene.run()
    scene.after(5000).run()
    assert scene.statuses()[scene.first] == "Active"
    scene.tripwire.announce(Deed.DEACTIVATED, scene.first)
    revoke(scene)


def test_a_key_that_was_inactive_already_and_is_activated_again_stays_a_person_s(rotated: Make) -> None:
    """The order is on record and there was nothing to carry out: nothing is left of it to be carried out later."""
    scene = rotated()
    scene.account.set_status(scene.first, "Inactive")
    revoke(scene)
    scene.account.set_status(scene.first, "Active")
    scene.run()
    scene.after(5000).run()
    assert scene.statuses()[scene.first] == "Active"


def test_an_order_on_record_that_was_not_carried_out_is_carried_out_by_the_next_run(rotated: Make) -> None:
    scene = rotated()
    scene.account.tag(f"revoked-at:{scene.first}", scene.account.tags()[f"vsync-rotation:superseded-at:{scene.first}"])
    scene.deactivates(scene.first)


def test_a_revocation_of_a_user_that_several_secrets_name_is_refused(rotated: Make) -> None:
    """What this secret does not hold may be the other one's AWSCURRENT."""
    scene = rotated()
    pair = '{"AWS_ACCESS_KEY_ID": "AKIA0000000000000001", "AWS_SECRET_ACCESS_KEY": "%s"}' % ("x" * 40)
    tags = {"vsync-rotation:kind": "iam-access-key", "vsync-rotation:iam-user": scene.account.user}
    scene.secret.manager.create_secret(
        Name="acme/other/PAIR", SecretString=pair, Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
    )
    message = refused(scene, "SettingsError", secret_id="acme/other/PAIR", revoke=True, access_key_id=scene.current)
    assert scene.account.user in message
    scene.well()


@pytest.mark.parametrize("request_name", ["TagUser", "DescribeSecret"])
def test_a_leaked_key_is_not_given_back_because_a_record_could_not_be_made(rotated: Make, request_name: str) -> None:
    """The key was revoked for a reason; repeating the order makes the record."""
    scene = rotated()
    scene.tripwire.announce(Deed.DEACTIVATED, scene.first)
    after_the_status = False

    def later(request: Any) -> bool:
        nonlocal after_the_status
        after_the_status = after_the_status or request.operation == "UpdateAccessKey"
        return after_the_status and bool(request.operation == request_name)

    with scene.world.watched_by(faults.throttle(later)):
        raised = scene.fails(secret_id=scene.secret.name, revoke=True)
    assert scene.statuses()[scene.first] == "Inactive"
    assert "nothing was changed" not in str(raised)
    revoke(scene)
    assert scene.marks_of(scene.first) >= {"revoked-at", "deactivated-at"}
