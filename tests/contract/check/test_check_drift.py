"""What is wrong with a vault is said once, by its name, in each layout; and once more when it is well again."""

import pytest

from simulator import faults
from simulator.vaults import Layout
from tests.contract.check.conftest import Begin
from tests.contract.check.damages import ANYWHERE, LATER, SEALS, SOONER, Damage
from tests.contract.check.scene import NOBODYS_PASSPHRASE, CheckScene
from tests.contract.passphrase_rotation import cells, pointers

DRIFT, WELL = "Vault Drift Detected", "Vault Well Again"


def put_back(scene: CheckScene, before: dict[str, bytes]) -> None:
    """Every object as it was; what came in between goes."""
    for key in scene.objects().keys() - before.keys():
        scene.delete(key)
    for key, body in before.items():
        if scene.objects().get(key) != body:
            scene.put(key, body)


ALONE = [
    *(
        pytest.param(layout, *ANYWHERE[name], id=f"{layout}: {name}")
        for layout in ("cli", "runtime")
        for name in ANYWHERE
    ),
    *(pytest.param("cli", *SEALS[name], id=f"cli: {name}") for name in SEALS),
]


@pytest.mark.parametrize(("layout", "damage", "reason"), ALONE)
def test_the_first_check_of_all_finds_what_is_wrong_and_the_next_one_that_it_is_over(
    begin: Begin, layout: str, damage: Damage, reason: str
) -> None:
    scene = begin(Layout(layout))
    before = scene.objects()
    damage(scene, layout)
    checked = scene.check()
    assert checked.told() == [(DRIFT, layout, reason)]
    assert checked.actions() == [("drift", f"{layout}: {reason}")]
    assert set(checked.writes()) == {"PutParameter"}
    put_back(scene, before)
    assert scene.check().told() == [(WELL, layout, reason)]


MAIN = [
    "pushed with the previous passphrase",
    "pushed with a passphrase nobody stored",
    "bundle deleted",
    "pointer deleted",
    "cell damaged",
]


@pytest.mark.parametrize(("damage", "reason"), [pytest.param(*ANYWHERE[name], id=name) for name in MAIN])
def test_a_check_that_remembers_tells_each_layout_s_drift_once_and_once_that_it_is_over(
    begin: Begin, damage: Damage, reason: str
) -> None:
    scene = begin(Layout.BOTH).settled()
    before = scene.objects()
    for layout in ("cli", "runtime"):
        damage(scene, layout)
    assert sorted(scene.check().told()) == [(DRIFT, layout, reason) for layout in ("cli", "runtime")]
    assert scene.check().told() == []
    put_back(scene, before)
    assert sorted(scene.check().told()) == [(WELL, layout, reason) for layout in ("cli", "runtime")]
    assert scene.is_remembered()


@pytest.mark.parametrize("hit", ["cli", "runtime"])
def test_of_two_layouts_only_the_one_that_drifted_is_named(begin: Begin, hit: str) -> None:
    for damage, reason in map(ANYWHERE.__getitem__, MAIN):
        scene = begin(Layout.BOTH)
        damage(scene, hit)
        assert scene.check().told() == [(DRIFT, hit, reason)]


def test_the_event_names_secret_vault_and_time(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME)
    scene.delete(pointers(scene.vault)["runtime"])
    detail = scene.check().detail(DRIFT)
    assert detail == {
        "secret_arn": scene.secret.arn,
        "secret_name": scene.vault.passphrase_secret,
        "kind": "vault-passphrase",
        "repo": "acme_web",
        "env": "prod",
        "at": f"{scene.world.clock.now():%Y-%m-%dT%H:%M:%SZ}",
        "layout": "runtime",
        "reason": "pointer-missing",
    }


def test_a_vault_that_was_never_pushed_is_no_finding(begin: Begin) -> None:
    scene = begin(Layout.BOTH, rotations=0)
    for key in scene.objects():
        scene.delete(key)
    for _ in range(2):
        checked = scene.check()
        assert (checked.told(), checked.errors()) == ([], [])
        assert checked.actions() == [("left alone", "the vault was never pushed")]


def test_everything_deleted_is_a_finding_for_who_remembers(begin: Begin) -> None:
    """Without a memory it cannot be told from a vault that was never pushed."""
    scene = begin(Layout.BOTH).settled()
    for key in scene.objects():
        scene.delete(key)
    assert sorted(scene.check().told()) == [(DRIFT, name, "pointer-missing") for name in ("cli", "runtime")]
    assert scene.check().told() == []


def test_another_finding_in_place_of_the_first_is_told(begin: Begin) -> None:
    scene = begin(Layout.CLI)
    scene.push(SOONER, "lost", NOBODYS_PASSPHRASE)
    assert scene.check().told() == [(DRIFT, "cli", "opens-with-none")]
    scene.push(LATER, "stale", scene.previous)
    assert scene.check().told() == [(DRIFT, "cli", "opens-with-previous")]
    scene.delete(scene.live_bundles()["cli"])
    assert scene.check().told() == [(DRIFT, "cli", "bundle-missing")]
    scene.push("20260311-080000", "fresh", scene.secret.value())
    assert scene.check().told() == [(WELL, "cli", "bundle-missing")]


def test_an_older_seal_is_accepted_where_it_is_to_be_repaired_and_a_newer_one_never(begin: Begin) -> None:
    scene = begin(Layout.CLI, repair="seal")
    SEALS["sealed before its name"][0](scene, "cli")
    scene.is_well(scene.check())
    SEALS["sealed after its name"][0](scene, "cli")
    assert scene.check().told() == [(DRIFT, "cli", "seal-mismatch")]


def test_a_stale_push_with_an_older_seal_still_opens_with_the_previous_passphrase(begin: Begin) -> None:
    scene = begin(Layout.CLI)
    scene.push(SOONER, "stale", scene.previous)
    scene.put(f"acme_web/prod/versions/{LATER}.enc", scene.objects()[f"acme_web/prod/versions/{SOONER}.enc"])
    scene.put(pointers(scene.vault)["cli"], LATER.encode())
    assert scene.check().told() == [(DRIFT, "cli", "opens-with-previous")]


def test_a_cell_or_a_metadata_gen_that_is_malformed_is_found_once_both_are_well(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME)
    body = scene.objects()[pointers(scene.vault)["runtime"]]
    scene.put(pointers(scene.vault)["runtime"], body, Metadata={"gen": "one"})
    assert scene.check().told() == [(DRIFT, "runtime", "generation-malformed")]
    scene.delete(cells(scene.vault)["runtime"])  # none means gen 0, and the rotation is counted anew
    scene.put(pointers(scene.vault)["runtime"], body)
    assert (WELL, "runtime", "generation-malformed") in scene.check().told()


def test_two_bases_are_both_looked_at(begin: Begin) -> None:
    """The repo's name differs from what the prefix implies: the CLI's push goes to another place than its rotation."""
    scene = begin(Layout.BOTH, rotations=0)
    scene.tag(repo="other")
    key = scene.objects()[scene.live_bundles()["cli"]]
    scene.put("other/prod/versions/20260101-000000.enc", key)
    scene.put("other/prod/latest", b"20260101-000000")
    scene.is_well(scene.check())
    scene.delete("other/prod/latest")
    assert scene.check().told() == [(DRIFT, "cli", "pointer-missing")]
    scene.delete(pointers(scene.vault)["cli"])
    assert scene.check().told() == [(DRIFT, "cli", "pointer-missing")], "the other base's pointer is another finding"


def test_a_memory_that_could_not_be_written_costs_a_second_report_and_nothing_else(begin: Begin) -> None:
    scene = begin(Layout.BOTH).settled()
    scene.push(LATER, "stale", scene.previous)
    objects = scene.objects()
    with scene.world.watched_by(faults.deny(faults.operation("ssm:PutParameter"))):
        first = scene.check()
    assert first.errors() == ["PermissionDeniedError"]
    assert scene.objects() == objects
    again = scene.check()
    assert sorted(again.told()) == sorted(first.told())
    assert again.errors() == []
    assert scene.check().told() == []


def test_a_drift_of_a_vault_with_a_pending_rotation_is_told_all_the_same(begin: Begin) -> None:
    scene = begin(Layout.BOTH)
    scene.push(LATER, "stale", scene.previous)
    scene.world.begin_rotation(scene.vault.passphrase_secret)
    assert sorted(scene.check(seconds=60).told()) == [
        (DRIFT, name, "opens-with-previous") for name in ("cli", "runtime")
    ]


def test_a_rotation_that_ends_while_the_vault_is_looked_at_is_no_finding(begin: Begin) -> None:
    """A vault looked at with labels that are no longer true says nothing about the vault."""
    scene = begin(Layout.RUNTIME)
    scene.ordered()
    pointer = faults.nth(1, lambda request: request.function == "check_vaults" and request.operation == "GetObject")
    meanwhile = faults.meanwhile(pointer, scene.world.rotation_service.run)
    with scene.world.watched_by(meanwhile):
        checked = scene.check()
    assert meanwhile.hits
    assert checked.told() == [("Rotation Finished",)], "the rotation's own event"
    assert [action for action, _ in checked.actions()] == ["left alone"]
    scene.is_well(scene.check())
