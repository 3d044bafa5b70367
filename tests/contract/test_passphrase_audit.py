"""The audit row: appended without touching the rows that stand, or logged ready to paste, and never in the way."""

import csv
import re

import pytest

from simulator import faults
from simulator.choices import Choice
from simulator.vaults import Layout, Vault
from simulator.world import World
from tests.contract.passphrase_rotation import (
    HEADER,
    NEW_TIMESTAMP,
    audit_key,
    audit_rows,
    boots,
    key_of,
    logged_audit_rows,
    put,
    putting,
    rotate_once,
    succeeded,
    vault_at_noon,
)

OLD_ROW = "2026-01-01T00:00:00.000Z,push,20260101-000000,laptop,10.0.0.7,ann,ann@acme.example,0.16.0,1.3.0,"
META = '{"event":"rotate","gen":1,"prev_gen":0}'


def getting(key: str) -> Choice:
    """A function's read of this object, by whichever operation."""
    return lambda request: request.function is not None and request.method in {"GET", "HEAD"} and key_of(request) == key


def assert_rotated(vault: Vault) -> None:
    found = boots(vault).values()
    assert {(booted.timestamp, booted.gen) for booted in found} == {(NEW_TIMESTAMP, 1)}


def assert_row_was_logged(vault: Vault) -> None:
    """The row stands in one log line, in the form the file has, so that it can be pasted."""
    (row,) = logged_audit_rows(vault)
    fields = dict(zip(HEADER.split(","), next(csv.reader([row])), strict=True))
    assert fields["ts"] == "2026-03-01T12:00:00.400Z"
    assert (fields["action"], fields["version_ts"], fields["meta"]) == ("rotate", NEW_TIMESTAMP, META)


@pytest.mark.parametrize(
    "stands",
    [
        pytest.param(f"{HEADER}\n", id="a header alone"),
        pytest.param(f"{HEADER}\n{OLD_ROW}\n", id="one row"),
        pytest.param(f"{HEADER}\n{OLD_ROW}", id="no final newline"),
        pytest.param(f"{HEADER}\r\n{OLD_ROW}\r\n", id="CRLF endings"),
        pytest.param(f'{HEADER}\n{OLD_ROW}"{{""note"":""a, b""}}"\n', id="quoted fields"),
        pytest.param(f'{HEADER}\n{OLD_ROW}"two\nlines"\n', id="a newline within quotes"),
        pytest.param(f"{HEADER}\n" + f"{OLD_ROW}\n" * 5_000, id="five thousand rows"),
    ],
)
def test_the_rows_that_stand_are_kept_byte_for_byte(world: World, passphrase_function: str, stands: str) -> None:
    vault = vault_at_noon(world)
    put(vault, audit_key(vault), stands.encode())
    succeeded(rotate_once(vault, passphrase_function))
    after = vault.objects()[audit_key(vault)].decode()
    assert after.startswith(stands)
    added = after.removeprefix(stands)
    missing = "" if stands.endswith("\n") else "\n"
    assert re.fullmatch(missing + r'2026-03-01T12:00:00\.400Z,rotate,20260301-120000,[^\n]*"\n', added) is not None
    assert audit_rows(vault)[-1]["meta"] == META
    assert_rotated(vault)


def test_a_row_stands_under_the_names_of_a_header_with_further_columns(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world)
    stands = f"{HEADER},reviewer,ticket\n{OLD_ROW},bob,T-1\n"
    put(vault, audit_key(vault), stands.encode())
    succeeded(rotate_once(vault, passphrase_function))
    assert vault.objects()[audit_key(vault)].decode().startswith(stands)
    row = audit_rows(vault)[-1]
    assert (row["action"], row["version_ts"], row["meta"]) == ("rotate", NEW_TIMESTAMP, META)
    assert (row["reviewer"], row["ticket"]) == ("", "")


def test_a_row_stands_under_the_names_of_a_header_in_another_order(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world)
    stands = "meta,action,ts,version_ts\n,push,2026-01-01T00:00:00.000Z,20260101-000000\n"
    put(vault, audit_key(vault), stands.encode())
    succeeded(rotate_once(vault, passphrase_function))
    assert vault.objects()[audit_key(vault)].decode().startswith(stands)
    assert audit_rows(vault)[-1] == {
        "meta": META,
        "action": "rotate",
        "ts": "2026-03-01T12:00:00.400Z",
        "version_ts": NEW_TIMESTAMP,
    }


def test_an_empty_file_gets_header_and_row(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world)
    put(vault, audit_key(vault), b"")
    succeeded(rotate_once(vault, passphrase_function))
    assert vault.objects()[audit_key(vault)].decode().startswith(f"{HEADER}\n2026-03-01T12:00:00.400Z,rotate,")
    assert len(audit_rows(vault)) == 1


@pytest.mark.parametrize(
    "stands",
    [
        pytest.param(b"\xff\xfe\x00damaged", id="not UTF-8"),
        pytest.param(HEADER.encode() + b"\n2026,push,\xff\xff,\n", id="a row that is not UTF-8"),
        pytest.param(b"hello, this is no audit file\n", id="another text"),
        pytest.param(b"ts,hostname\n2026-01-01T00:00:00.000Z,laptop\n", id="a header without the columns"),
        pytest.param(HEADER.encode() + b'\n2026-01-01T00:00:00.000Z,"push,\n', id="a quote that is never closed"),
        pytest.param(b"PK\x03\x04" + b"\0" * 200, id="a zip"),
        pytest.param(b"\0" * 1_000, id="zero bytes"),
    ],
)
@pytest.mark.parametrize("layout", [Layout.RUNTIME, Layout.CLI])
def test_a_damaged_file_stays_as_it_is_and_costs_only_the_row(
    world: World, passphrase_function: str, layout: Layout, stands: bytes
) -> None:
    vault = vault_at_noon(world, layout)
    put(vault, audit_key(vault), stands)
    succeeded(rotate_once(vault, passphrase_function))
    assert vault.objects()[audit_key(vault)] == stands
    assert_row_was_logged(vault)
    assert_rotated(vault)


@pytest.mark.parametrize("fail", [faults.deny, faults.throttle, faults.fail_inside, faults.lose_request])
@pytest.mark.parametrize("direction", ["read", "write"])
def test_a_file_that_cannot_be_reached_costs_only_the_row(
    world: World, passphrase_function: str, direction: str, fail: object
) -> None:
    vault = vault_at_noon(world)
    put(vault, audit_key(vault), f"{HEADER}\n{OLD_ROW}\n".encode())
    assert callable(fail)
    chosen = getting(audit_key(vault)) if direction == "read" else putting(audit_key(vault))
    failing = fail(chosen)
    with world.watched_by(failing):
        succeeded(rotate_once(vault, passphrase_function))
    assert failing.hits
    assert vault.objects()[audit_key(vault)].decode() == f"{HEADER}\n{OLD_ROW}\n"
    assert_row_was_logged(vault)
    assert_rotated(vault)


@pytest.mark.parametrize("refuse", ["412", "409"])
def test_three_lost_races_for_the_file_cost_only_the_row(world: World, passphrase_function: str, refuse: str) -> None:
    vault = vault_at_noon(world)
    put(vault, audit_key(vault), f"{HEADER}\n".encode())
    chosen = putting(audit_key(vault))
    failing = faults.conflict(chosen) if refuse == "409" else faults.answer_with(chosen, 412, "PreconditionFailed")
    with world.watched_by(failing):
        succeeded(rotate_once(vault, passphrase_function))
    assert len(failing.hits) >= 3
    assert vault.objects()[audit_key(vault)].decode() == f"{HEADER}\n"
    assert_row_was_logged(vault)
    assert_rotated(vault)


@pytest.mark.parametrize("times", [1, 2])
def test_a_row_written_by_somebody_else_meanwhile_is_kept(world: World, passphrase_function: str, times: int) -> None:
    vault = vault_at_noon(world)
    put(vault, audit_key(vault), f"{HEADER}\n".encode())

    def append() -> None:
        put(vault, audit_key(vault), vault.objects()[audit_key(vault)] + f"{OLD_ROW}\n".encode())

    race = faults.meanwhile(faults.numbered(frozenset(range(1, times + 1)), putting(audit_key(vault))), append)
    with world.watched_by(race):
        succeeded(rotate_once(vault, passphrase_function))
    assert [row["action"] for row in audit_rows(vault)] == ["push"] * times + ["rotate"]
    assert logged_audit_rows(vault) == []


def test_a_file_made_by_somebody_else_meanwhile_is_not_overwritten(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world)
    make = faults.meanwhile(
        faults.nth(1, putting(audit_key(vault))),
        lambda: put(vault, audit_key(vault), f"{HEADER}\n{OLD_ROW}\n".encode()),
    )
    with world.watched_by(make):
        succeeded(rotate_once(vault, passphrase_function))
    assert [row["action"] for row in audit_rows(vault)] == ["push", "rotate"]


@pytest.mark.parametrize("lose", [faults.lose_answer, faults.time_out], ids=["broken", "late"])
@pytest.mark.parametrize("stands", [f"{HEADER}\n", None], ids=["appended to", "made"])
def test_a_row_whose_answer_is_lost_stands_once(
    world: World, passphrase_function: str, stands: str | None, lose: object
) -> None:
    vault = vault_at_noon(world)
    if stands is not None:
        put(vault, audit_key(vault), stands.encode())
    assert callable(lose)
    with world.watched_by(lose(faults.nth(1, putting(audit_key(vault))))):
        succeeded(rotate_once(vault, passphrase_function))
    assert [row["version_ts"] for row in audit_rows(vault)] == [NEW_TIMESTAMP]


@pytest.mark.parametrize(
    ("prefix", "repo_tag", "key"),
    [
        pytest.param("acme_web/prod/", True, "acme_web/prod/audit.csv", id="by the repo tag"),
        pytest.param("elsewhere/", True, "acme_web/prod/audit.csv", id="by the repo tag, whatever the prefix"),
        pytest.param("team/app/prod/", False, "team/app/prod/audit.csv", id="by the prefix without its last part"),
        pytest.param("vaults/", False, "vaults/audit.csv", id="beside the pointer where there is no repo"),
        pytest.param("", False, "audit.csv", id="at the root where there is neither"),
    ],
)
def test_the_audit_key_is_the_repos_or_the_prefixs(
    world: World, passphrase_function: str, prefix: str, repo_tag: bool, key: str
) -> None:
    vault = vault_at_noon(world, Layout.RUNTIME, prefix=prefix)
    if not repo_tag:
        world.client("secretsmanager").untag_resource(SecretId=vault.passphrase_secret, TagKeys=["vsync-rotation:repo"])
    succeeded(rotate_once(vault, passphrase_function))
    assert [found for found in vault.objects() if found.endswith("audit.csv")] == [key]
    assert boots(vault)["runtime"].gen == 1
