"""The judge's own eyes: what is read beside the API is what the API says, and a judge that sees damage says so."""

import pytest

from simulator.vaults import Layout
from simulator.world import World
from tests.contract.glance import Side, glance
from tests.contract.passphrase_rotation import picture, put
from tests.contract.whole_world.history import History
from tests.contract.whole_world.people import ClearsPending, MakesKey, StoresValue, TreatsKey


def test_a_glance_shows_what_the_api_says(world: World) -> None:
    history = History(world, Layout.BOTH)
    for side in Side:
        history.rotate(side)
    seen = glance(history.vault)
    for side in Side:
        secret = history.scene.secret(side)
        labelled = {version: sorted(labels) for version, labels in seen.secrets[side].labels.items() if labels}
        assert labelled == secret.labels()
        assert dict(seen.secrets[side].values) == secret.values()
        assert dict(seen.secrets[side].tags) == secret.tags()
    assert seen.statuses() == history.scene.account.statuses()
    assert dict(seen.user_tags) == history.scene.account.tags()
    assert {name: item.body for name, item in seen.objects.items()} == history.vault.objects()


def test_a_picture_shows_the_metadata_that_the_api_says(world: World) -> None:
    history = History(world, Layout.BOTH)
    history.rotate(Side.PASSPHRASE)
    vault = history.vault
    put(vault, "acme_web/prod/latest", b"x", ContentType="text/x-pointer", Metadata={"Owner": "cli", "gen": "4"})
    heads = {key: vault.laptop.s3.head_object(Bucket=vault.bucket, Key=key) for key in vault.objects()}
    assert any(head["Metadata"] for head in heads.values())
    assert picture(vault).metadata == {
        key: {"ContentType": head["ContentType"], **head["Metadata"]} for key, head in heads.items()
    }


def test_an_act_that_breaks_more_than_it_may_is_told(world: World) -> None:
    history = History(world, Layout.RUNTIME)
    history.scene.account.set_status(next(iter(history.scene.seen.keys)), "Inactive")
    with pytest.raises(AssertionError, match="broke what it may not: the key in AWSCURRENT"):
        history.person(MakesKey())


def test_what_a_person_broke_excuses_nobody_once_it_was_mended(world: World) -> None:
    history = History(world, Layout.RUNTIME)
    history.person(TreatsKey("current", "deactivates"))
    assert len(history.ledger.entries) == 1
    history.person(TreatsKey("current", "activates"))
    assert history.ledger.entries == {}


def test_a_failure_without_a_reason_is_told(world: World) -> None:
    history = History(world, Layout.RUNTIME)
    history.scene.secret(Side.PASSPHRASE).tag("paused", "on")
    history.reasons.settings[Side.PASSPHRASE]["vsync-rotation:paused"] = "on"
    with pytest.raises(AssertionError, match="failed for no reason"):
        history.rotate(Side.PASSPHRASE)


def test_a_lost_push_is_told(world: World) -> None:
    history = History(world, Layout.CLI)
    history.scene.pushed["cli"] = b"what nobody pushed"
    with pytest.raises(AssertionError, match="lost the last push to cli"):
        history.person(StoresValue(Side.PASSPHRASE, "same"))


def test_a_pending_version_may_be_given_up_and_excuses_only_itself(world: World) -> None:
    history = History(world, Layout.RUNTIME)
    history.order(Side.PASSPHRASE)
    history.person(ClearsPending(Side.PASSPHRASE))
    (given_up,) = history.serve()
    assert given_up.error == "ContractError"
    assert history.rotate(Side.PASSPHRASE).error is None
