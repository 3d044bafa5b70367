"""A rotation that moved a pointer or the label and never came back is completed by the next checks."""

import json
from collections.abc import Callable
from functools import partial

import pytest

from simulator import faults
from simulator.exchange import Request
from simulator.functions import FunctionCrashed
from simulator.vaults import Layout
from tests.contract.check.conftest import Begin
from tests.contract.check.damages import LATER
from tests.contract.check.scene import HOUR, MINUTE, CheckScene
from tests.contract.passphrase_rotation import audit_key, event_for, greetings, key_of, logged_audit_rows, pointers

TORN, FINISHED, DRIFT = "Torn Rotation Completed", "Rotation Finished", "Vault Drift Detected"
every_layout = pytest.mark.parametrize("layout", Layout)
WRITING = {"PutObject", "UpdateSecretVersionStage"}


def publishes(request: Request) -> bool:
    """finishSecret's writes: swaps, label, cells, row, in this order."""
    return request.step == "finishSecret" and request.operation in WRITING


def torn(scene: CheckScene, writes: int = 1) -> str:
    """finishSecret of the staged rotation died after so many of its writes. Returns its version."""
    version = str(scene.secret.holder("AWSPENDING"))
    with (
        scene.world.watched_by(faults.crash_after(faults.nth(writes, publishes))),
        pytest.raises(FunctionCrashed),
    ):
        scene.world.invoke(scene.rotate_function, event_for(scene.vault, "finishSecret", version))
    return version


def is_complete(scene: CheckScene, version: str, gen: int = 2) -> None:
    assert scene.secret.holder("AWSCURRENT") == version
    opened = scene.opens()
    assert {layout: booted.payload for layout, booted in opened.items()} == scene.payloads
    assert {booted.gen for booted in opened.values()} == set(scene.gens().values()) == {gen}
    assert [json.loads(row["meta"])["gen"] for row in scene.rows()] == list(range(1, gen + 1))


@every_layout
def test_a_rotation_torn_at_any_write_is_completed_within_two_checks_and_told(
    begin: Begin, layout: Layout, record_property: Callable[[str, object], None]
) -> None:
    """The service never tries again. The first write is the first pointer's swap, the last the audit row."""
    writes = {Layout.BOTH: 6}.get(layout, 4)
    record_property("histories", writes)
    for number in range(1, writes + 1):
        scene = begin(layout, with_staged=True)
        version = torn(scene, number)
        told = [*scene.check().told(), *scene.check().told()]
        is_complete(scene, version)
        # Behind the last write only the event is missing: then nothing is torn, and nobody can tell that it was not sent.
        expected = [(FINISHED,), (TORN,)] if number < writes else []
        assert told == expected, f"after write {number}"
        scene.is_well(scene.check(seconds=MINUTE))


def test_the_events_of_a_completed_rotation_have_all_their_fields(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME, with_staged=True)
    before = scene.secret.holder("AWSCURRENT")
    version = torn(scene)
    checked = scene.check()
    finished, completed = checked.detail(FINISHED), checked.detail(TORN)
    assert (completed["version_id"], completed["gen"]) == (version, 2)
    assert (finished["version_id"], finished["previous_version_id"]) == (version, before)
    assert (finished["gen"], finished["prev_gen"]) == (2, 1)
    assert finished["bundle_ts"] == scene.timestamps()["runtime"]
    for detail in (finished, completed):
        assert (detail["repo"], detail["env"], detail["kind"]) == ("acme_web", "prod", "vault-passphrase")


@every_layout
def test_while_finish_secret_may_still_run_nothing_is_touched_and_nothing_reported(
    begin: Begin, layout: Layout
) -> None:
    scene = begin(layout, with_staged=True)
    version = torn(scene)
    before = scene.picture()
    scene.is_well(scene.check(seconds=14 * MINUTE))
    assert scene.picture() == before
    scene.check(seconds=2 * MINUTE)
    is_complete(scene, version)


def test_a_rotation_whose_label_moved_a_moment_ago_is_left_to_finish_secret(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME, with_staged=True)
    version = torn(scene, 2)
    before = scene.picture()
    scene.is_well(scene.check(seconds=MINUTE))
    assert scene.picture() == before
    scene.world.invoke(scene.rotate_function, event_for(scene.vault, "finishSecret", version))
    is_complete(scene, version)


@pytest.mark.parametrize("writes", [1, 3])
def test_a_finish_secret_that_comes_back_after_the_check_does_nothing_wrong(begin: Begin, writes: int) -> None:
    scene = begin(Layout.BOTH, with_staged=True)
    version = torn(scene, writes)
    scene.check()
    before = scene.picture()
    scene.world.invoke(scene.rotate_function, event_for(scene.vault, "finishSecret", version))
    assert scene.picture() == before
    is_complete(scene, version)


def test_a_torn_rotation_whose_rotation_was_turned_off_is_completed(begin: Begin) -> None:
    """AWSCURRENT does not open the vault: turning off rotations to come does not change that."""
    scene = begin(Layout.BOTH, with_staged=True)
    version = torn(scene)
    scene.secret.manager.cancel_rotate_secret(SecretId=scene.secret.name)
    scene.check()
    is_complete(scene, version)


def test_a_cancelled_rotation_whose_pending_version_was_given_up_is_not_promoted(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME, with_staged=True)
    version, current = torn(scene), scene.secret.holder("AWSCURRENT")
    scene.secret.manager.cancel_rotate_secret(SecretId=scene.secret.name)
    scene.secret.remove_label("AWSPENDING")
    assert version != current
    before = scene.objects()
    assert scene.check().told() == [(DRIFT, "runtime", "opens-with-none")]
    assert scene.secret.holder("AWSCURRENT") == current
    assert scene.objects() == before


def test_a_paused_torn_rotation_is_reported_once_and_not_touched(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME, with_staged=True)
    version = torn(scene)
    scene.tag(paused="on")
    before = scene.picture()
    assert scene.check(seconds=16 * MINUTE).told() == [(DRIFT, "runtime", "opens-with-pending")]
    assert scene.check().told() == []
    assert scene.picture() == before
    scene.tag(paused="off")
    told = scene.check().told()
    assert told == [(FINISHED,), (TORN,), ("Vault Well Again", "runtime", "opens-with-pending")]
    is_complete(scene, version)


@pytest.mark.parametrize("consumer", [{}, {"consumer:web": "ecs:prod/web"}], ids=["no consumer", "a consumer"])
def test_a_paused_rotation_that_was_not_counted_stays_so(begin: Begin, consumer: dict[str, str]) -> None:
    scene = begin(Layout.RUNTIME, with_staged=True, **consumer)
    version = torn(scene, 2)
    scene.tag(paused="on")
    before = scene.picture()
    for _ in range(3):
        assert (FINISHED,) not in scene.check().told()
    assert scene.picture() == before, "a paused secret is only looked at"
    scene.tag(paused="off")
    scene.check()
    is_complete(scene, version)


def test_a_completion_that_is_denied_is_reported_once_and_tried_again(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME, with_staged=True)
    version = torn(scene)
    promoting = faults.both(faults.from_function("check_vaults"), faults.operation("UpdateSecretVersionStage"))
    for expected in ([(DRIFT, "runtime", "opens-with-pending")], []):
        with scene.world.watched_by(faults.deny(promoting)):
            checked = scene.check()
        assert checked.told() == expected
        assert [action for action, _ in checked.actions() if action != "drift"] == ["failed"]
    assert (TORN,) in scene.check().told()
    is_complete(scene, version)


@pytest.mark.parametrize("heal", ["on", "off"])
def test_a_vault_that_is_torn_in_one_layout_and_stale_in_the_other(begin: Begin, heal: str) -> None:
    """With healing both layouts open afterwards; without it AWSCURRENT stays where it is and both are reported."""
    scene = begin(Layout.BOTH, with_staged=True, heal=heal)
    version, current = torn(scene), scene.secret.holder("AWSCURRENT")
    scene.push(LATER, "stale", scene.previous, ["runtime"])
    for _ in range(2):
        checked = scene.check()
    if heal == "on":
        scene.is_well(checked)
        assert scene.secret.holder("AWSCURRENT") == version
        assert b"stale" in scene.opens()["runtime"].payload
        assert [json.loads(row["meta"])["gen"] for row in scene.rows()] == [1, 2]
    else:
        assert scene.secret.holder("AWSCURRENT") == current
        assert {found.reason for found in scene.record().findings.values()} == {
            "opens-with-pending",
            "opens-with-previous",
        }


def test_a_push_over_a_torn_rotation_is_staged_again_and_not_lost(begin: Begin) -> None:
    scene = begin(Layout.BOTH, with_staged=True)
    version = torn(scene)
    scene.push(LATER, "pushed", scene.secret.value(), ["runtime"])
    scene.check()
    assert scene.secret.holder("AWSCURRENT") == version
    assert b"pushed" in scene.opens()["runtime"].payload


def test_a_push_over_a_rotation_that_was_not_counted_is_counted_all_the_same(begin: Begin) -> None:
    scene = begin(Layout.BOTH, with_staged=True)
    version = torn(scene, 3)
    scene.push(LATER, "pushed", scene.secret.value())
    scene.check()
    assert scene.secret.holder("AWSCURRENT") == version
    assert set(scene.gens().values()) == {2}
    assert [json.loads(row["meta"])["gen"] for row in scene.rows()] == [1, 2]
    assert greetings(scene.vault) == {"pushed"}


def test_a_check_that_dies_while_it_completes_is_completed_by_the_next(
    begin: Begin, record_property: Callable[[str, object], None]
) -> None:
    writes = 3  # the label, the cell, the row
    record_property("histories", writes)
    for number in range(1, writes + 1):
        scene = begin(Layout.RUNTIME, with_staged=True)
        version = torn(scene)
        own = faults.both(faults.from_function("check_vaults"), lambda request: request.operation in WRITING)
        with (
            scene.world.watched_by(faults.crash_after(faults.nth(number, own))),
            pytest.raises(FunctionCrashed),
        ):
            scene.check()
        scene.check()
        is_complete(scene, version)


def test_an_audit_row_that_cannot_be_written_is_told_once_and_not_with_every_check(begin: Begin) -> None:
    """The rotation stands; restarting everything again and again would not write the row."""
    scene = begin(Layout.RUNTIME)
    row = faults.both(
        faults.in_a_function, lambda r: r.operation == "PutObject" and key_of(r) == audit_key(scene.vault)
    )
    told = []
    with scene.world.watched_by(faults.deny(row)):
        scene.rotated()
        for _ in range(4):
            told += scene.check(seconds=16 * MINUTE).told()
    assert told.count((FINISHED,)) <= 1
    assert told.count((TORN,)) <= 1
    assert logged_audit_rows(scene.vault, scene.timestamps()["runtime"]), "it is in the log, to be pasted"
    scene.check()
    assert len(scene.rows()) == 2, "as soon as it can be written"


def test_a_damaged_audit_log_takes_no_row_and_is_no_torn_rotation(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME)
    scene.rotated()
    scene.put(audit_key(scene.vault), b"\xff\xfe no log")
    for _ in range(2):
        scene.is_well(scene.check(seconds=HOUR))
    assert scene.objects()[audit_key(scene.vault)] == b"\xff\xfe no log"


def test_finish_secret_at_any_moment_of_a_completion_leads_to_one_rotation(
    begin: Begin, record_property: Callable[[str, object], None]
) -> None:
    """The service tries again at the same time; between two requests of the check it does all its work."""
    scene = begin(Layout.RUNTIME, with_staged=True)
    torn(scene)
    at = faults.both(faults.from_function("check_vaults"), lambda request: request.operation in WRITING)
    numbers = range(1, len([request for request in scene.check().requests if at(request)]) + 1)
    record_property("histories", len(numbers))
    for number in numbers:
        scene = begin(Layout.RUNTIME, with_staged=True)
        version = torn(scene)
        back = partial(scene.world.invoke, scene.rotate_function, event_for(scene.vault, "finishSecret", version))
        with scene.world.watched_by(faults.meanwhile(faults.nth(number, at), back)):
            scene.check()
        is_complete(scene, version)
        scene.check()
        assert set(pointers(scene.vault)) == set(scene.opens())
        is_complete(scene, version)
