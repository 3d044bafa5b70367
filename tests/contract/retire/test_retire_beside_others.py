"""Somebody acts while it runs: labels, tags, keys and statuses that are not what the first look saw."""

from collections.abc import Callable

import pytest

from simulator import faults
from simulator.faults import Fault
from tests.contract.retire.scene import Make, RetireScene
from tests.contract.retire.tripwire import Deed

DUE = {"overlap_hours": "0", "inactive_hours": "0"}
Act = Callable[[RetireScene], object]


def label_back(scene: RetireScene) -> None:
    """AWSCURRENT is moved to the version that holds the superseded key."""
    manager, name = scene.secret.manager, scene.secret.name
    previous, current = scene.secret.holder("AWSPREVIOUS"), scene.secret.holder("AWSCURRENT")
    manager.update_secret_version_stage(
        SecretId=name, VersionStage="AWSCURRENT", MoveToVersionId=previous, RemoveFromVersionId=current
    )


def pending_label(scene: RetireScene) -> None:
    """Somebody makes the superseded key's version pending."""
    scene.secret.remove_label("AWSPENDING")
    scene.secret.manager.update_secret_version_stage(
        SecretId=scene.secret.name, VersionStage="AWSPENDING", MoveToVersionId=scene.secret.holder("AWSPREVIOUS")
    )


def at_the_second_look(scene: RetireScene, act: Act) -> Fault:
    return faults.meanwhile(faults.nth(2, faults.operation("DescribeSecret")), lambda: act(scene))


def after_the_deactivation(scene: RetireScene, act: Act) -> Fault:
    return faults.afterwards(faults.nth(1, faults.operation("UpdateAccessKey")), lambda: act(scene))


@pytest.mark.parametrize("act", [label_back, pending_label])
def test_a_label_moved_between_the_two_looks_leaves_the_key_alone(rotated: Make, act: Act) -> None:
    scene = rotated(**DUE)
    with scene.world.watched_by(at_the_second_look(scene, act)):
        assert "two looks did not agree" in str(scene.run())
    assert scene.statuses()[scene.first] == "Active"
    scene.run()
    assert scene.statuses()[scene.first] == "Active"


@pytest.mark.parametrize("act", [label_back, pending_label])
@pytest.mark.parametrize("order", ["by its hours", "by order"])
def test_a_label_moved_right_after_the_deactivation_gives_the_key_its_status_back(
    rotated: Make, act: Act, order: str
) -> None:
    scene = rotated(**DUE)
    scene.tripwire.announce(Deed.DEACTIVATED, scene.first)
    scene.tripwire.announce(Deed.ACTIVATED, scene.first)
    with scene.world.watched_by(after_the_deactivation(scene, act)):
        if order == "by order":
            told = str(scene.fails(secret_id=scene.secret.name, revoke=True))
        else:
            (error,) = scene.run()["errors"]
            told = error["message"]
    assert "the status it had" in told
    assert scene.statuses()[scene.first] == "Active"
    assert not scene.marks_of(scene.first) & {"deactivated-at", "revoked-at"}
    assert scene.events("Key Deactivated") == []
    scene.well()


def activates(scene: RetireScene) -> None:
    scene.account.set_status(scene.first, "Active")


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(activates, id="a person activates it"),
        pytest.param(label_back, id="a label is moved to it"),
        pytest.param(lambda scene: scene.used(scene.first, hours_ago=-1), id="IAM learns of a use"),
        pytest.param(lambda scene: scene.account.tag(f"deactivated-at:{scene.first}", "2030-01-01T00:00:00Z"), id="its mark is changed"),
        pytest.param(lambda scene: scene.account.tag(f"deactivated-at:{scene.first}", "soon"), id="its mark becomes none"),
        pytest.param(lambda scene: scene.secret.tag("inactive-hours", "1000"), id="its hours are made longer"),
    ],
)  # fmt: skip
def test_what_happens_between_the_two_looks_keeps_a_key_from_being_deleted(rotated: Make, act: Act) -> None:
    scene = rotated(**DUE)
    scene.deactivates(scene.first)
    with scene.world.watched_by(at_the_second_look(scene.after(1), act)):
        scene.run()
    assert scene.first in scene.statuses()


def test_a_key_deleted_by_hand_between_the_two_looks_is_gone_and_no_error(rotated: Make) -> None:
    scene = rotated(**DUE)
    gone = at_the_second_look(scene, lambda scene: scene.account.delete_key(scene.first))
    with scene.world.watched_by(gone):
        assert scene.run()["errors"] == []


def test_a_key_deleted_by_hand_right_before_it_is_deactivated_is_no_error(rotated: Make) -> None:
    scene = rotated(**DUE)
    scene.tripwire.allow(Deed.DELETED, scene.first)  # by that hand, within the function's own request
    gone = faults.meanwhile(faults.operation("UpdateAccessKey"), lambda: scene.account.delete_key(scene.first))
    with scene.world.watched_by(gone):
        assert scene.run()["errors"] == []
    scene.well()
