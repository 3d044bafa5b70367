"""The operator's own way, which everything else hangs on: deploy, push, rotate both, boot after each."""

from typing import Any, Final

from tests.acceptance import throw_away
from tests.acceptance.question import Answer, Question, judged
from tests.acceptance.stage import Stage
from tests.acceptance.throw_away import GREETING

_LEFT_OPEN_BY: Final = "this project: everything before this was proven on an embedded AWS"


def _deploys(stage: Stage) -> Answer:
    """The bucket comes with the stacks, so that the first rotation finds it empty; the vault is pushed behind it."""
    began = stage.clock.monotonic()
    file = throw_away.deployment_file(stage.run, stage.aws.account, stage.aws.region, stage.aws.principal)
    status = stage.operator.deploy(file, stage.values.file(stage.run))
    minutes = round((stage.clock.monotonic() - began) / 60, 1)
    if status:
        return judged(as_relied_on=False, text=f"deploying ended with status {status} after {minutes} minutes")
    key = stage.vault.credentials().access_key_id
    stage.vault.push(stage.values, stage.clock.now())
    return judged(
        as_relied_on=True,
        text=f"the operator's command went from a file to a first key in {minutes} minutes",
        minutes=minutes,
        first_access_key=key,
    )


def _rotates_the_key(stage: Stage) -> Answer:
    before = stage.vault.credentials().access_key_id
    status, seconds = _rotated(stage, stage.run.config_secret)
    after = stage.vault.credentials().access_key_id
    boots, told = _boots(stage)
    return judged(
        as_relied_on=status == 0 and boots and after != before,
        text=f"key {before} -> {after} in {seconds} s (status {status}); {told}",
        exit_status=status,
        seconds=seconds,
    )


def _rotates_the_passphrase(stage: Stage) -> Answer:
    version, gen = stage.vault.current_version(stage.run.passphrase_secret), stage.vault.boot().gen
    status, seconds = _rotated(stage, stage.run.passphrase_secret)
    boots, told = _boots(stage)
    moved = stage.vault.current_version(stage.run.passphrase_secret) != version
    return judged(
        as_relied_on=status == 0 and boots and moved and stage.vault.boot().gen == gen + 1,
        text=f"gen {gen} -> {stage.vault.boot().gen} in {seconds} s (status {status}); {told}",
        exit_status=status,
        seconds=seconds,
    )


def _rotated(stage: Stage, secret: str) -> tuple[int, int]:
    began = stage.clock.monotonic()
    status = stage.operator.rotate(secret)
    return status, round(stage.clock.monotonic() - began)


def _boots(stage: Stage) -> tuple[bool, str]:
    """By both layouts; what stands in the way raises, and says so."""
    booted: Any = stage.vault.boot().values.get("GREETING")
    pulled = list(stage.vault.pull().files)
    boots = booted == GREETING and bool(pulled)
    return boots, "an application boots and a laptop pulls" if boots else "an application does NOT boot"


# In this order, and before every other question.
PREPARATIONS: Final = (
    Question(
        id="deploys",
        asks="Does `vsync-rotation deploy` get from a file to a vault whose key rotated once?",
        left_open_by=_LEFT_OPEN_BY,
        relied_on="yes",
        only_aws="CloudFormation, and a CDK bootstrap",
        minutes=25,
        ask=_deploys,
    ),
    Question(
        id="rotates-the-key",
        asks="Does `vsync-rotation rotate` replace the access key, and does an application boot with the new one?",
        left_open_by=_LEFT_OPEN_BY,
        relied_on="yes",
        only_aws="",
        minutes=15,
        ask=_rotates_the_key,
    ),
    Question(
        id="rotates-the-passphrase",
        asks="Does it replace the passphrase of both layouts, with gen one up, and does an application boot?",
        left_open_by=_LEFT_OPEN_BY,
        relied_on="yes",
        only_aws="",
        minutes=15,
        ask=_rotates_the_passphrase,
    ),
)
