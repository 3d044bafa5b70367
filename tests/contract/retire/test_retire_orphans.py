"""Keys of rotations that never came back: deactivated, later deleted, and the user's tags clean in the end."""

import pytest

from simulator import faults
from simulator.faults import Fault
from simulator.functions import FunctionCrashed
from tests.contract.retire.scene import Make, RetireScene, outcome_of
from tests.contract.retire.tripwire import Deed


def abandoned(scene: RetireScene, fault: Fault) -> str:
    """A createSecret that dies there and is never tried again. Returns the key it made."""
    before = scene.statuses().keys()
    version = scene.rotation.begin()
    with scene.world.watched_by(fault), pytest.raises(FunctionCrashed):
        scene.rotation.step("createSecret", version)
    (orphan,) = scene.statuses().keys() - before
    return orphan


CRASHES = {
    "after the key was made": lambda: faults.crash_after(faults.operation("CreateAccessKey")),
    "before it was marked as made": lambda: faults.crash_before(faults.nth(2, faults.operation("TagUser"))),
    "after it was marked as made": lambda: faults.crash_after(faults.nth(2, faults.operation("TagUser"))),
    "before it was stored": lambda: faults.crash_before(faults.operation("PutSecretValue")),
}


@pytest.mark.parametrize("crash", CRASHES)
def test_an_orphan_is_deactivated_and_deleted_while_only_this_function_runs(never_rotated: Make, crash: str) -> None:
    scene = never_rotated()
    orphan = abandoned(scene, CRASHES[crash]())
    scene.is_left_alone(hours=0.9)
    scene.after(0.2).deactivates(orphan)
    scene.is_left_alone(hours=23.5)
    scene.after(0.5).deletes(orphan)
    scene.after(24.1).run()
    scene.after(24.1).run()
    assert scene.statuses() == {scene.first: "Active"}
    assert scene.account.tags() == {}
    (deactivated,), (deleted,) = scene.events("Key Deactivated"), scene.events("Orphan Key Deleted")
    assert deactivated["access_key_id"] == deleted["access_key_id"] == orphan
    assert scene.events("Key Deleted") == []
    scene.well()


def test_a_rotation_that_is_taken_up_again_after_its_orphan_was_deactivated_succeeds(never_rotated: Make) -> None:
    scene = never_rotated()
    orphan = abandoned(scene, CRASHES["after the key was made"]())
    scene.after(2).deactivates(orphan)
    scene.tripwire.announce(Deed.DELETED, orphan)
    scene.rotation.resumed()
    scene.tripwire.judge()
    assert scene.statuses() == {scene.first: "Active", scene.current: "Active"}
    scene.well()


def test_a_key_that_was_stored_is_pending_and_no_orphan_however_old(never_rotated: Make) -> None:
    scene = never_rotated(overlap_hours="0", inactive_hours="0")
    scene.rotation.step("createSecret", scene.rotation.begin())
    scene.is_left_alone(hours=5000)
    scene.rotation.resumed()
    scene.after(1).deactivates(scene.first)
    scene.well()


def test_a_pending_key_that_was_given_up_is_an_orphan(never_rotated: Make) -> None:
    scene = never_rotated()
    scene.rotation.step("createSecret", scene.rotation.begin())
    orphan = scene.rotation.key_in("AWSPENDING")
    scene.secret.remove_label("AWSPENDING")
    scene.after(2).deactivates(orphan)
    scene.after(24).deletes(orphan)
    assert scene.account.tags() == {}


def test_an_orphan_that_somebody_uses_is_nobody_s_orphan(never_rotated: Make) -> None:
    scene = never_rotated()
    orphan = abandoned(scene, CRASHES["after it was marked as made"]())
    scene.after(0.5).used(orphan)
    scene.after(100).run()
    assert outcome_of(scene.is_left_alone(hours=5000), orphan)["action"] == "left alone"
    assert scene.events("Unmanaged Key Found")[0]["access_key_id"] == orphan


def test_an_orphan_that_a_person_activates_again_stays_theirs(never_rotated: Make) -> None:
    scene = never_rotated()
    orphan = abandoned(scene, CRASHES["after it was marked as made"]())
    scene.after(2).deactivates(orphan)
    scene.account.set_status(orphan, "Active")
    scene.run()
    scene.after(5000).run()
    assert scene.statuses()[orphan] == "Active"
    assert scene.events("Key Reactivated")[0]["access_key_id"] == orphan


def test_an_intent_without_a_key_is_removed_after_a_day(never_rotated: Make) -> None:
    scene = never_rotated()
    scene.account.intend((scene.first,))
    scene.is_left_alone(hours=23.9)
    scene.after(0.2).run()
    assert scene.account.tags() == {}


def test_an_old_intent_and_a_last_use_that_may_not_be_read_stop_nothing(rotated: Make) -> None:
    scene = rotated(overlap_hours="1", max_overlap_hours="30")
    scene.account.intend((scene.first, scene.current))
    with scene.world.watched_by(faults.deny(faults.operation("iam:GetAccessKeyLastUsed"))):
        scene.account.tag(f"made:{scene.first}", "2026-01-01T00:00:00Z")
        scene.account.untag(f"promoted-at:{scene.first}")
        scene.secret.remove_label("AWSPREVIOUS")
        scene.account.untag(f"superseded-at:{scene.first}")
        assert scene.after(30).run()["errors"] == []
