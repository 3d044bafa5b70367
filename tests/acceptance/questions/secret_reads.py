"""How soon a read by label tells of a write."""

from secrets import token_hex
from typing import Final

from tests.acceptance.question import Answer, Question, learnt
from tests.acceptance.stage import Stage
from tests.acceptance.waiting import until

# Secrets Manager keeps versions without a label for a day, and a hundred of them.
_WRITES: Final = 10
_WITHIN_SECONDS: Final = 30.0
_EVERY_SECONDS: Final = 0.2


def _read_after_write(stage: Stage) -> Answer:
    manager, secret = stage.client("secretsmanager"), stage.run.probe_secret(f"read-{token_hex(3)}")
    manager.create_secret(Name=secret, SecretString="{}")
    late: list[float] = []
    for _ in range(_WRITES):
        written = manager.put_secret_value(SecretId=secret, SecretString="{}")["VersionId"]
        began = stage.clock.monotonic()

        def seen(version: str = written) -> bool | None:
            found = manager.get_secret_value(SecretId=secret, VersionStage="AWSCURRENT")["VersionId"]
            return True if found == version else None

        first = seen()
        until(stage.clock, seen, timeout_seconds=_WITHIN_SECONDS, every_seconds=_EVERY_SECONDS)
        if first is None:
            late.append(round(stage.clock.monotonic() - began, 1))
    return learnt(
        f"{len(late)} of {_WRITES} reads by label right after a write told of the version before"
        + (f", for {max(late):g} s at the longest" if late else ""),
        seconds_late=late,
    )


QUESTIONS: Final = (
    Question(
        id="read-after-write",
        asks="Does a read by label right after PutSecretValue tell of the version before, and for how long?",
        left_open_by="Secrets Manager: no delay is given; users have met one",
        relied_on="",
        only_aws="",
        minutes=6,
        ask=_read_after_write,
    ),
)
