"""`vsync-rotation demo`: the command as it is run, and the story in which something was made to go wrong."""

import io
import json
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from simulator import faults
from simulator.exchange import Request
from simulator.vaults import FAST_ITERATIONS
from simulator.world import World
from vsync_rotation_cli.demo.deployment import Handlers
from vsync_rotation_cli.demo.facts import Story
from vsync_rotation_cli.demo.plain import Plain
from vsync_rotation_cli.demo.report import document
from vsync_rotation_cli.demo.scenario import Pace, Scenario
from vsync_rotation_cli.demo.stage import REAL, play
from vsync_rotation_cli.demo.timeline import Timeline
from vsync_rotation_cli.demo.view import View

COMMAND = Path(sys.executable).with_name("vsync-rotation")
STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"]
# Everything but the real run: the same story with keys that are derived at once, and an eye on the keys less often.
FAST = Pace(FAST_ITERATIONS, retire_every_hours=4)
CHECKS = [
    "app boots at first",
    "CLI pulls at first",
    "key rotation succeeds",
    "only the credentials changed",
    "key rotation leaves the vault alone",
    "app boots after key rotation",
    "CLI pulls after key rotation",
    "old key still valid in its overlap",
    "passphrase rotation succeeds",
    "race window holds no other request",
    "app boots after passphrase rotation",
    "CLI pulls after passphrase rotation",
    "old passphrase is refused",
    "gen rose by one",
    "seal equals pointer",
    "audit row is written",
    "events are emitted",
    "consumer's restart is on record",
    "unchanged vault is not opened",
    "stale push locks everybody out",
    "drift is detected within one check",
    "stale push is healed and not lost",
    "vault is well again",
    "forgotten app boots with the old key",
    "old key waits in its overlap",
    "old key still in use is held",
    "quiet old key is deactivated",
    "deactivated key is refused by the store",
    "app boots without the old key",
    "old key is deleted a day later",
    "lifelines are what IAM holds",
    "events tell the whole life",
    "no invocation fails",
    "no secret leaks",
]


@pytest.fixture(scope="session")
def as_json() -> "subprocess.CompletedProcess[str]":
    """One real run for the session: it takes the time that 600,000 iterations take."""
    return subprocess.run([COMMAND, "demo", "--json"], capture_output=True, text=True, check=False, timeout=240)  # noqa: S603 - our own command


def test_json_is_one_document_on_standard_output_and_nothing_else_anywhere(
    as_json: "subprocess.CompletedProcess[str]",
) -> None:
    assert (as_json.returncode, as_json.stderr) == (0, "")
    assert list(json.loads(as_json.stdout)) == ["rotations", "checks", "life", "lifelines"]


def test_the_document_holds_both_rotations_with_their_four_steps(as_json: "subprocess.CompletedProcess[str]") -> None:
    rotations = json.loads(as_json.stdout)["rotations"]
    assert [rotation["kind"] for rotation in rotations] == ["iam-access-key", "vault-passphrase"]
    for rotation in rotations:
        assert list(rotation) == ["kind", "steps", "race_window_ms"]
        assert [step["step"] for step in rotation["steps"]] == STEPS
        assert all(list(step) == ["step", "ms", "calls"] for step in rotation["steps"])
        assert all(type(step["calls"]) is int and step["calls"] > 0 and step["ms"] > 0 for step in rotation["steps"])
    assert rotations[0]["race_window_ms"] is None
    finish_ms = rotations[1]["steps"][3]["ms"]
    assert 0 < rotations[1]["race_window_ms"] < finish_ms


def test_every_check_holds_in_the_real_run(as_json: "subprocess.CompletedProcess[str]") -> None:
    checks = json.loads(as_json.stdout)["checks"]
    assert [check["name"] for check in checks] == CHECKS
    assert [check for check in checks if check["ok"] is not True or not check["detail"]] == []


def test_the_document_holds_both_keys_lives_as_instants(as_json: "subprocess.CompletedProcess[str]") -> None:
    old, new = json.loads(as_json.stdout)["lifelines"]
    assert list(old) == [
        "access_key_id", "made_at", "promoted_at", "superseded_at", "used_at", "deactivated_at", "deleted_at",
    ]  # fmt: skip
    assert (old["promoted_at"], new["superseded_at"], new["deactivated_at"], new["deleted_at"]) == (None,) * 4
    assert old["superseded_at"] == new["promoted_at"]
    at = {
        name: datetime.fromisoformat(old[name]) for name in ("made_at", "superseded_at", "deactivated_at", "deleted_at")
    }
    assert at["superseded_at"] - at["made_at"] > timedelta(days=1)
    assert at["deactivated_at"] - datetime.fromisoformat(old["used_at"][-1]) == timedelta(days=1)
    assert at["deleted_at"] - at["deactivated_at"] == timedelta(days=1)


def test_the_document_tells_what_happened_in_virtual_hours(as_json: "subprocess.CompletedProcess[str]") -> None:
    life = json.loads(as_json.stdout)["life"]
    assert all(list(happening) == ["hours", "what"] for happening in life)
    hours = [happening["hours"] for happening in life]
    assert (hours[0], sorted(hours), hours[-1]) == (0, hours, 52)
    assert life[0]["what"] == "restart: under way: web"
    assert life[-1]["what"].startswith("retire: deleted")


def told(world: World, view: View, handlers: Handlers = REAL) -> tuple[int, list[str]]:
    """Exit status and complaints of a quick run in this process."""
    complaints = io.StringIO()
    with view:
        status = play(world, handlers, view, complaints, FAST)
    return status, complaints.getvalue().splitlines()


def test_plain_tells_the_story_line_by_line_in_ascii_without_control_characters(world: World) -> None:
    out = io.StringIO()
    assert told(world, Plain(out)) == (0, [])
    text = out.getvalue()
    assert text.isascii()
    assert all(character.isprintable() or character == "\n" for character in text)
    shown = [line.removeprefix("  ok   ").partition(":")[0] for line in text.splitlines() if line.startswith("  ok ")]
    assert shown == CHECKS
    assert text.splitlines()[-2].startswith(f"{len(CHECKS)} checks hold (")
    picture = text.splitlines()[text.splitlines().index("Access keys") + 1 :][:5]
    assert max(map(len, picture)) <= 80
    assert [row.split()[0] for row in picture[:3]] == ["day", *keys_of(world)]
    assert world.secrets.find("plain", text) == []


@pytest.mark.parametrize("columns", ["80", "40"])
def test_the_timeline_tells_the_same_story_within_the_terminals_width(
    world: World, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    out = io.StringIO()
    assert told(world, Timeline(out)) == (0, [])
    text = out.getvalue()
    assert max(map(len, text.splitlines())) <= int(columns)
    assert text.count("✓") == len(CHECKS)
    words = " ".join(text.split())
    assert [name for name in CHECKS if name not in words] == []
    assert "race window" in words
    assert f"{len(CHECKS)} checks hold (" in words
    assert all(key in text[text.index("Access keys") :] for key in keys_of(world))
    assert "D deleted" in words
    assert world.secrets.find("timeline", text) == []


def keys_of(world: World) -> list[str]:
    """The keys of the rotation, the old one first."""
    [detail] = [event.detail for event in world.events if "superseded_access_key_id" in event.detail]
    return [detail["superseded_access_key_id"], detail["access_key_id"]]


def nothing(_event: object, _context: object) -> None:
    """A rotation function that says it is done."""


def broken(_event: object, _context: object) -> None:
    raise ValueError("the room\nis on fire")


def indiscreet(_event: object, _context: object) -> None:
    raise ValueError("first-passphrase-of-a-vault-made-for-tests")


def story_of(world: World, handlers: Handlers) -> Story:
    return Scenario(world, handlers, lambda _fact: None, FAST).play()


def failures(story: Story) -> dict[str, str]:
    return {check.name: check.detail for check in story.failed}


def test_a_key_rotation_that_raises_fails_its_checks_and_says_what_was_expected_and_found(world: World) -> None:
    status, complaints = told(world, Plain(io.StringIO()), replace(REAL, key=broken))
    assert status == 1
    told_apart = [line.removeprefix("vsync-rotation demo: ").partition(", found ")[::2] for line in complaints]
    assert told_apart[:4] == [
        (
            "key rotation succeeds: expected four steps and a new AWSCURRENT",
            "ValueError in createSecret: the room is on fire",
        ),
        (
            "only the credentials changed: expected both credential fields new, everything else as it was",
            "changed: nothing",
        ),
        (
            "old key still valid in its overlap: expected a boot with the superseded key",
            "AWSCURRENT still holds it, so there is no old key",
        ),
        (
            "events are emitted: expected one Rotation Finished per rotation and no other event",
            "Rotation Finished (vault-passphrase)",
        ),
    ]
    assert [(expected.partition(":")[0], found) for expected, found in told_apart[4:-1]] == [
        ("consumer's restart is on record", "acme_web/prod/VSYNC_CONFIG: no record"),
        ("old key waits in its overlap", "it was never superseded"),
        ("old key still in use is held", "no run that spoke of it"),
        ("quiet old key is deactivated", "the key is Active"),
        ("deactivated key is refused by the store", "it still boots"),
        ("old key is deleted a day later", "the key is Active"),
    ]
    assert told_apart[-1][0].startswith("events tell the whole life: ")
    assert "Key Deleted" not in told_apart[-1][1]


def test_a_passphrase_rotation_that_does_nothing_fails_every_check_about_its_effect(world: World) -> None:
    story = story_of(world, replace(REAL, passphrase=nothing))
    assert list(failures(story)) == [
        "passphrase rotation succeeds",
        "race window holds no other request",
        "old passphrase is refused",
        "gen rose by one",
        "seal equals pointer",
        "audit row is written",
        "events are emitted",
        "consumer's restart is on record",
        "stale push locks everybody out",
        "drift is detected within one check",
        "vault is well again",
        "events tell the whole life",
    ]
    assert failures(story)["old passphrase is refused"] == (
        "expected WrongPassphrase in both layouts, found it still opens the runtime layout"
    )
    assert failures(story)["gen rose by one"].endswith("found gen 0 (runtime), gen 0 (CLI)")


def test_a_failed_run_still_gives_the_whole_document(world: World) -> None:
    content = json.loads(document(story_of(world, replace(REAL, key=nothing, passphrase=broken))))
    assert [(r["kind"], [s["step"] for s in r["steps"]], r["race_window_ms"]) for r in content["rotations"]] == [
        ("iam-access-key", STEPS, None),
        ("vault-passphrase", STEPS[:1], None),
    ]
    assert [check["name"] for check in content["checks"]] == CHECKS


def test_a_request_within_the_race_window_is_found(world: World) -> None:
    def is_last_swap(request: Request) -> bool:
        return (request.step, request.operation) == ("finishSecret", "PutObject") and request.path.endswith("/manifest")

    def prying(event: Any, context: Any) -> None:
        with world.watched_by(faults.afterwards(is_last_swap, lambda: world.client("s3").list_buckets())):
            REAL.passphrase(event, context)

    story = story_of(world, replace(REAL, passphrase=prying))
    assert failures(story) == {
        "race window holds no other request": (
            "expected the pointers' swaps and the label's move in a row, "
            "found PutObject latest, PutObject manifest, ListBuckets, UpdateSecretVersionStage"
        )
    }


def test_an_error_that_carries_a_secret_is_not_shown(running_world: World) -> None:
    """The world's own check for leaks would rightly fail this test, so it runs without it."""
    running_world.reset()
    story = story_of(running_world, replace(REAL, passphrase=indiscreet))
    assert failures(story)["passphrase rotation succeeds"].endswith(
        "a message that holds secret material and is not shown"
    )
    assert "ValueError" in failures(story)["no secret leaks"]
    running_world.reset()


def test_a_story_that_cannot_go_on_is_a_failed_check_and_no_traceback(world: World) -> None:
    def deleting_the_secret(event: Any, _context: Any) -> None:
        if event["Step"] == "createSecret":
            world.client("secretsmanager").delete_secret(SecretId=event["SecretId"])

    story = story_of(world, replace(REAL, key=deleting_the_secret, passphrase=nothing))
    assert story.checks[-1].name == "the story comes to its end"
    assert story.checks[-1].detail.startswith("expected no error between two checks, found ")


# What comes after promotion, made to go wrong.


def test_a_retirement_that_deletes_at_once_is_found(world: World) -> None:
    def hasty(event: Any, context: Any) -> Any:
        old, iam = keys_of(world)[0], world.client("iam")
        user = "vsync-acme_web-prod-reader"
        if old in {key["AccessKeyId"] for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]}:
            iam.delete_access_key(UserName=user, AccessKeyId=old)
        return REAL.retire(event, context)

    found = failures(story_of(world, replace(REAL, retire=hasty)))
    assert list(found) == [
        "forgotten app boots with the old key",
        "old key waits in its overlap",
        "old key still in use is held",
        "quiet old key is deactivated",
        "old key is deleted a day later",
        "events tell the whole life",
    ]
    assert found["old key waits in its overlap"].endswith("found the key is gone")
    assert found["quiet old key is deactivated"].endswith("found the key is gone")


def test_a_retirement_that_never_deactivates_is_found(world: World) -> None:
    def timid(event: Any, context: Any) -> Any:
        with world.watched_by(faults.deny(faults.operation("iam:UpdateAccessKey"))):
            return REAL.retire(event, context)

    found = failures(story_of(world, replace(REAL, retire=timid)))
    assert list(found) == [
        "quiet old key is deactivated",
        "deactivated key is refused by the store",
        "old key is deleted a day later",
        "events tell the whole life",
        "no invocation fails",
    ]
    assert found["quiet old key is deactivated"].endswith("found the key is Active")
    assert found["deactivated key is refused by the store"].endswith("found it still boots")
    assert found["no invocation fails"].endswith("found retire_iam_access_keys: errors")


def test_a_retirement_that_ignores_use_is_found(world: World) -> None:
    def blind(event: Any, context: Any) -> Any:
        with world.watched_by(faults.answer_with(faults.operation("iam:GetAccessKeyLastUsed"), 404, "NoSuchEntity")):
            return REAL.retire(event, context)

    found = failures(story_of(world, replace(REAL, retire=blind)))
    assert "old key still in use is held" in found
    assert found["quiet old key is deactivated"].endswith("found 20.0 h after it")


def test_a_check_that_heals_nothing_is_found(world: World) -> None:
    def idle(event: Any, context: Any) -> Any:
        secret = "acme_web/prod/VSYNC_PASSPHRASE"
        world.client("secretsmanager").untag_resource(SecretId=secret, TagKeys=["vsync-rotation:heal"])
        return REAL.check(event, context)

    found = failures(story_of(world, replace(REAL, check=idle)))
    assert list(found) == [
        "stale push is healed and not lost",
        "vault is well again",
        "forgotten app boots with the old key",
        "app boots without the old key",
        "events tell the whole life",
    ]
    assert "found WrongPassphrase" in found["stale push is healed and not lost"]


def test_a_check_that_does_nothing_and_restarts_that_never_come_are_found(world: World) -> None:
    found = failures(story_of(world, replace(REAL, check=nothing, restart=nothing)))
    assert found["consumer's restart is on record"].endswith("found no deployment was forced")
    assert found["drift is detected within one check"].endswith("found no such event")
    assert found["unchanged vault is not opened"].endswith("found nothing was asked")
    # A key whose consumers have not restarted is held.
    assert found["quiet old key is deactivated"].endswith("found the key is Active")
    assert found["no invocation fails"].endswith("found check_vaults: no summary, restart_consumers: no summary")


def begun(until: str, *options: str) -> "subprocess.Popen[str]":
    """The command, once it has told this line."""
    run = subprocess.Popen(  # noqa: S603 - our own command
        [COMMAND, "demo", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    assert until in iter(run.stdout.readline, "")
    return run


@pytest.mark.parametrize("until", ["vsync-rotation demo\n", "3 Rotate the access key\n"])
def test_an_interrupt_ends_it_quietly_with_status_130(until: str) -> None:
    run = begun(until)
    run.send_signal(signal.SIGINT)
    _out, err = run.communicate(timeout=60)
    assert (run.returncode, err) == (130, "")


def test_a_reader_that_leaves_ends_it_quietly() -> None:
    run = begun("vsync-rotation demo\n", "--plain")
    assert run.stdout is not None
    assert run.stderr is not None
    run.stdout.close()
    assert (run.wait(timeout=60), run.stderr.read()) == (141, "")
    run.stderr.close()
