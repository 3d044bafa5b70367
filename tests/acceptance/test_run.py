"""A run as a whole: where it may happen, what it asks before, what it leaves behind and what it writes."""

import errno
import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from simulator import faults
from simulator.run import ACCOUNT_ID, FUNCTION, OPERATOR
from simulator.world import World
from tests.acceptance import catalogue, report
from tests.acceptance.__main__ import main
from tests.acceptance.arguments import parse
from tests.acceptance.aws import Aws
from tests.acceptance.catalogue import PREPARATIONS, QUESTIONS
from tests.acceptance.cleanup.ownership import Kind
from tests.acceptance.conftest import HERE, Acceptances
from tests.acceptance.embedded_aws import EmbeddedAws
from tests.acceptance.interruption import ended_in_order
from tests.acceptance.plays.playing import InFrontOf, refused
from tests.acceptance.probes.ear import Ear
from tests.acceptance.probes.user import ProbeUser
from tests.acceptance.question import Answer, Question, judged, learnt
from tests.acceptance.remedies import line
from tests.acceptance.scattered import inventory
from tests.acceptance.stage import Stage
from tests.acceptance.throw_away import deployment_file
from vsync_rotation.errors import UnreachableError
from vsync_rotation_cli.aws import explained

SHORT = ("--yes", "--only", "probes")


def _deploys(stage: Stage) -> Answer:
    return judged(as_relied_on=stage.operator.deploy(*files(stage)) == 0, text="deployed")


def files(stage: Stage) -> tuple[str, str]:
    file = deployment_file(stage.run, stage.aws.account, stage.aws.region, stage.aws.principal)
    return file, stage.values.file(stage.run)


def _probes(stage: Stage) -> Answer:
    """Makes things of its own, waits, and says something that may be a surprise."""
    ProbeUser(stage, "one").new_key()
    Ear(stage, "one").hears_rule(stage.run.probe("one"), {"source": ["nobody"]})
    stage.clock.sleep(1)
    return learnt("made")


def _surprise(_stage: Stage) -> Answer:
    return judged(as_relied_on=False, text="AWS does otherwise")


def _breaks(_stage: Stage) -> Answer:
    raise LookupError("nothing of that name")


def question(question_id: str, ask: Callable[[Stage], Answer]) -> Question:
    return Question(question_id, "?", "nobody", "it", "", 1, ask)


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run's own ways, without the rotations and questions that other modules are about."""
    monkeypatch.setattr(catalogue, "PREPARATIONS", (question("deploys", _deploys),))
    some = (("breaks", _breaks), ("surprise", _surprise), ("probes", _probes))
    monkeypatch.setattr(catalogue, "QUESTIONS", tuple(question(*each) for each in some))


def left(acceptance: Acceptances) -> set[Kind]:
    """What kinds of things of its runs the account holds."""
    runs = [run.prefix for run in acceptance.runs]
    return {kind for kind, name in inventory(acceptance.world) if any(prefix in name for prefix in runs)}


def test_a_run_deploys_rotates_asks_reports_and_removes_everything(acceptance: Acceptances) -> None:
    acceptance.rotates = True
    ended = acceptance("--yes", "--only", "absent-object-for-readers")
    assert (ended.status, ended.err) == (0, "")
    assert left(acceptance) == set()
    [run] = acceptance.runs
    assert f"this run is {run.prefix}" in ended.out
    assert "AWSCURRENT moved: the new value is live" in ended.out
    assert f"nothing of {run.prefix} is left" in ended.out
    document = json.loads(ended.reports[".json"])
    asked = [*(question.id for question in PREPARATIONS), "absent-object-for-readers"]
    assert [answer["id"] for answer in document["answers"]] == asked
    assert {answer["verdict"] for answer in document["answers"]} == {"as relied on"}
    assert (document["state"], document["left_behind"]) == ("done", [])
    assert document["asked_at"].startswith("http://127.0.0.1:")
    assert "## rotates-the-passphrase: as relied on" in ended.reports[".md"]


def writes(world: World) -> list[str]:
    """What the run itself changed in the account."""
    reads = ("List", "Describe", "Get", "Head", "Filter")
    mine = [request for request in world.requests if request.principal == OPERATOR.access_key_id]
    return [request.action for request in mine if not request.operation.startswith(reads)]


@pytest.mark.parametrize(
    ("where", "arguments", "said"),
    [
        (("--account", "999999999999", "--region", "eu-central-1"), ("--yes",), "are of account 123456789012, not 999"),
        (("--account", "12", "--region", "eu-central-1"), ("--yes",), "an account is twelve digits"),
        (("--account", ACCOUNT_ID), ("--yes",), "--account and --region say where"),
        (("--account", ACCOUNT_ID, "--region", "eu-central-1"), (), "there is no terminal to ask at"),
        (("--account", ACCOUNT_ID, "--region", "eu-central-1"), ("--yes", "--only", "why"), "there is no question why"),
        (("--account", ACCOUNT_ID, "--region", "eu-central-1"), ("--clean-up", "vsync"), "is no run's prefix"),
        (("--account", ACCOUNT_ID, "--region", "eu-central-1"), ("--yes", "--clean-up", ""), "is no run's prefix"),
        (
            ("--account", "999999999999", "--region", "eu-central-1"),
            ("--clean-up", "vsync-accept-76543210"),
            "not 999999999999",
        ),
    ],
)
def test_a_refusal_comes_before_anything_is_made_or_removed(
    acceptance: Acceptances,
    where: tuple[str, ...],
    arguments: tuple[str, ...],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    ended = acceptance(*arguments, where=where)
    assert (ended.status, said in ended.err) == (2, True), ended
    assert writes(acceptance.world) == []
    assert not acceptance.reports.exists()


class Person(io.StringIO):
    """Somebody at a terminal with one answer."""

    def isatty(self) -> bool:
        return True


def test_a_person_is_told_what_comes_and_may_say_no(acceptance: Acceptances, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Person("n\n"))
    ended = acceptance()
    assert (ended.status, ended.out.endswith("nothing was made\n")) == (1, True)
    for told in (
        f"In account {ACCOUNT_ID}, region eu-central-1, as arn:aws:iam::",
        "Of its rotations, and of the drift that two questions pretend, only its own topic tells.",
        "Cost: less than one US dollar",
        "Time:",
    ):
        assert told in ended.out
    assert writes(acceptance.world) == []


def test_without_credentials_it_says_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert main([*HERE, "--yes"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("acceptance: there are no AWS credentials; log in (aws sso login), or set AWS_PROFILE")


def test_no_remedy_names_an_option_that_the_command_does_not_have(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    for code in (*explained._KNOWN, *explained._REMEDIES):
        told = line(UnreachableError("STS did not answer", remedy="look", code=code))
        assert set(re.findall(r"--[a-z-]+", told)) <= options, told


def test_a_profile_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    """In a process of its own: what a module does when it is imported is done here already."""
    none = {"AWS_PROFILE": "nope", "AWS_CONFIG_FILE": str(tmp_path / "none"), "AWS_SHARED_CREDENTIALS_FILE": "none"}
    ran = subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, "-m", "tests.acceptance", *HERE, "--yes"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **none},
        capture_output=True,
        text=True,
        check=False,
    )
    told = "acceptance: there is no AWS profile of that name; see aws configure list-profiles\n"
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", told)


def test_a_role_that_may_not_look_at_itself_is_told_which_permission_it_lacks(
    acceptance: Acceptances, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EmbeddedAws, "principal", Aws.principal)
    role = {"Arn": f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/admins/jo", "Account": ACCOUNT_ID}
    acceptance.played = {
        "sts": lambda client: InFrontOf(client, {"get_caller_identity": lambda: role}),
        "iam": lambda client: InFrontOf(client, {"get_role": refused("AccessDenied")}),
    }
    ended = acceptance("--yes", "--only", "plain-http")
    assert ended.status == 1
    assert ended.err.startswith("acceptance: access denied: IAM refused GetRole (AccessDenied")
    assert ended.err.endswith("; give the caller this permission, or use another one\n")
    assert writes(acceptance.world) == []


def test_the_usage_is_a_command_that_make_takes(acceptance: Acceptances) -> None:
    ended = acceptance("--yes", where=())
    usage = " ".join(ended.err.split())
    assert "usage: make acceptance ARGS='--account ACCOUNT --region REGION [--only QUESTION]... [--keep]" in usage
    assert max(map(len, ended.err.splitlines())) < 90


def test_the_accounts_root_is_refused(acceptance: Acceptances, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EmbeddedAws, "principal", f"arn:aws:iam::{ACCOUNT_ID}:root")
    ended = acceptance("--yes", "--only", "plain-http")
    assert (ended.status, "root can assume no role" in ended.err) == (2, True)
    assert writes(acceptance.world) == []


def test_the_questions_are_listed_without_credentials(acceptance: Acceptances) -> None:
    ended = acceptance("--list", where=())
    assert ended.status == 0
    assert [line for line in ended.out.splitlines() if re.fullmatch(r"[a-z-]+", line)] == [
        question.id for question in (*PREPARATIONS, *QUESTIONS)
    ]
    assert acceptance.world.requests == []


def interrupt(at: str, how: Callable[[], None]) -> Callable[[str], None]:
    def before(name: str) -> None:
        if name == at:
            how()

    return before


def by_control_c() -> None:
    raise KeyboardInterrupt


def by_signal() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def by_hang_up() -> None:
    os.kill(os.getpid(), signal.SIGHUP)


class HangsUp:
    """An observer: in the midst of the removing."""

    def before(self, request: Any) -> None:
        if request.action == "iam:DeleteUser":
            by_hang_up()

    def after(self, request: Any) -> None: ...


# Some of what is made by hand, in order: each is a place to fail at.
MADE = ("foundation", "reader", "functions", "watch")


@pytest.mark.parametrize("at", MADE)
def test_whatever_fails_while_it_is_deployed_nothing_is_left(acceptance: Acceptances, light: None, at: str) -> None:
    def fail() -> None:
        raise OSError("no space left on device")

    acceptance.before = interrupt(at, fail)
    ended = acceptance(*SHORT)
    assert (ended.status, left(acceptance)) == (1, set())
    assert "asking failed with OSError: no space left on device" in ended.reports[".md"]
    assert "deploys did not go well: nothing further is asked" in ended.out


def test_an_interrupted_deployment_is_removed(acceptance: Acceptances, light: None) -> None:
    acceptance.before = interrupt("watch", by_signal)
    ended = acceptance(*SHORT)
    assert (ended.status, left(acceptance)) == (130, set())
    assert f"nothing of {acceptance.runs[0].prefix} is left" in ended.out
    assert json.loads(ended.reports[".json"])["state"] == "interrupted"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_would_end_the_process_is_an_interruption(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt, match=number.name), ended_in_order():
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


def test_a_second_hang_up_does_not_disturb_what_the_first_one_began() -> None:
    """Until then a command that was started goes on: it is ended first."""
    ends: list[str] = []
    with ended_in_order():
        try:
            by_hang_up()
        except KeyboardInterrupt:
            with suppress(KeyboardInterrupt):
                by_hang_up()
                ends.append("in order")
    assert ends == ["in order"]


def test_what_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    heard: list[str] = []
    try:
        with suppress(KeyboardInterrupt), ended_in_order():
            by_hang_up()
            heard.append("nothing")
    finally:
        after = signal.signal(signal.SIGHUP, before)
    assert (heard, after) == (["nothing"], signal.SIG_IGN)


# How an output may go at each of them: a terminal, a pipe, a file.
GONE = (errno.EIO, errno.EPIPE, errno.ENOSPC, errno.EIO)


class Watched(io.StringIO):
    """Standard output until whoever watches it is gone."""

    gone: int = 0

    def write(self, text: str) -> int:
        if self.gone:
            raise OSError(self.gone, os.strerror(self.gone))
        return super().write(text)


def watching(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """Called by a test and no fixture of it: pytest puts its own output in place before each test."""
    output = Watched()
    monkeypatch.setattr("sys.stdout", output)
    return output


@pytest.mark.parametrize(("at", "error"), list(zip(MADE, GONE, strict=True)))
def test_whoever_watches_may_go_and_nothing_is_left(
    acceptance: Acceptances, light: None, monkeypatch: pytest.MonkeyPatch, at: str, error: int
) -> None:
    watched = watching(monkeypatch)
    acceptance.before = interrupt(at, lambda: setattr(watched, "gone", error))
    ended = acceptance(*SHORT)
    assert (ended.status, left(acceptance)) == (1, set())
    document = json.loads(ended.reports[".json"])
    assert (document["state"], document["left_behind"]) == ("done", [])
    assert "this run is " in watched.getvalue()
    assert "  removed " not in watched.getvalue()


def test_a_terminal_that_hangs_up_twice_and_takes_the_errors_along_leaves_nothing(
    acceptance: Acceptances, light: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an ssh session ends: by its shell and by the kernel, and what is written afterwards fails."""

    def hang_up() -> None:
        watched.gone = errno.EIO
        by_hang_up()

    watched = watching(monkeypatch)
    monkeypatch.setattr("sys.stderr", watched)
    acceptance.before = interrupt("watch", hang_up)
    with acceptance.world.watched_by(HangsUp()):
        ended = acceptance(*SHORT)
    assert (ended.status, left(acceptance)) == (130, set())
    assert json.loads(ended.reports[".json"])["state"] == "interrupted"


def test_a_terminal_that_hangs_up_during_the_removing_does_not_end_it(acceptance: Acceptances, light: None) -> None:
    with acceptance.world.watched_by(HangsUp()):
        ended = acceptance(*SHORT)
    assert (ended.status, left(acceptance)) == (0, set())


def test_a_status_outlives_the_terminal(acceptance: Acceptances, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = watching(monkeypatch)
    watched.gone = errno.EIO
    monkeypatch.setattr("sys.stderr", watched)
    assert acceptance("--yes", "--only", "why").status == 2


def test_an_output_that_takes_nothing_is_a_refusal_and_no_hindrance_for_removing(
    acceptance: Acceptances, light: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = watching(monkeypatch)
    assert acceptance(*SHORT, "--keep").status == 0
    watched.gone = errno.EIO
    before = len(writes(acceptance.world))
    ended = acceptance(*SHORT)
    assert (ended.status, "nobody would learn how to clean up; nothing was made" in ended.err) == (2, True)
    assert len(writes(acceptance.world)) == before
    [run] = acceptance.runs
    assert (acceptance("--clean-up", run.prefix).status, left(acceptance)) == (1, set())


def test_a_pipe_that_is_closed_is_complained_of_once_and_by_nobody_else() -> None:
    """Not by Python at its end either, which would end with 120."""
    program = (
        "import sys; from tests.acceptance.voice import Voice; from tests.acceptance.discretion import Discretion; "
        "voice = Voice(Discretion()); voice.say('one'); voice.say('two'); sys.exit(7 if voice.lost else 0)"
    )
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (7, "")


@pytest.fixture
def disk(acceptance: Acceptances, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Call it, and reports find room for their first characters alone from then on."""
    written = Path.write_text

    def no_room(path: Path, text: str, **how: Any) -> int:
        if path.parent != acceptance.reports:
            return written(path, text, **how)
        written(path, text[:10], **how)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    return lambda: monkeypatch.setattr(Path, "write_text", no_room)


@pytest.mark.parametrize("at", ["foundation", "watch"])
def test_a_disk_that_is_full_stops_no_question_and_nothing_is_left(
    acceptance: Acceptances, light: None, disk: Callable[[], None], at: str
) -> None:
    acceptance.before = interrupt(at, disk)
    ended = acceptance(*SHORT)
    assert (ended.status, left(acceptance)) == (1, set())
    assert "  learnt: made\n  that stands nowhere else: the report could not be written (No space" in ended.out
    assert ended.out.endswith("it could not be written (No space left on device)\n")
    assert "\nRunning.\n" in ended.reports[".md"], "what was written before is whole"


def test_a_disk_with_room_again_has_the_whole_report(
    acceptance: Acceptances, light: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, failures = report._put, iter([OSError(errno.ENOSPC, "")])
    at: list[str] = []

    def short_of_room(path: Path, text: str) -> None:
        if at and (failure := next(failures, None)) is not None:
            raise failure
        put(path, text)

    monkeypatch.setattr(report, "_put", short_of_room)
    acceptance.before = at.append
    ended = acceptance(*SHORT)
    assert (ended.status, json.loads(ended.reports[".json"])["state"]) == (0, "done")
    assert ended.out.count("that stands nowhere else") == 1


def test_a_terminal_and_a_disk_that_both_go_leave_nothing(
    acceptance: Acceptances, light: None, monkeypatch: pytest.MonkeyPatch, disk: Callable[[], None]
) -> None:
    watched = watching(monkeypatch)

    def both() -> None:
        watched.gone = errno.EIO
        disk()
        by_signal()

    acceptance.before = interrupt("watch", both)
    assert (acceptance(*SHORT).status, left(acceptance)) == (130, set())


def test_without_room_for_a_checkout_the_run_ends_early_and_says_so(
    acceptance: Acceptances, light: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/tmp/checkout")  # noqa: S108 - nothing is made there

    monkeypatch.setattr(Acceptances, "_operator", no_room)
    ended = acceptance(*SHORT)
    assert (ended.status, ended.err) == (1, "")
    assert "this machine could not go on: [Errno 28] No space left on device: '/tmp/checkout'" in ended.out
    assert json.loads(ended.reports[".json"])["state"].startswith("ended early: ")


def test_without_a_place_for_the_report_nothing_is_made(acceptance: Acceptances, light: None) -> None:
    acceptance.reports.write_text("a file in the folder's place")
    ended = acceptance(*SHORT)
    assert (ended.status, "cannot be written (File exists); nothing was made" in ended.err) == (2, True), ended
    assert writes(acceptance.world) == []


def test_a_run_that_is_interrupted_in_the_middle_of_a_question_removes_its_probes(
    acceptance: Acceptances, light: None
) -> None:
    acceptance.clock.others.append(by_control_c)
    ended = acceptance(*SHORT)
    assert (ended.status, left(acceptance)) == (130, set())
    for kind in ("user", "rule", "queue"):
        assert f"removed {kind} {acceptance.runs[0].prefix}-probe-one" in ended.out


def test_a_question_that_fails_or_surprises_does_not_stop_the_others(acceptance: Acceptances, light: None) -> None:
    ended = acceptance("--yes")
    assert (ended.status, left(acceptance)) == (1, set())
    answers = {answer["id"]: answer for answer in json.loads(ended.reports[".json"])["answers"]}
    assert answers["breaks"]["answer"] == "asking failed with LookupError: nothing of that name"
    verdicts = {name: answer["verdict"] for name, answer in answers.items()}
    assert verdicts == {
        "deploys": "as relied on",
        "breaks": "not answered",
        "surprise": "NOT as relied on",
        "probes": "learnt",
    }
    assert "Done; not every answer is as relied on." in ended.reports[".md"]


def test_what_is_kept_is_there_and_its_prefix_is_told(acceptance: Acceptances, light: None) -> None:
    ended = acceptance(*SHORT, "--keep")
    assert ended.status == 0
    assert {Kind.STACK, Kind.BUCKET, Kind.SECRET, Kind.USER, Kind.ROLE, Kind.QUEUE, Kind.RULE} <= left(acceptance)
    [run] = acceptance.runs
    for told in (ended.out, ended.reports[".md"]):
        assert f"--account {ACCOUNT_ID} --region eu-central-1 --clean-up {run.prefix}'" in told


def test_an_interrupted_cleaning_says_how_to_go_on(acceptance: Acceptances, light: None) -> None:
    class Impatient:
        def before(self, request: Any) -> None:
            if request.action == "iam:DeleteUser":
                raise KeyboardInterrupt

        def after(self, request: Any) -> None: ...

    with acceptance.world.watched_by(Impatient()):
        ended = acceptance(*SHORT)
    assert (ended.status, Kind.USER in left(acceptance)) == (130, True)
    assert "the command above removes it" in ended.err
    [run] = acceptance.runs
    assert f"everything; remove it with: make acceptance ARGS='--account {ACCOUNT_ID}" in ended.reports[".md"]
    assert (acceptance("--clean-up", run.prefix).status, left(acceptance)) == (0, set())


def test_what_is_left_behind_is_told_and_reported(
    acceptance: Acceptances, light: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.acceptance.cleanup.cleaning._ROUNDS", 2)
    with acceptance.world.watched_by(faults.deny(faults.operation("logs:DeleteLogGroup"))):
        ended = acceptance(*SHORT)
    [run] = acceptance.runs
    assert (ended.status, left(acceptance)) == (1, {Kind.LOG_GROUP})
    assert f"LEFT BEHIND: log group {run.prefix}-rotation-1-Log" in ended.out
    assert "; by hand: aws logs delete-log-group --log-group-name" in ended.reports[".md"]


def test_no_secret_is_shown_even_where_an_error_quotes_one(acceptance: Acceptances, light: None) -> None:
    """The fixture searches all that is printed and written; here something does try to show a secret."""

    def quote() -> None:
        manager, secret = acceptance.world.client("secretsmanager", FUNCTION), acceptance.runs[-1].passphrase_secret
        raise RuntimeError(f"it was {manager.get_secret_value(SecretId=secret)['SecretString']}")

    acceptance.before = interrupt("rotation", quote)
    ended = acceptance(*SHORT)
    assert "asking failed with RuntimeError: it was <secret>" in ended.out
    assert "it was <secret>" in ended.reports[".json"]
