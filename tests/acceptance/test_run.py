"""A run as a whole: where it may happen, what it asks before, what it leaves behind and what it writes."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator import faults
from simulator.run import ACCOUNT_ID, FUNCTION, OPERATOR
from simulator.world import World
from tests.acceptance import catalogue
from tests.acceptance.__main__ import main
from tests.acceptance.catalogue import PREPARATIONS, QUESTIONS
from tests.acceptance.cleanup.ownership import Kind
from tests.acceptance.conftest import HERE, Acceptances
from tests.acceptance.embedded_aws import EmbeddedAws
from tests.acceptance.interruption import ended_in_order
from tests.acceptance.probes.ear import Ear
from tests.acceptance.probes.user import ProbeUser
from tests.acceptance.question import Answer, Question, judged, learnt
from tests.acceptance.scattered import inventory
from tests.acceptance.stage import Stage
from tests.acceptance.throw_away import deployment_file

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


class Person:
    """Somebody at a terminal with one answer."""

    def __init__(self, answer: str) -> None:
        self._answer = answer

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return f"{self._answer}\n"


def test_a_person_is_told_what_comes_and_may_say_no(acceptance: Acceptances, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Person("n"))
    ended = acceptance()
    assert (ended.status, ended.out.endswith("nothing was made\n")) == (1, True)
    for told in (
        f"In account {ACCOUNT_ID}, region eu-central-1, as arn:aws:iam::",
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
    assert shown.err.startswith("acceptance: there are no AWS credentials; log in")


def test_the_accounts_root_is_refused(acceptance: Acceptances, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EmbeddedAws, "principal", f"arn:aws:iam::{ACCOUNT_ID}:root")
    ended = acceptance("--yes", "--only", "plain-http")
    assert (ended.status, "root can assume no role" in ended.err) == (2, True)
    assert writes(acceptance.world) == []


def test_the_questions_are_listed_without_credentials(acceptance: Acceptances) -> None:
    ended = acceptance("--list", where=())
    assert ended.status == 0
    assert ended.out.count("\n| `") == len(PREPARATIONS) + len(QUESTIONS)
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
