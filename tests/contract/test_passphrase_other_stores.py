"""Stores that are not AWS: the function's own credentials never go there, and Ceph's dialect is understood."""

import json
from collections.abc import Mapping

import pytest

from simulator import faults
from simulator.run import FUNCTION
from simulator.vaults import Layout, Vault
from simulator.world import World
from tests.contract.passphrase_rotation import (
    LAYOUTS,
    NEW_TIMESTAMP,
    audit_rows,
    boots,
    operator,
    payloads,
    picture,
    pointers,
    push_to,
    putting,
    rotate_once,
    succeeded,
    vault_at_noon,
)

every_layout = pytest.mark.parametrize("layout", LAYOUTS)
WRITER = {"vsync-rotation:writer-secret": "store/writer"}


def elsewhere(world: World) -> str:
    """The same server under another host name: for the function another store."""
    return world.endpoint_url.replace("127.0.0.1", "localhost")


def vault_elsewhere(world: World, layout: Layout, tags: Mapping[str, str] | None = None) -> Vault:
    return vault_at_noon(world, layout, extra_fields={"endpoint": elsewhere(world)}, passphrase_tags=tags)


def make_writer(world: World) -> str:
    """A user with a key, and the secret that holds it. Returns the access key id."""
    iam = operator("iam", world)
    iam.create_user(UserName="writer")
    key = iam.create_access_key(UserName="writer")["AccessKey"]
    pair = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    operator("secretsmanager", world).create_secret(Name="store/writer", SecretString=json.dumps(pair))
    return str(key["AccessKeyId"])


def signed_by_functions(world: World) -> set[tuple[str, str]]:
    """Host name and access key id of every S3 request of a function."""
    mine = [request for request in world.requests if request.function is not None and request.service == "s3"]
    return {(request.host.partition(":")[0], request.principal) for request in mine}


@every_layout
def test_another_store_without_a_writer_secret_is_refused_before_anything_is_sent_there(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_elsewhere(world, layout)
    before = picture(vault)
    record = rotate_once(vault, passphrase_function)
    assert (record.steps[-1].step, record.error) == ("createSecret", "SettingsError")
    assert "writer-secret" in str(record.message)
    assert signed_by_functions(world) == set()
    assert picture(vault).without_version(record.version_id) == before


@every_layout
def test_another_store_is_written_with_the_writers_key_only(
    world: World, passphrase_function: str, layout: Layout
) -> None:
    vault = vault_elsewhere(world, layout, WRITER)
    writer = make_writer(world)
    before = payloads(vault)
    succeeded(rotate_once(vault, passphrase_function))
    assert signed_by_functions(world) == {("localhost", writer)}
    assert FUNCTION.access_key_id != writer
    assert payloads(vault) == before
    assert {(booted.timestamp, booted.gen) for booted in boots(vault).values()} == {(NEW_TIMESTAMP, 1)}
    assert len(audit_rows(vault)) == 1


def test_a_writer_secret_is_used_for_a_vault_on_aws_too(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world, passphrase_tags=WRITER)
    writer = make_writer(world)
    succeeded(rotate_once(vault, passphrase_function))
    assert signed_by_functions(world) == {("127.0.0.1", writer)}


def test_a_writer_key_that_has_been_replaced_is_taken_up_between_two_rotations(
    world: World, passphrase_function: str
) -> None:
    vault = vault_elsewhere(world, Layout.BOTH, WRITER)
    first = make_writer(world)
    succeeded(rotate_once(vault, passphrase_function))
    iam = operator("iam", world)
    key = iam.create_access_key(UserName="writer")["AccessKey"]
    iam.delete_access_key(UserName="writer", AccessKeyId=first)
    pair = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    operator("secretsmanager", world).put_secret_value(SecretId="store/writer", SecretString=json.dumps(pair))
    world.clock.advance(60)
    succeeded(rotate_once(vault, passphrase_function))
    assert {booted.gen for booted in boots(vault).values()} == {2}


@every_layout
@pytest.mark.parametrize("store", ["AWS's endpoint", "another"])
def test_a_store_that_refuses_quoted_etags_is_rotated(
    world: World, passphrase_function: str, layout: Layout, store: str
) -> None:
    make_writer(world)
    vault = vault_elsewhere(world, layout, WRITER) if store == "another" else vault_at_noon(world, layout)
    world.s3.quoted_etags_never_match = True
    before = payloads(vault)
    for gen in (1, 2):  # the second rotation replaces cells and appends to the audit file
        succeeded(rotate_once(vault, passphrase_function))
        assert {booted.gen for booted in boots(vault).values()} == {gen}
        world.clock.advance(60)
    assert payloads(vault) == before
    assert len(audit_rows(vault)) == 2


@pytest.mark.parametrize(
    ("swap", "attempt"),
    [
        pytest.param("cli", 1, id="before the first try"),
        pytest.param("cli", 2, id="between the quoted and the unquoted try"),
        pytest.param("runtime", 1, id="between the two pointers"),
    ],
)
def test_a_push_is_still_noticed_where_quoted_etags_are_refused(
    world: World, passphrase_function: str, swap: str, attempt: int
) -> None:
    vault = vault_at_noon(world)
    world.s3.quoted_etags_never_match = True
    race = faults.nth(attempt, putting(pointers(vault)[swap]))
    push = faults.meanwhile(race, lambda: push_to(vault, swap, "20260301-130000", "pushed"))
    with world.watched_by(push):
        succeeded(rotate_once(vault, passphrase_function))
    assert push.hits
    assert b"pushed" in boots(vault)[swap].payload
    assert {booted.gen for booted in boots(vault).values()} == {1}
