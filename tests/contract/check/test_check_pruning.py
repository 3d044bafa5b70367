"""Superseded bundles go where a tag says how many stay: never the live one, the previous one, or a young one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from simulator import faults
from simulator.exchange import Request
from simulator.vault_bytes import timestamp
from simulator.vaults import Layout
from simulator.world import World
from tests.contract.check.conftest import Begin
from tests.contract.check.scene import HOUR, NOBODYS_PASSPHRASE, CheckScene
from tests.contract.passphrase_rotation import bundles, event_for, key_of, pointers

DAY = 24 * HOUR


@dataclass(slots=True)
class Tripwire:
    """Every deletion by a function has to be announced."""

    announced: set[str] = field(default_factory=set)
    deleted: list[str] = field(default_factory=list)

    def before(self, request: Request) -> None:
        if request.function is not None and request.operation.startswith("DeleteObject"):
            self.deleted.append(key_of(request))

    def after(self, request: Request) -> None: ...


@pytest.fixture
def tripwire(world: World) -> Iterator[Tripwire]:
    """Judged when the test is over."""
    wire = Tripwire()
    yield wire
    assert set(wire.deleted) == wire.announced


def watched(begin: Begin, tripwire: Tripwire, layout: Layout = Layout.RUNTIME, **tags: str) -> CheckScene:
    scene = begin(layout, **tags)
    scene.world.switchboard.observers.append(tripwire)  # until the world is made anew
    return scene


def pushed_daily(scene: CheckScene, days: int) -> list[str]:
    """So many pushes with the current passphrase, one a day, and two more days. Returns their timestamps."""
    found = []
    for _ in range(days):
        found.append(timestamp(scene.world.clock.now()))
        scene.push(found[-1], "pushed", scene.secret.value())
        scene.world.clock.advance(DAY)
    scene.world.clock.advance(2 * DAY)
    return found


def stored(scene: CheckScene, layout: str = "runtime") -> list[str]:
    """The timestamps of the layout's bundles."""
    head, _, tail = bundles(scene.vault, "*")[layout].partition("*")
    keys = sorted(key for key in scene.objects() if key.startswith(head) and key.endswith(tail))
    return [key.removeprefix(head).removesuffix(tail) for key in keys]


def gone(scene: CheckScene, names: list[str], layout: str = "runtime") -> set[str]:
    return {bundles(scene.vault, name)[layout] for name in names}


@pytest.mark.parametrize("tags", [{}, {"keep_bundles": "off"}])
def test_nothing_is_ever_deleted_unless_a_tag_says_so(begin: Begin, tripwire: Tripwire, tags: dict[str, str]) -> None:
    scene = watched(begin, tripwire, Layout.BOTH, **tags)
    pushed_daily(scene, 4)
    before = scene.objects()
    for _ in range(2):
        scene.is_well(scene.check(seconds=30 * DAY))
    assert scene.objects() == before


@pytest.mark.parametrize("keep", [0, 1, 2, 5, 100])
def test_as_many_superseded_bundles_stay_as_the_tag_says(begin: Begin, tripwire: Tripwire, keep: int) -> None:
    scene = watched(begin, tripwire, keep_bundles=str(keep))
    pushed_daily(scene, 4)
    names = stored(scene)  # two from before, four pushed: live, previous, and four superseded ones
    assert len(names) == 6
    doomed = names[: max(0, 4 - keep)]
    tripwire.announced |= gone(scene, doomed)
    checked = scene.check()
    assert stored(scene) == names[len(doomed) :]
    assert [action for action, _ in checked.actions()] == ["pruned"] * len(doomed)
    assert checked.told() == []
    assert scene.opens_everywhere()


def test_each_layout_is_pruned_by_its_own_pointer(begin: Begin, tripwire: Tripwire) -> None:
    scene = watched(begin, tripwire, Layout.BOTH, keep_bundles="0")
    pushed_daily(scene, 2)
    scene.push(timestamp(scene.world.clock.now()), "pushed", scene.secret.value(), ["cli"])
    scene.world.clock.advance(2 * DAY)
    runtime, cli = stored(scene), stored(scene, "cli")
    tripwire.announced |= gone(scene, runtime[:-2]) | gone(scene, cli[:-2], "cli")
    scene.check()
    assert (stored(scene), stored(scene, "cli")) == (runtime[-2:], cli[-2:])


def test_other_objects_stay(begin: Begin, tripwire: Tripwire) -> None:
    scene = watched(begin, tripwire, Layout.BOTH, keep_bundles="0")
    pushed_daily(scene, 1)
    for layout in ("cli", "runtime"):
        tripwire.announced |= gone(scene, stored(scene, layout)[:-2], layout)
    others = [
        "acme_web/prod/v=20200101-000000.bak",
        "acme_web/prod/v=20200230-000000",
        "acme_web/prod/versions/20200101-000000",
        "acme_web/prod/versions/old/20200101-000000.enc",
        "acme_web/prod/versions/",
        "acme_web/staging/v=20200101-000000",
        "acme_web/prod2/v=20200101-000000",
    ]
    for key in others:
        scene.put(key, b"somebody's")
    scene.world.clock.advance(3 * DAY)
    scene.check()
    assert set(others) <= scene.objects().keys()
    assert scene.opens_everywhere()


def test_what_is_newer_than_the_live_bundle_stays(begin: Begin, tripwire: Tripwire) -> None:
    """Somebody is staging or pushing; or the pointer was moved back by hand."""
    scene = watched(begin, tripwire, keep_bundles="0")
    names = pushed_daily(scene, 4)
    scene.put(pointers(scene.vault)["runtime"], b"RQEM0001" + names[1].encode())
    before = stored(scene)
    tripwire.announced |= gone(scene, before[: before.index(names[0])])
    scene.check()
    assert stored(scene) == names


def test_a_bundle_is_young_for_a_day_by_its_name_and_by_when_it_was_written(begin: Begin, tripwire: Tripwire) -> None:
    scene = watched(begin, tripwire, keep_bundles="0")
    pushed_daily(scene, 1)
    now = scene.world.clock.now()
    scene.push("20200101-000000", "written now", scene.secret.value())  # the name of a time long past
    young = timestamp(now - timedelta(hours=23))
    for name in (young, timestamp(now - timedelta(hours=22)), timestamp(now - timedelta(hours=21))):
        scene.push(name, "pushed", scene.secret.value())
    old = [name for name in stored(scene) if "2026" < name < young]
    tripwire.announced |= gone(scene, old)
    scene.check(seconds=0)
    assert stored(scene)[:2] == ["20200101-000000", young]
    tripwire.announced |= gone(scene, ["20200101-000000", young])
    scene.check(seconds=DAY + 1)
    assert len(stored(scene)) == 2


def test_pruning_is_done_once_a_day(begin: Begin, tripwire: Tripwire) -> None:
    scene = watched(begin, tripwire, keep_bundles="100")
    scene.check()
    listings = ["ListObjectVersions" in scene.check(seconds=6 * HOUR).operations() for _ in range(8)]
    assert listings == [False, False, False, True] * 2


def test_an_abandoned_staged_bundle_does_not_take_the_previous_one_s_place(begin: Begin, tripwire: Tripwire) -> None:
    """A rotation that was given up leaves a bundle that no version opens; the bundle before the live one is older."""
    scene = watched(begin, tripwire, keep_bundles="0")
    scene.world.clock.advance(DAY)
    pushed_daily(scene, 1)
    previous = scene.timestamps()["runtime"]
    version = scene.world.begin_rotation(scene.vault.passphrase_secret)
    for step in ("createSecret", "setSecret"):
        scene.world.invoke(scene.rotate_function, event_for(scene.vault, step, version))
    scene.secret.remove_label("AWSPENDING")
    scene.world.clock.advance(HOUR)
    scene.push(timestamp(scene.world.clock.now()), "pushed", scene.secret.value())
    scene.world.clock.advance(3 * DAY)
    names = stored(scene)
    tripwire.announced |= gone(scene, names[: names.index(previous)])
    scene.check()
    assert previous in stored(scene)


@pytest.mark.parametrize("why", ["stale", "lost", "bundle deleted", "pending", "paused", "cannot tell"])
def test_a_vault_that_is_not_well_or_not_at_rest_is_not_pruned(begin: Begin, tripwire: Tripwire, why: str) -> None:
    scene = watched(begin, tripwire).settled()
    pushed_daily(scene, 3)
    scene.settled()
    scene.tag(keep_bundles="0")
    fault = faults.deny(faults.both(faults.in_a_function, lambda _: False))
    match why:
        case "stale":
            scene.push("20261111-000000", "stale", scene.previous)
        case "lost":
            scene.push("20261111-000000", "lost", NOBODYS_PASSPHRASE)
        case "bundle deleted":
            scene.delete(scene.live_bundles()["runtime"])
        case "pending":
            scene.world.begin_rotation(scene.vault.passphrase_secret)
        case "paused":
            scene.tag(paused="on")
        case "cannot tell":
            # The passphrase may not be read, so that nobody knows whether what was pushed last opens.
            scene.push("20261111-000000", "lost", NOBODYS_PASSPHRASE)
            reads = iter(range(100))
            fault = faults.deny(
                faults.both(
                    faults.operation("GetSecretValue"),
                    lambda request: request.function is not None and next(reads) == 1,
                )
            )
    with scene.world.watched_by(fault):
        scene.check(seconds=HOUR)
    assert tripwire.deleted == []


def test_a_pointer_moved_back_between_listing_and_deletion_stops_it(begin: Begin, tripwire: Tripwire) -> None:
    scene = watched(begin, tripwire, keep_bundles="0")
    names = pushed_daily(scene, 4)
    back = faults.afterwards(
        faults.operation("ListObjectVersions"),
        lambda: scene.put(pointers(scene.vault)["runtime"], b"RQEM0001" + names[0].encode()),
    )
    with scene.world.watched_by(back):
        scene.check()
    assert back.hits
    assert scene.opens_everywhere()


@pytest.mark.parametrize("value", ["-1", "1.5", "all", "1000000", " 3", ""])
def test_a_malformed_tag_deletes_nothing_and_is_named(begin: Begin, tripwire: Tripwire, value: str) -> None:
    scene = watched(begin, tripwire, keep_bundles=value)
    pushed_daily(scene, 2)
    assert scene.check().errors() == ["SettingsError"]


def test_in_a_bucket_with_versions_all_that_is_stored_of_a_pruned_bundle_goes_and_nothing_else(
    begin: Begin, tripwire: Tripwire
) -> None:
    """After a leak the ciphertext has to be able to go, delete markers and overwritten versions included."""
    scene = watched(begin, tripwire, keep_bundles="0")
    s3, bucket = scene.vault.laptop.s3, scene.vault.bucket
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    names = pushed_daily(scene, 4)
    keys = [bundles(scene.vault, name)["runtime"] for name in names]
    scene.put(keys[0], b"written over")
    scene.delete(keys[0])  # a marker on two versions
    scene.put(keys[2], b"written over")
    scene.put(keys[2], scene.objects()[keys[3]])
    scene.world.clock.advance(2 * DAY)
    before = set(_versions(scene))
    tripwire.announced |= {key for key, _ in before if "/v=" in key and key < keys[2]}
    scene.check()
    after = set(_versions(scene))
    assert before - after == {version for version in before if "/v=" in version[0] and version[0] < keys[2]}
    assert len([key for key, _ in before - after if key == keys[0]]) == 3
    assert scene.opens_everywhere()


def _versions(scene: CheckScene) -> list[tuple[str, str]]:
    found = scene.vault.laptop.s3.list_object_versions(Bucket=scene.vault.bucket)
    return [(item["Key"], item["VersionId"]) for kind in ("Versions", "DeleteMarkers") for item in found.get(kind, [])]


def test_a_denied_deletion_is_said_and_tried_again(begin: Begin, tripwire: Tripwire) -> None:
    scene = watched(begin, tripwire, keep_bundles="0")
    pushed_daily(scene, 2)
    names = stored(scene)
    with scene.world.watched_by(faults.deny(faults.operation("DeleteObject"))):
        assert scene.check().errors() == ["PermissionDeniedError"]
    assert stored(scene) == names
    tripwire.announced |= gone(scene, names[:-2])
    assert scene.check().errors() == []
    assert stored(scene) == names[-2:]


def test_a_rotation_after_pruning_and_its_row_are_as_ever(begin: Begin, tripwire: Tripwire) -> None:
    scene = watched(begin, tripwire, keep_bundles="0")
    pushed_daily(scene, 2)
    tripwire.announced |= gone(scene, stored(scene)[:-2])
    scene.check()
    scene.rotated()
    assert (scene.gens(), len(scene.rows())) == ({"runtime": 2}, 2)
