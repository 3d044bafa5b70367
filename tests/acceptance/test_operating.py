"""The operator's commands: a checkout of their own, files that the real readers take, and an end that ends all."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdk.config.cautions import warnings
from cdk.config.model import RemovalPolicy, Rhythm
from cdk.config.reading import read
from cdk.names import rotation_stack
from simulator.run import ACCOUNT_ID
from tests.acceptance import operating
from tests.acceptance.aws import Aws, Credentials
from tests.acceptance.discretion import Discretion
from tests.acceptance.embedded_aws import ADMIN
from tests.acceptance.operating import InACheckout, to_its_end
from tests.acceptance.run import Run
from tests.acceptance.throw_away import EDITED, FIRST, FirstValues, Schedules, deployment_file
from vsync_rotation_cli.arguments import parse
from vsync_rotation_cli.seed import values_file
from vsync_rotation_cli.seed.forms import checked
from vsync_rotation_cli.seed.missing import Slot

RUN = Run("vsync-accept-0123abcd")
REGION = "eu-central-1"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> InACheckout:
    return InACheckout.copied(tmp_path_factory.mktemp("checkout"), RUN, REGION)


def test_a_copy_of_the_checkout_runs_its_own_code(checkout: InACheckout) -> None:
    program = (
        "import vsync_rotation, rotate_iam_access_key, cdk.packaging.package as package; "
        "from vsync_rotation_cli.deployment_file import CHECKOUT; from pathlib import Path; "
        "print(CHECKOUT, package.ROOT, Path(vsync_rotation.__file__).parents[4], Path(rotate_iam_access_key.__file__).parents[2])"
    )
    ran = subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, "-c", program],
        env=dict(checkout.environment),
        cwd=checkout.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(ran.stdout.split()) == {str(checkout.folder)}


@pytest.fixture
def commands(checkout: InACheckout, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines that would have been run."""
    ran: list[list[str]] = []

    def run(command: list[str], _environment: object, folder: Path) -> int:
        assert folder == checkout.folder
        ran.append(command)
        return 0

    monkeypatch.setattr(operating, "to_its_end", run)
    return ran


def test_what_is_deployed_is_a_file_and_values_that_the_command_takes(
    checkout: InACheckout, commands: list[list[str]]
) -> None:
    discretion = Discretion()
    values = FirstValues.drawn(discretion)
    assert checkout.deploy(deployment_file(RUN, ACCOUNT_ID, REGION, ADMIN), values.file(RUN)) == 0
    [[program, *arguments]] = commands
    assert (Path(program).name, os.access(program, os.X_OK)) == ("vsync-rotation", True)
    said = parse(arguments)
    assert (said.command, said.yes, said.no_rotate) == ("deploy", True, False)
    deployment = read(checkout.folder / "cdk" / "deployments" / f"{said.deployment}.toml")
    [vault] = deployment.vaults
    assert stat.S_IMODE(Path(said.values).stat().st_mode) == 0o600
    given = values_file.read(said.values, {vault.id: vault})
    assert {slot for _, slot in given} == {Slot.CONFIG, Slot.PASSPHRASE}
    for (_, slot), text in given.items():
        assert checked(vault, slot, text).told
    assert discretion.cleared(values.passphrase) == "<secret>"


def test_a_rotation_is_followed(checkout: InACheckout, commands: list[list[str]]) -> None:
    checkout.rotate(RUN.config_secret)
    said = parse(commands[0][1:])
    assert (said.command, said.follow, said.secret_id) == ("rotate", True, RUN.config_secret)


@pytest.mark.parametrize("schedules", [FIRST, EDITED])
def test_the_throw_away_file_leaves_nothing_behind_and_rotates_nothing_by_itself(
    tmp_path: Path, schedules: Schedules
) -> None:
    path = tmp_path / f"{RUN.prefix}.toml"
    path.write_text(deployment_file(RUN, ACCOUNT_ID, REGION, ADMIN, schedules))
    deployment = read(path)
    told = [line.split(": ")[1] for line in warnings(deployment)]
    assert told == ["notifications", "notifications.trail", "removal_policy"]
    assert (deployment.removal_policy, deployment.stack_prefix) == (RemovalPolicy.DESTROY, RUN.prefix)
    [vault] = deployment.vaults
    assert vault.key is not None
    assert vault.key.schedule is not None
    assert vault.passphrase.schedule is not None
    assert (vault.key.schedule.rhythm, vault.passphrase.schedule.rhythm) == (Rhythm.NATIVE, Rhythm.SCHEDULER)
    for name in (vault.reader, vault.config_secret, vault.passphrase_secret):
        assert name is not None
        assert RUN.prefix in name.name
    assert (vault.store.create, vault.store.bucket) == (True, RUN.bucket)
    assert rotation_stack(deployment, 1) == RUN.rotation_stack


def test_an_edit_changes_every_schedule_and_the_overlap() -> None:
    assert FIRST.key != EDITED.key
    assert FIRST.passphrase != EDITED.passphrase
    assert FIRST.overlap_hours != EDITED.overlap_hours


FAMILY = """
import signal, subprocess, sys
held = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); open(r'{fifo}', 'w'); signal.pause()"
subprocess.run([sys.executable, "-c", held.replace("open(", "lasting = open(")])
"""


def test_an_interrupted_command_ends_with_everything_it_started(tmp_path: Path) -> None:
    """Even with what does not listen: a pipe that such a grandchild holds open is closed afterwards."""
    fifo = tmp_path / "held"
    os.mkfifo(fifo)
    opened: list[Any] = []

    def wait(_process: object) -> int:
        opened.append(fifo.open("rb"))  # once somebody has it open for writing
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        to_its_end([sys.executable, "-c", FAMILY.format(fifo=fifo)], os.environ, tmp_path, wait)
    with opened[0] as held:
        assert held.read() == b""


def test_a_commands_status_is_told(tmp_path: Path) -> None:
    assert to_its_end([sys.executable, "-c", "raise SystemExit(3)"], os.environ, tmp_path) == 3


class Answers:
    """A client that answers whatever is asked."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda **_: self._answers[name]


@pytest.mark.parametrize(
    ("arn", "principal"),
    [
        ("arn:aws:iam::123456789012:user/people/jo", "arn:aws:iam::123456789012:user/people/jo"),
        ("arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:root"),
        ("arn:aws:sts::123456789012:assumed-role/admins/jo@example.com", "arn:aws:iam::123456789012:role/sso/admins"),
    ],
)
def test_the_caller_is_known_by_what_policies_name(arn: str, principal: str) -> None:
    role = {"Role": {"Arn": "arn:aws:iam::123456789012:role/sso/admins"}}

    def make(_service: str, _credentials: Credentials | None, _details: object) -> Any:
        return Answers(get_caller_identity={"Account": ACCOUNT_ID, "Arn": arn}, get_role=role)

    aws = Aws(REGION, make)
    assert (aws.account, aws.partition, aws.principal) == (ACCOUNT_ID, "aws", principal)
