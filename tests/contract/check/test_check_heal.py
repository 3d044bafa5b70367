"""What was pushed with the previous passphrase is put under the current one where the tag says so; no push is lost."""

import json
from collections.abc import Callable
from functools import partial

import pytest

from simulator import faults
from simulator.exchange import Request
from simulator.functions import FunctionCrashed
from simulator.vaults import Layout
from tests.contract.check.conftest import Begin
from tests.contract.check.damages import LATER, SOONER
from tests.contract.check.scene import WRITES, Checked, CheckScene
from tests.contract.passphrase_rotation import event_for, greetings, pointers, push_to

DRIFT, WELL = "Vault Drift Detected", "Vault Well Again"
STALE = "opens-with-previous"
every_layout = pytest.mark.parametrize("layout", Layout)


def stale(begin: Begin, layout: Layout, **tags: str) -> CheckScene:
    """A vault that a laptop pushed to with the previous passphrase."""
    scene = begin(layout, **({"heal": "on"} | tags))
    scene.push(LATER, "stale", scene.previous)
    return scene


def was_healed(scene: CheckScene, checked: Checked) -> None:
    """Told as drift and as over, and the vault holds what was pushed, under the current passphrase."""
    layouts = sorted(pointers(scene.vault))
    assert sorted(checked.told()) == sorted((kind, layout, STALE) for kind in (DRIFT, WELL) for layout in layouts)
    assert checked.errors() == []
    assert greetings(scene.vault) == {"stale"}


@every_layout
def test_a_stale_push_is_put_under_the_current_passphrase(begin: Begin, layout: Layout) -> None:
    scene = stale(begin, layout)
    before, rows, gens = scene.objects(), scene.rows(), scene.gens()
    was_healed(scene, scene.check())
    after = scene.objects()
    moved = set(pointers(scene.vault).values())
    assert {key for key in before if after.get(key) != before[key]} == moved, "only the pointers changed"
    assert after.keys() - before.keys() == set(scene.live_bundles().values()), "beside the old bundles lie the new ones"
    assert len(set(scene.timestamps().values())) == 1
    assert min(scene.timestamps().values()) > LATER, "the CLI refuses to push over what is newer"
    assert (scene.rows(), scene.gens()) == (rows, gens), "nothing was rotated"
    assert {booted.gen for booted in scene.opens().values()} == {1}
    scene.is_well(scene.check())
    assert scene.is_remembered()


@every_layout
def test_without_the_tag_a_stale_push_is_only_reported(begin: Begin, layout: Layout) -> None:
    for heal in ({}, {"heal": "off"}):
        scene = begin(layout, **heal)
        scene.push(LATER, "stale", scene.previous)
        before = scene.objects()
        assert sorted(scene.check().told()) == [(DRIFT, name, STALE) for name in sorted(pointers(scene.vault))]
        assert scene.objects() == before


def test_a_tag_set_after_the_report_heals_and_says_that_it_is_over(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME)
    scene.push(LATER, "stale", scene.previous)
    scene.check()
    scene.tag(heal="on")
    assert scene.check().told() == [(WELL, "runtime", STALE)]
    assert greetings(scene.vault) == {"stale"}


def test_a_malformed_tag_changes_nothing_and_says_so(begin: Begin) -> None:
    scene = stale(begin, Layout.RUNTIME, heal="yes")
    before = scene.objects()
    assert scene.check().errors() == ["SettingsError"]
    assert scene.objects() == before


@pytest.mark.parametrize("layout", ["cli", "runtime"])
def test_of_two_layouts_the_fresh_one_is_left_alone(begin: Begin, layout: str) -> None:
    scene = begin(Layout.BOTH, heal="on")
    push_to(scene.vault, layout, LATER, "stale", scene.previous)
    before = scene.objects()
    assert scene.check().told() == [(DRIFT, layout, STALE), (WELL, layout, STALE)]
    after = scene.objects()
    assert {key for key in before if after[key] != before[key]} == {pointers(scene.vault)[layout]}
    assert b"stale" in scene.opens()[layout].payload
    scene.is_well(scene.check())


def test_a_paused_vault_is_only_reported(begin: Begin) -> None:
    scene = stale(begin, Layout.BOTH, paused="on")
    before = scene.objects()
    assert sorted(scene.check().told()) == [(DRIFT, name, STALE) for name in ("cli", "runtime")]
    assert scene.objects() == before
    scene.tag(paused="off")
    assert sorted(scene.check().told()) == [(WELL, name, STALE) for name in ("cli", "runtime")]
    assert scene.opens_everywhere()


def test_while_a_rotation_may_be_at_work_nothing_is_healed(begin: Begin) -> None:
    """A rotation that was never taken further is older than any invocation after a quarter of an hour."""
    scene = stale(begin, Layout.RUNTIME)
    version = scene.world.begin_rotation(scene.vault.passphrase_secret)
    scene.world.invoke(scene.rotate_function, event_for(scene.vault, "createSecret", version))
    before = scene.objects()
    assert scene.check(seconds=890).told() == [(DRIFT, "runtime", STALE)]
    assert scene.objects() == before
    assert scene.check(seconds=11).told() == [(WELL, "runtime", STALE)]
    assert scene.opens_everywhere()


@every_layout
def test_a_rotation_after_a_heal_counts_once_and_has_one_row(begin: Begin, layout: Layout) -> None:
    scene = stale(begin, layout)
    scene.check()
    scene.rotated()
    assert set(scene.gens().values()) == {2}
    assert [json.loads(row["meta"])["gen"] for row in scene.rows()] == [1, 2]
    assert greetings(scene.vault) == {"stale"}
    scene.is_well(scene.check(seconds=3600))


@every_layout
def test_the_last_rotation_s_finish_secret_does_nothing_wrong_after_a_heal(begin: Begin, layout: Layout) -> None:
    scene = stale(begin, layout)
    scene.check()
    before = scene.picture()
    version = str(scene.secret.holder("AWSCURRENT"))
    for _ in range(2):
        scene.world.invoke(scene.rotate_function, event_for(scene.vault, "finishSecret", version))
    assert scene.picture() == before
    scene.is_well(scene.check())


def test_a_second_stale_push_after_a_heal_is_healed_as_well(begin: Begin) -> None:
    scene = stale(begin, Layout.BOTH)
    scene.check()
    scene.push("20260311-080000", "again", scene.previous)
    scene.check()
    assert greetings(scene.vault) == {"again"}
    assert len(scene.rows()) == 1


def test_a_heal_keeps_what_else_a_pointer_carries(begin: Begin) -> None:
    """Metadata, content type, and what stands behind the seal."""
    scene = stale(begin, Layout.RUNTIME)
    key = pointers(scene.vault)["runtime"]
    body = scene.objects()[key] + b'{"files":3}'
    scene.put(key, body, Metadata={"gen": "1", "team": "web"}, ContentType="application/x-manifest")
    scene.check()
    head = scene.vault.laptop.s3.head_object(Bucket=scene.vault.bucket, Key=key)
    assert (head["Metadata"], head["ContentType"]) == ({"gen": "1", "team": "web"}, "application/x-manifest")
    assert scene.objects()[key].endswith(b'{"files":3}')


def test_a_bundle_that_takes_several_parts_is_healed(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME, heal="on")
    payload = json.dumps({"kv": {"LARGE": "0123456789abcdef" * (6 * 65_536)}}).encode()
    scene.vault.laptop_with(scene.previous).publish_payload(LATER, payload)
    checked = scene.check()
    assert "UploadPart" in checked.operations()
    assert scene.opens()["runtime"].payload == payload


def test_a_stale_push_that_cannot_be_healed_is_reported_once_and_tried_again(begin: Begin) -> None:
    scene = stale(begin, Layout.RUNTIME)
    writing = faults.both(faults.from_function("check_vaults"), faults.operation("s3:PutObject"))
    for expected in ([(DRIFT, "runtime", STALE)], []):
        with scene.world.watched_by(faults.deny(writing)):
            checked = scene.check()
        assert checked.told() == expected
        assert [action for action, _ in checked.actions() if action == "failed"] == ["failed"]
    assert scene.check().told() == [(WELL, "runtime", STALE)]


def test_someone_who_pushes_all_the_time_is_healed_by_a_later_check(begin: Begin) -> None:
    scene = stale(begin, Layout.RUNTIME)
    seconds = iter(range(10, 60))
    swapping = faults.both(
        faults.from_function("check_vaults"), lambda r: r.operation == "PutObject" and r.path.endswith("manifest")
    )
    busy = faults.meanwhile(
        swapping, lambda: push_to(scene.vault, "runtime", f"20260310-0900{next(seconds)}", "busy", scene.previous)
    )
    with scene.world.watched_by(busy):
        checked = scene.check()
    assert len(busy.hits) == 3
    assert [action for action, _ in checked.actions()] == ["drift", "failed"]
    scene.check()
    assert greetings(scene.vault) == {"busy"}


def meets_a_push(request: Request) -> bool:
    """Whatever the function asks of a pointer, and what it writes: a push commutes with everything else."""
    asks = request.service == "s3" and (request.path.endswith("manifest") or request.operation == "PutObject")
    return request.function == "check_vaults" and asks


def writes(request: Request) -> bool:
    """A crash before the first write is a check that did not run."""
    return request.function == "check_vaults" and request.operation in WRITES


def moments(scene: CheckScene, among: faults.Choice) -> range:
    """The numbers of such requests in a check of this vault."""
    return range(1, len([request for request in scene.check().requests if among(request)]) + 1)


@pytest.mark.parametrize(("pusher", "among"), [("stale again", meets_a_push), ("fresh", writes)])
def test_a_push_at_any_moment_of_a_heal_is_neither_lost_nor_locked_out(
    begin: Begin, pusher: str, among: faults.Choice, record_property: Callable[[str, object], None]
) -> None:
    numbers = moments(stale(begin, Layout.RUNTIME), among)
    record_property("histories", len(numbers))
    for number in numbers:
        scene = stale(begin, Layout.RUNTIME)
        passphrase = scene.previous if pusher == "stale again" else scene.secret.value()
        push = partial(scene.push, "20260312-080000", "pushed", passphrase)
        with scene.world.watched_by(faults.meanwhile(faults.nth(number, among), push)):
            scene.check()
        scene.check()
        assert greetings(scene.vault) == {"pushed"}, f"at request {number}"


def test_a_push_to_the_same_second_at_any_moment_of_a_heal_is_not_lost(
    begin: Begin, record_property: Callable[[str, object], None]
) -> None:
    """The laptop writes over the healed bundle, which lies under the name that it chose as well."""
    scene = stale(begin, Layout.RUNTIME)
    numbers = moments(scene, writes)
    second = scene.timestamps()["runtime"]
    record_property("histories", len(numbers))
    for number in numbers:
        scene = stale(begin, Layout.RUNTIME)
        push = partial(scene.push, second, "pushed", scene.previous)
        with scene.world.watched_by(faults.meanwhile(faults.nth(number, writes), push)):
            scene.check()
        scene.check()
        assert greetings(scene.vault) == {"pushed"}, f"at request {number}"


@every_layout
def test_a_crash_at_any_moment_of_a_heal_is_mended_by_the_next_check(
    begin: Begin, layout: Layout, record_property: Callable[[str, object], None]
) -> None:
    numbers = moments(stale(begin, layout), writes)
    record_property("histories", len(numbers))
    for number in numbers:
        scene = stale(begin, layout)
        with (
            scene.world.watched_by(faults.crash_after(faults.nth(number, writes))),
            pytest.raises(FunctionCrashed),
        ):
            scene.check()
        scene.check()
        assert greetings(scene.vault) == {"stale"}, f"at write {number}"
        assert (set(scene.gens().values()), len(scene.rows())) == ({1}, 1)
        scene.is_well(scene.check())


def take_back(scene: CheckScene) -> None:
    """A person makes AWSPREVIOUS current again."""
    scene.secret.manager.update_secret_version_stage(
        SecretId=scene.secret.name,
        VersionStage="AWSCURRENT",
        MoveToVersionId=scene.secret.holder("AWSPREVIOUS"),
        RemoveFromVersionId=scene.secret.holder("AWSCURRENT"),
    )


def test_a_person_who_took_the_label_back_is_not_overruled(begin: Begin) -> None:
    """The version that lost AWSCURRENT may still carry AWSPENDING from its rotation: that rotation was not torn."""
    scene = begin(Layout.BOTH)
    first = scene.secret.holder("AWSPREVIOUS")
    take_back(scene)
    assert sorted(told for told in scene.check().told() if told[0] == DRIFT) == [
        (DRIFT, layout, STALE) for layout in ("cli", "runtime")
    ]
    assert scene.secret.holder("AWSCURRENT") == first
    scene.tag(heal="on")
    scene.check()
    assert scene.secret.holder("AWSCURRENT") == first
    assert scene.opens_everywhere()


def test_a_person_who_takes_the_label_back_at_any_moment_of_a_heal_finds_it_mended_by_the_next_check(
    begin: Begin, record_property: Callable[[str, object], None]
) -> None:
    numbers = moments(stale(begin, Layout.RUNTIME), writes)
    record_property("histories", len(numbers))
    for number in numbers:
        scene = stale(begin, Layout.RUNTIME)
        with scene.world.watched_by(faults.meanwhile(faults.nth(number, writes), partial(take_back, scene))):
            scene.check()
        scene.check()
        assert greetings(scene.vault) == {"stale"}, f"before write {number}"


def test_an_older_seal_is_healed_where_it_is_to_be_repaired(begin: Begin) -> None:
    scene = begin(Layout.CLI, heal="on", repair="seal")
    scene.push(SOONER, "stale", scene.previous)
    scene.put(f"acme_web/prod/versions/{LATER}.enc", scene.objects()[f"acme_web/prod/versions/{SOONER}.enc"])
    scene.put(pointers(scene.vault)["cli"], LATER.encode())
    scene.check()
    assert greetings(scene.vault) == {"stale"}, "pulled, which insists on the seal"
