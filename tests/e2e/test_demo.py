"""`vsync-rotation demo`: the command as it is run, and the story in which something was made to go wrong."""

import io
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rotate_iam_access_key.handler import lambda_handler as rotate_iam_access_key
from rotate_vault_passphrase.handler import lambda_handler as rotate_vault_passphrase
from simulator import faults
from simulator.exchange import Request
from simulator.vaults import FAST_ITERATIONS
from simulator.world import World
from vsync_rotation_cli.demo.facts import Story
from vsync_rotation_cli.demo.plain import Plain
from vsync_rotation_cli.demo.report import document
from vsync_rotation_cli.demo.scenario import Handlers, Scenario
from vsync_rotation_cli.demo.stage import play
from vsync_rotation_cli.demo.timeline import Timeline
from vsync_rotation_cli.demo.view import View

COMMAND = Path(sys.executable).with_name("vsync-rotation")
STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"]
REAL = Handlers(rotate_iam_access_key, rotate_vault_passphrase)
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
    assert list(json.loads(as_json.stdout)) == ["rotations", "checks"]


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


def told(world: World, view: View, handlers: Handlers = REAL) -> tuple[int, list[str]]:
    """Exit status and complaints of a quick run in this process."""
    complaints = io.StringIO()
    with view:
        status = play(world, handlers, view, complaints, FAST_ITERATIONS)
    return status, complaints.getvalue().splitlines()


def test_plain_tells_the_story_line_by_line_in_ascii_without_control_characters(world: World) -> None:
    out = io.StringIO()
    assert told(world, Plain(out)) == (0, [])
    text = out.getvalue()
    assert text.isascii()
    assert all(character.isprintable() or character == "\n" for character in text)
    shown = [line.removeprefix("  ok   ").partition(":")[0] for line in text.splitlines() if line.startswith("  ok ")]
    assert shown == CHECKS
    assert text.splitlines()[-2].startswith("18 checks hold (")
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
    assert "18 checks hold (" in words
    assert world.secrets.find("timeline", text) == []


def nothing(_event: object, _context: object) -> None:
    """A rotation function that says it is done."""


def broken(_event: object, _context: object) -> None:
    raise ValueError("the room\nis on fire")


def indiscreet(_event: object, _context: object) -> None:
    raise ValueError("first-passphrase-of-a-vault-made-for-tests")


def story_of(world: World, handlers: Handlers) -> Story:
    return Scenario(world, handlers, lambda _fact: None, FAST_ITERATIONS).play()


def failures(story: Story) -> dict[str, str]:
    return {check.name: check.detail for check in story.failed}


def test_a_key_rotation_that_raises_fails_its_checks_and_says_what_was_expected_and_found(world: World) -> None:
    status, complaints = told(world, Plain(io.StringIO()), Handlers(broken, rotate_vault_passphrase))
    assert status == 1
    assert [line.removeprefix("vsync-rotation demo: ").partition(", found ")[::2] for line in complaints] == [
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


def test_a_passphrase_rotation_that_does_nothing_fails_every_check_about_its_effect(world: World) -> None:
    story = story_of(world, Handlers(rotate_iam_access_key, nothing))
    assert list(failures(story)) == [
        "passphrase rotation succeeds",
        "race window holds no other request",
        "old passphrase is refused",
        "gen rose by one",
        "seal equals pointer",
        "audit row is written",
        "events are emitted",
    ]
    assert failures(story)["old passphrase is refused"] == (
        "expected WrongPassphrase in both layouts, found it still opens the runtime layout"
    )
    assert failures(story)["gen rose by one"].endswith("found gen 0 (runtime), gen 0 (CLI)")


def test_a_failed_run_still_gives_the_whole_document(world: World) -> None:
    content = json.loads(document(story_of(world, Handlers(nothing, broken))))
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
            rotate_vault_passphrase(event, context)

    story = story_of(world, Handlers(rotate_iam_access_key, prying))
    assert failures(story) == {
        "race window holds no other request": (
            "expected the pointers' swaps and the label's move in a row, "
            "found PutObject latest, PutObject manifest, ListBuckets, UpdateSecretVersionStage"
        )
    }


def test_an_error_that_carries_a_secret_is_not_shown(running_world: World) -> None:
    """The world's own check for leaks would rightly fail this test, so it runs without it."""
    running_world.reset()
    story = story_of(running_world, Handlers(rotate_iam_access_key, indiscreet))
    assert failures(story)["passphrase rotation succeeds"].endswith(
        "a message that holds secret material and is not shown"
    )
    assert "ValueError" in failures(story)["no secret leaks"]
    running_world.reset()


def test_a_story_that_cannot_go_on_is_a_failed_check_and_no_traceback(world: World) -> None:
    def deleting_the_secret(event: Any, _context: Any) -> None:
        if event["Step"] == "createSecret":
            world.client("secretsmanager").delete_secret(SecretId=event["SecretId"])

    story = story_of(world, Handlers(deleting_the_secret, nothing))
    assert story.checks[-1].name == "the story comes to its end"
    assert story.checks[-1].detail.startswith("expected no error between two checks, found ")


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
