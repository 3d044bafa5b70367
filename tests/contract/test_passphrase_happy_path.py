"""One undisturbed rotation of a vault's passphrase, in each layout: everything it changes, and what it leaves alone."""

import csv
import re
from dataclasses import replace

import pytest

from rotate_vault_passphrase.handler import lambda_handler as rotate_vault_passphrase
from simulator.vault_bytes import WrongPassphrase, decrypt, derive, seal, unseal
from simulator.vaults import FIRST_PASSPHRASE, FIRST_TIMESTAMP, SALT, Layout
from simulator.world import World
from tests.contract.log_reading import measured, said
from tests.contract.passphrase_rotation import (
    FIRST_CELL,
    HEADER,
    LAYOUTS,
    NEW_TIMESTAMP,
    audit_key,
    audit_rows,
    boots,
    bundles,
    cells,
    current_version,
    payloads,
    picture,
    pointers,
    put,
    rotate,
    succeeded,
    vault_at_noon,
)

every_layout = pytest.mark.parametrize("layout", LAYOUTS)
ROW = r'2026-03-01T12:00:00\.400Z,rotate,20260301-120000,[^,"]*,,[^,"]*,[^,"]*,[^,"]*,,"{""event"":""rotate"",""gen"":1,""prev_gen"":0}"'


@every_layout
def test_an_application_boots_before_and_after_with_the_same_payload(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_at_noon(world, layout)
    before = payloads(vault)
    assert succeeded(rotate(vault, passphrase_function)).attempts == 1
    assert payloads(vault) == before
    assert {booted.timestamp for booted in boots(vault).values()} == {NEW_TIMESTAMP}
    assert {booted.gen for booted in boots(vault).values()} == {1}


@every_layout
def test_the_old_passphrase_opens_the_live_bundle_no_longer(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_at_noon(world, layout)
    succeeded(rotate(vault, passphrase_function))
    for key in bundles(vault, NEW_TIMESTAMP).values():
        with pytest.raises(WrongPassphrase):
            decrypt(derive(FIRST_PASSPHRASE, SALT, 1000), vault.objects()[key])
    with pytest.raises(WrongPassphrase):
        boots(vault, passphrase=FIRST_PASSPHRASE)


def test_the_new_passphrase_is_44_printable_characters_and_another_one_each_time(
    world: World, passphrase_function: str
) -> None:
    vault = vault_at_noon(world)
    succeeded(rotate(vault, passphrase_function))
    first = vault.passphrase()
    world.clock.advance(60)
    succeeded(rotate(vault, passphrase_function))
    second = vault.passphrase()
    assert len({FIRST_PASSPHRASE, first, second}) == 3
    for passphrase in (first, second):
        assert re.fullmatch(r"[!-~]{44}", passphrase) is not None


@every_layout
def test_nothing_else_in_the_bucket_or_the_config_secret_changes(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_at_noon(world, layout)
    before = picture(vault)
    succeeded(rotate(vault, passphrase_function))
    after = picture(vault)
    made = {*bundles(vault, NEW_TIMESTAMP).values(), *cells(vault).values(), audit_key(vault)}
    assert set(after.objects) - set(before.objects) == made
    changed = {key for key, body in before.objects.items() if after.objects.get(key) != body}
    assert changed == set(pointers(vault).values())
    assert after.values[vault.config_secret] == before.values[vault.config_secret]
    assert after.labels[vault.config_secret] == before.labels[vault.config_secret]
    assert after.tags == before.tags
    assert vault.blob()["salt"] == SALT


@every_layout
def test_awscurrent_moves_and_the_old_version_becomes_awsprevious(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_at_noon(world, layout)
    previous = current_version(vault)
    record = succeeded(rotate(vault, passphrase_function))
    labels = {version: set(stages) for version, stages in picture(vault).labels[vault.passphrase_secret].items()}
    # AWSPENDING ends on the current version or nowhere: the two legal ends of a rotation.
    assert labels[record.version_id] - {"AWSPENDING"} == {"AWSCURRENT"}
    assert labels[previous] == {"AWSPREVIOUS"}
    assert set(labels) == {previous, record.version_id}


@every_layout
def test_each_layout_gets_its_own_generation_cell_and_no_other(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_at_noon(world, layout)
    succeeded(rotate(vault, passphrase_function))
    objects = vault.objects()
    found = {key: body for key, body in objects.items() if key.endswith(("latest.meta", "latest.manifest"))}
    assert found == dict.fromkeys(cells(vault).values(), FIRST_CELL)


@every_layout
def test_the_audit_file_is_made_with_the_header_and_one_exact_row(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_at_noon(world, layout)
    succeeded(rotate(vault, passphrase_function))
    header, row, rest = vault.objects()[audit_key(vault)].decode().split("\n")
    assert (header, rest) == (HEADER, "")
    assert re.fullmatch(ROW, row) is not None, row
    assert len(next(csv.reader([row]))) == 10


@every_layout
def test_the_finished_event_tells_the_exact_facts(world: World, passphrase_function: str, layout: Layout) -> None:
    vault = vault_at_noon(world, layout)
    previous = current_version(vault)
    record = succeeded(rotate(vault, passphrase_function))
    (event,) = world.events
    assert (event.source, event.detail_type, event.bus) == ("vsync.rotation", "Rotation Finished", "default")
    assert type(event.detail["race_window_ms"]) is int
    assert event.detail == {
        "secret_arn": record.secret_arn,
        "secret_name": vault.passphrase_secret,
        "kind": "vault-passphrase",
        "repo": "acme_web",
        "env": "prod",
        "at": "2026-03-01T12:00:00Z",
        "version_id": record.version_id,
        "previous_version_id": previous,
        "gen": 1,
        "prev_gen": 0,
        "bundle_ts": NEW_TIMESTAMP,
        "race_window_ms": 0,  # virtual time stands still between the two requests
    }


def test_the_log_has_one_line_of_the_finished_rotation_and_its_metrics(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world, Layout.BOTH)
    record = succeeded(rotate(vault, passphrase_function))
    (line,) = said(world, action="secret.rotate.completed")
    facts = ("secret", "version_id", "step", "gen", "prev_gen", "race_window_ms", "method")
    assert {name: line[name] for name in facts} == {
        "secret": vault.passphrase_secret,
        "version_id": record.version_id,
        "step": "finishSecret",
        "gen": 1,
        "prev_gen": 0,
        "race_window_ms": 0,
        "method": "programmatic",
    }
    assert (line["actor"], line["bundle_ts"]) == ("rotate_vault_passphrase", world.events[-1].detail["bundle_ts"])
    shared = {"service": "rotate_vault_passphrase", "step": "finishSecret"}
    assert measured(world, "RotationFinished") == [(shared, [1.0])]
    assert measured(world, "RaceWindow") == [(shared, [0.0])]


def test_the_metrics_of_one_vault_are_told_apart_where_that_is_asked_for(world: World) -> None:
    """Each combination of dimensions is a metric that is paid for."""
    vault = vault_at_noon(world, Layout.RUNTIME)
    function = world.deploy(
        "rotate_vault_passphrase",
        rotate_vault_passphrase,
        environment={"VSYNC_ROTATION_PER_VAULT_METRICS": "on"},
    )
    succeeded(rotate(vault, function))
    shared = {"service": "rotate_vault_passphrase", "step": "finishSecret"}
    for metric in ("RotationFinished", "StepDuration", "RaceWindow"):
        dimensions = [found for found, _ in measured(world, metric)]
        assert dimensions == [shared, shared | {"secret": vault.passphrase_secret}]


def test_the_bundle_of_the_cli_layout_is_sealed_as_its_pointer_says(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world)
    before = boots(vault)["cli"].payload
    succeeded(rotate(vault, passphrase_function))
    pointer = vault.objects()["acme_web/prod/latest"]
    assert pointer == NEW_TIMESTAMP.encode()
    envelope = vault.objects()[f"acme_web/prod/versions/{NEW_TIMESTAMP}.enc"]
    opened = decrypt(derive(vault.passphrase(), SALT, 1000), envelope)
    assert unseal(opened) == (NEW_TIMESTAMP, before)


def test_what_a_sealed_manifest_carries_behind_its_timestamp_is_kept(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world, Layout.RUNTIME)
    replace(vault.laptop, manifest_payload=b'{"made":"by hand"}\n').publish(FIRST_TIMESTAMP, {"GREETING": "hello"})
    succeeded(rotate(vault, passphrase_function))
    assert vault.objects()["acme_web/prod/manifest"] == seal(NEW_TIMESTAMP, b'{"made":"by hand"}\n')


def test_a_bare_manifest_stays_bare(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world, Layout.RUNTIME)
    before = boots(vault)["runtime"].payload
    put(vault, "acme_web/prod/manifest", FIRST_TIMESTAMP.encode())
    succeeded(rotate(vault, passphrase_function))
    assert vault.objects()["acme_web/prod/manifest"] == NEW_TIMESTAMP.encode()
    envelope = vault.objects()[f"acme_web/prod/v={NEW_TIMESTAMP}"]
    assert decrypt(derive(vault.passphrase(), SALT, 1000), envelope) == before


def test_metadata_of_a_pointer_is_kept_and_its_gen_raised(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world)
    for layout, key in pointers(vault).items():
        put(vault, key, vault.objects()[key], ContentType="text/x-pointer", Metadata={"owner": layout, "gen": "4"})
        put(vault, cells(vault)[layout], b'{"gen":4,"prev_gen":3,"rotated_at":"2026-02-01T00:00:00.000Z"}')
    succeeded(rotate(vault, passphrase_function))
    found = {layout: picture(vault).metadata[key] for layout, key in pointers(vault).items()}
    assert found == {
        layout: {"ContentType": "text/x-pointer", "owner": layout, "gen": "5"} for layout in pointers(vault)
    }


def test_a_pointer_without_a_gen_gets_none(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world)
    succeeded(rotate(vault, passphrase_function))
    assert [key for key in pointers(vault).values() if "gen" in picture(vault).metadata[key]] == []


@pytest.mark.parametrize(
    ("runtime_cell", "cli_cell", "prev_gen"),
    [
        pytest.param(b'{"gen":3}', b'{"gen":7,"prev_gen":6}', 7, id="the CLI's is higher"),
        pytest.param(b'{"gen":9}', b'{"gen":7,"prev_gen":6}', 9, id="the runtime's is higher"),
        pytest.param(b'{"gen":5}', b"{}", 5, id="an empty object counts as none"),
        pytest.param(b"", b'{"gen":2}', 2, id="an empty body counts as none"),
        pytest.param(None, b'{"gen":11}', 11, id="the CLI's alone"),
    ],
)
def test_gen_rises_over_the_highest_cell_in_every_layout(
    world: World, passphrase_function: str, runtime_cell: bytes | None, cli_cell: bytes, prev_gen: int
) -> None:
    vault = vault_at_noon(world)
    if runtime_cell is not None:
        put(vault, "acme_web/prod/latest.meta", runtime_cell)
    put(vault, "acme_web/prod/latest.manifest", cli_cell)
    succeeded(rotate(vault, passphrase_function))
    assert {booted.gen for booted in boots(vault).values()} == {prev_gen + 1}
    (row,) = audit_rows(vault)
    assert row["meta"] == f'{{"event":"rotate","gen":{prev_gen + 1},"prev_gen":{prev_gen}}}'
    assert (world.events[0].detail["gen"], world.events[0].detail["prev_gen"]) == (prev_gen + 1, prev_gen)


@every_layout
def test_the_metadata_of_the_new_bundle_names_its_version_and_old_bundles_stay_as_they_were(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_at_noon(world, layout)
    before = picture(vault)
    record = succeeded(rotate(vault, passphrase_function))
    after = picture(vault)
    for key in bundles(vault, NEW_TIMESTAMP).values():
        assert record.version_id in after.metadata[key].values()
    for key in bundles(vault, FIRST_TIMESTAMP).values():
        assert (after.metadata[key], after.objects[key]) == (before.metadata[key], before.objects[key])


@every_layout
def test_a_second_rotation_adds_one_more_of_everything(world: World, passphrase_function: str, layout: Layout) -> None:
    vault = vault_at_noon(world, layout)
    before = payloads(vault)
    succeeded(rotate(vault, passphrase_function))
    first_rows = vault.objects()[audit_key(vault)]
    world.clock.advance(3600)
    succeeded(rotate(vault, passphrase_function))
    assert payloads(vault) == before
    assert {(booted.timestamp, booted.gen) for booted in boots(vault).values()} == {("20260301-130000", 2)}
    assert vault.objects()[audit_key(vault)].startswith(first_rows)
    assert [row["version_ts"] for row in audit_rows(vault)] == [NEW_TIMESTAMP, "20260301-130000"]
