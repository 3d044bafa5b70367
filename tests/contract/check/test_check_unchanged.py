"""A vault that nobody touched costs descriptions and HEADs; whatever anybody does to it leads to a whole look."""

from collections.abc import Callable
from functools import partial

import pytest

from simulator import faults
from simulator.vaults import FIRST_TIMESTAMP, Layout, make_vault
from tests.contract.check.conftest import Begin
from tests.contract.check.damages import LATER
from tests.contract.check.scene import NOBODYS_PASSPHRASE, Checked, CheckScene
from tests.contract.passphrase_rotation import cells, key_of, pointers, push_to
from tests.contract.secret_versions import blob_text, encoded


def looked_whole(checked: Checked) -> bool:
    return "GetObject" in checked.operations()


@pytest.mark.parametrize("layout", Layout)
def test_an_unchanged_vault_costs_two_descriptions_the_parameter_and_a_head_per_object(
    begin: Begin, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = begin(layout).settled()
    derived: list[object] = []
    monkeypatch.setattr("check_vaults.vault_health.derive_key", lambda *_, **__: derived.append(None))
    checked = scene.check()
    scene.is_well(checked)
    heads = [key_of(request) for request in checked.requests if request.operation == "HeadObject"]
    others = [operation for operation in checked.operations() if operation != "HeadObject"]
    assert others == ["DescribeSecret", "GetParameter", "DescribeSecret"]
    layouts = pointers(scene.vault)
    there = {*layouts.values(), *cells(scene.vault).values(), *scene.live_bundles().values()}
    # A layout that is not there may come into being.
    absent = {"acme_web/prod/latest", "acme_web/prod/manifest"} - there
    assert sorted(heads) == sorted(there | absent)
    assert derived == []


def test_an_unchanged_vault_stays_cheap_for_a_month(begin: Begin) -> None:
    scene = begin(Layout.RUNTIME).settled()
    for _ in range(3):
        checked = scene.check(seconds=10 * 86_400)
        scene.is_well(checked)
        assert not looked_whole(checked)
        assert checked.writes() == []


def other_location(scene: CheckScene) -> None:
    """The config secret names another bucket, in which another vault lies that AWSCURRENT does not open."""
    other = make_vault(scene.world, scene.vault.layout, repo="other", bucket="other-bucket")
    blob = other.blob()
    scene.config.set_current(encoded({**dict(blob.fields), "prefix": "other/prod/"}))
    scene.tag(repo="other")


CHANGES: dict[str, Callable[[CheckScene], object]] = {
    "a push": lambda scene: scene.push(LATER, "pushed", scene.secret.value()),
    "a push under the live timestamp": lambda scene: scene.push(
        scene.timestamps()["runtime"], "pushed", scene.secret.value()
    ),
    "a bundle replaced in place": lambda scene: scene.put(scene.live_bundles()["runtime"], b"junk" * 20),
    "a rotation": lambda scene: scene.rotated(),
    "the config secret's value": lambda scene: scene.config.set_current(scene.config.value()),
    "a tag set": lambda scene: scene.tag(heal="on"),
    "a tag nobody knows": lambda scene: scene.tag(hael="on"),
    "a tag removed": lambda scene: scene.secret.untag("repo"),
    "a label moved": lambda scene: scene.secret.set_current(NOBODYS_PASSPHRASE),
    "a rotation begun": lambda scene: scene.world.begin_rotation(scene.vault.passphrase_secret),
    "a cell changed": lambda scene: scene.put(cells(scene.vault)["runtime"], b'{"gen":9}'),
    "a cell deleted": lambda scene: scene.delete(cells(scene.vault)["runtime"]),
    "a pointer deleted": lambda scene: scene.delete(pointers(scene.vault)["runtime"]),
    "a bundle deleted": lambda scene: scene.delete(scene.live_bundles()["runtime"]),
    "another layout's first push": lambda scene: scene.put("acme_web/prod/latest", FIRST_TIMESTAMP.encode()),
    "another place": other_location,
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_leads_to_a_whole_look(begin: Begin, change: str) -> None:
    scene = begin(Layout.RUNTIME).settled()
    CHANGES[change](scene)
    assert looked_whole(scene.check())


@pytest.mark.parametrize("change", ["consumer:web", "health:web"])
def test_what_is_declared_about_consumers_is_no_change_of_the_vault(begin: Begin, change: str) -> None:
    scene = begin(Layout.RUNTIME).settled()
    scene.secret.tag(change, "ecs:prod/web" if change.startswith("consumer") else "https://web.example/health")
    scene.check()  # the first one learns since when the version is there
    assert not looked_whole(scene.check(seconds=60))


def acted_behind_every(service: str, scene_of: Callable[[], CheckScene], act: Callable[[CheckScene], object]) -> None:
    """Somebody acts behind each of a check's requests to this service, with which alone it matters; the next check
    must have seen it."""
    among = faults.both(faults.from_function("check_vaults"), lambda request: request.service == service)
    boundaries = len([request for request in scene_of().check().requests if among(request)])
    assert boundaries
    for number in range(1, boundaries + 1):
        scene = scene_of()
        meanwhile = faults.afterwards(faults.nth(number, among), partial(act, scene))
        with scene.world.watched_by(meanwhile):
            first = scene.check()
        assert len(meanwhile.hits) == 1
        told = first.told() + scene.check().told()
        drifts = [telling for telling in told if telling[0] == "Vault Drift Detected"]
        assert drifts == [("Vault Drift Detected", "runtime", "opens-with-none")], f"at request {number}"


def test_nothing_pushed_while_a_vault_is_looked_at_is_missed_by_the_next_check(begin: Begin) -> None:
    acted_behind_every(
        "s3",
        lambda: begin(Layout.RUNTIME),
        lambda scene: push_to(scene.vault, "runtime", LATER, "lost", NOBODYS_PASSPHRASE),
    )


def test_nothing_pushed_while_an_unchanged_vault_is_compared_is_missed_by_the_next_check(begin: Begin) -> None:
    acted_behind_every(
        "s3",
        lambda: begin(Layout.RUNTIME).settled(),
        lambda scene: push_to(scene.vault, "runtime", LATER, "lost", NOBODYS_PASSPHRASE),
    )


def test_a_vault_that_moves_while_it_is_looked_at_is_looked_at_in_its_new_place_by_the_next_check(begin: Begin) -> None:
    """The value of the config secret that was read, and the version that is remembered, have to be the same."""

    def moved(scene: CheckScene) -> None:
        blob = {**_fields(scene), "prefix": "elsewhere/prod/"}
        body = scene.objects()
        scene.put("elsewhere/prod/manifest", body[pointers(scene.vault)["runtime"]])
        scene.put(f"elsewhere/prod/v={scene.timestamps()['runtime']}", b"junk" * 20)
        scene.config.set_current(encoded(blob))

    acted_behind_every("secretsmanager", lambda: begin(Layout.RUNTIME), moved)


def _fields(scene: CheckScene) -> dict[str, object]:
    import json

    fields: dict[str, object] = json.loads(blob_text(scene.config.value()))
    return fields
