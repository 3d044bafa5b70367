"""The judgements of the demonstration find what they are there to find."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from simulator.application import Booted
from simulator.leaks import SecretRegister
from simulator.vault_bytes import Blob, Unreachable, WrongPassphrase
from vsync_rotation_cli.demo import judgements as judge
from vsync_rotation_cli.demo.checks import UnexpectedError, judged
from vsync_rotation_cli.demo.facts import EventSeen, Rotation, StepFigures
from vsync_rotation_cli.demo.facts import Kind as RotationKind
from vsync_rotation_cli.demo.judgements import Reading
from vsync_rotation_cli.demo.premises import FILES, VALUES
from vsync_rotation_cli.demo.wording import by_service, event

BOOTED = Booted("20260101-000000", 0, b"", dict(VALUES), {}, dict(FILES))
ROTATED = replace(BOOTED, timestamp="20260102-000000", gen=1)
FIRST = {"v": 1, "accessKeyId": "FIRST", "secretAccessKey": "one", "prefix": "a/"}
SECOND = {"v": 1, "accessKeyId": "SECOND", "secretAccessKey": "two", "prefix": "a/"}


def blob(fields: dict[str, Any]) -> str:
    return Blob(fields).encode()


FINDINGS: dict[str, tuple[Callable[[], str], str]] = {
    "a value differs": (
        lambda: judge.boots(Reading(replace(BOOTED, values={**VALUES, "SMTP_HOST": "elsewhere"}))),
        "other values, 20260101-000000, gen 0",
    ),
    "a file is missing": (
        lambda: judge.pulls(Reading(replace(BOOTED, files={}))),
        "other files, 20260101-000000, gen 0",
    ),
    "a rotation has a problem": (
        lambda: judge.succeeded(Rotation(RotationKind.KEY, problem="every attempt failed")),
        "every attempt failed",
    ),
    "one credential field stayed": (
        lambda: judge.only_credentials_changed(blob(FIRST), blob({**FIRST, "secretAccessKey": "two"})),
        "changed: secretAccessKey",
    ),
    "another field changed too": (
        lambda: judge.only_credentials_changed(blob(FIRST), blob({**SECOND, "prefix": "b/"})),
        "changed: accessKeyId, secretAccessKey, prefix",
    ),
    "a field moved": (
        lambda: judge.only_credentials_changed(blob(FIRST), blob(dict(reversed(SECOND.items())))),
        "other fields, or another order",
    ),
    "a field was lost": (
        lambda: judge.only_credentials_changed(blob({**FIRST, "team": "web"}), blob(SECOND)),
        "other fields, or another order",
    ),
    "objects changed, came and went": (
        lambda: judge.same_objects({"a": b"1", "b": b"1"}, {"a": b"2", "c": b"1"}),
        "changed: a, b, c",
    ),
    "the CLI layout still opens": (
        lambda: judge.refused(Reading(WrongPassphrase()), Reading(BOOTED)),
        "it still opens the CLI layout",
    ),
    "refused for another reason": (
        lambda: judge.refused(Reading(Unreachable()), Reading(WrongPassphrase())),
        "Unreachable in the runtime layout",
    ),
    "gen rose in one layout only": (
        lambda: judge.gen_rose(Reading(ROTATED), Reading(BOOTED)),
        "gen 1 (runtime), gen 0 (CLI)",
    ),
    "the pointer did not move": (
        lambda: judge.seal_is_pointer(Reading(BOOTED), BOOTED.timestamp),
        "the pointer still at 20260101-000000",
    ),
}


@pytest.mark.parametrize("finding", FINDINGS)
def test_what_should_not_be_is_found_and_named(finding: str) -> None:
    look, found = FINDINGS[finding]
    with pytest.raises(UnexpectedError) as unexpected:
        look()
    assert str(unexpected.value) == found


HOLDING: dict[str, tuple[Callable[[], str], str]] = {
    "boots": (lambda: judge.boots(Reading(BOOTED)), "4 values, 20260101-000000, gen 0"),
    "pulls": (lambda: judge.pulls(Reading(BOOTED)), "2 files, 20260101-000000, gen 0"),
    "minted": (lambda: judge.only_credentials_changed(blob(FIRST), blob(SECOND)), "2 other fields unchanged"),
    "refused": (
        lambda: judge.refused(Reading(WrongPassphrase()), Reading(WrongPassphrase())),
        "WrongPassphrase in both layouts",
    ),
    "gen": (lambda: judge.gen_rose(Reading(ROTATED), Reading(ROTATED)), "0 -> 1, runtime and CLI"),
    "seal": (lambda: judge.seal_is_pointer(Reading(ROTATED), BOOTED.timestamp), "both 20260102-000000"),
    "steps": (
        lambda: judge.succeeded(Rotation(RotationKind.KEY, (StepFigures("setSecret", 1234.4, 0, {"iam": 2}),))),
        "1 steps, 1,234 ms, 2 API calls",
    ),
}


@pytest.mark.parametrize("judgement", HOLDING)
def test_what_holds_is_told_with_what_was_found(judgement: str) -> None:
    look, found = HOLDING[judgement]
    assert look() == found


def test_a_judgement_that_breaks_is_a_failed_check_with_the_errors_message_on_one_line() -> None:
    def look() -> str:
        raise RuntimeError("no\nanswer")

    check = judged("a name", "an answer", look, SecretRegister())
    assert (check.ok, check.detail) == (False, "expected an answer, found RuntimeError: no answer")


def test_a_message_with_a_secret_in_it_is_withheld() -> None:
    def look() -> str:
        raise RuntimeError("cannot open with passphrase-of-nobody")

    secrets = SecretRegister()
    secrets.add("passphrase-of-nobody")
    detail = judged("a name", "an answer", look, secrets).detail
    assert detail == "expected an answer, found a message that holds secret material and is not shown"


def test_calls_are_told_by_service_the_busiest_first() -> None:
    assert by_service({"s3": 2, "iam": 3, "events": 2}) == "iam 3, events 2, s3 2"


@pytest.mark.parametrize(
    ("detail", "told"),
    [
        ({"access_key_id": "NEW", "superseded_access_key_id": "OLD"}, "Title: NEW supersedes OLD"),
        ({"gen": 4, "prev_gen": 3, "bundle_ts": "20260101-000000"}, "Title: gen 3 -> 4, bundle 20260101-000000"),
        ({"step": "setSecret", "error": "PausedError"}, "Title: PausedError in setSecret"),
        ({"reason": "another kind of event"}, "Title"),
    ],
)
def test_an_event_is_told_by_what_changed(detail: dict[str, object], told: str) -> None:
    assert event(EventSeen("Title", detail)) == told
