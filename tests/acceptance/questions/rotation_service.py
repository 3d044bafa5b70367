"""What Secrets Manager's rotation service does and does not document: asked with a function that writes it down."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Final
from uuid import uuid4

from tests.acceptance.aws import tried
from tests.acceptance.probes.function import Ordered, ProbeRefusedError, RotationProbe, steps
from tests.acceptance.question import Answer, Question, judged, learnt, unanswered
from tests.acceptance.stage import Stage
from tests.acceptance.waiting import until

_EVERY_SECONDS: Final = 20.0
_RETRIES_EVERY_SECONDS: Final = 60.0
_TEST_WITHIN_SECONDS: Final = 300.0
# Nobody documents when the service gives up: quiet for so long counts as that.
_QUIET_SECONDS: Final = 900.0
_RETRIES_WITHIN_SECONDS: Final = 3_600.0
# The service's own steps before a probe fails, as it documents their order.
_ATTEMPT: Final = ("createSecret", "setSecret", "testSecret")
_NO_VALUE: Final = "ResourceNotFoundException"
_NEVER: Final = {"ScheduleExpression": "rate(999 days)"}


def _no_rules(stage: Stage) -> Answer:
    try:
        ordered = RotationProbe(stage).on_a_secret("no-rules", RotateImmediately=False)
    except ProbeRefusedError as refusal:
        return learnt(f"a rotation without rules is refused: {refusal}")
    facts = stage.client("secretsmanager").describe_secret(SecretId=ordered.secret)
    return learnt(
        f"with a function and no rules RotationEnabled is {facts.get('RotationEnabled')!s}",
        RotationEnabled=facts.get("RotationEnabled"),
        RotationRules=dict(facts.get("RotationRules", {})),
    )


def _second_order(stage: Stage) -> Answer:
    ordered = RotationProbe(stage).on_a_secret("twice", RotationRules=_NEVER)
    manager = stage.client("secretsmanager")
    second = tried(manager.rotate_secret, SecretId=ordered.secret, ClientRequestToken=str(uuid4()))
    words = "" if second.went_well else str(second.value["Error"].get("Message", ""))
    versions = manager.describe_secret(SecretId=ordered.secret)["VersionIdsToStages"]
    return judged(
        as_relied_on=second.code == "InvalidRequestException" and "previous rotation" in words,
        text=f"a second order with another token is answered {second}{f': {words}' if words else ''}",
        versions=sorted(labels for labels in versions.values()),
    )


def _test_only(stage: Stage) -> Answer:
    probe = RotationProbe(stage)
    ordered = probe.on_a_secret("test-only", RotateImmediately=False, RotationRules=_NEVER)
    lines = until(
        stage.clock,
        lambda: probe.seen(ordered.version) or None,
        timeout_seconds=_TEST_WITHIN_SECONDS,
        every_seconds=_EVERY_SECONDS,
    )
    if lines is None:
        return unanswered(f"the function was not invoked within {_TEST_WITHIN_SECONDS:g} s")
    first = lines[0]
    left = _labels(stage, ordered)
    return judged(
        as_relied_on=set(steps(lines)) == {"testSecret"} and first["value"] == _NO_VALUE,
        text=f"only {', '.join(sorted(set(steps(lines))))} runs, {len(lines)} times, on a version labelled "
        f"{first['labels'] or 'nothing'} whose value is {first['value']}; "
        f"afterwards that version {'is gone' if left is None else f'is labelled {left}'}",
        fields=first["fields"],
        labels=first["labels"],
        value=first["value"],
        left_behind=left,
    )


def _retries(stage: Stage) -> Answer:
    probe = RotationProbe(stage)
    ordered = probe.on_a_secret("failing", RotationRules=_NEVER)
    seen: list[Mapping[str, Any]] = []
    quiet_since = stage.clock.monotonic()

    def look() -> bool | None:
        nonlocal seen, quiet_since
        found = probe.seen(ordered.version)
        if len(found) > len(seen):
            seen, quiet_since = found, stage.clock.monotonic()
        return True if seen and stage.clock.monotonic() - quiet_since >= _QUIET_SECONDS else None

    ended = until(stage.clock, look, timeout_seconds=_RETRIES_WITHIN_SECONDS, every_seconds=_RETRIES_EVERY_SECONDS)
    if not seen:
        return unanswered(f"the function was not invoked within {_RETRIES_WITHIN_SECONDS:g} s")
    attempts = _attempts(seen)
    apart = [round((_at(later) - _at(earlier)).total_seconds()) for earlier, later in pairwise(attempts)]
    left = _labels(stage, ordered)
    how_many = f"{len(attempts)}" if ended else f"at least {len(attempts)}"
    return judged(
        as_relied_on=all(steps(attempt)[:1] == ["createSecret"] for attempt in attempts),
        text=f"{how_many} attempts, begun {apart or 'never again'} s apart, each with one token; "
        f"steps of each: {sorted({' '.join(steps(attempt)) for attempt in attempts})}; "
        f"afterwards the version is {left or 'gone'}",
        attempts=len(attempts),
        seconds_apart=apart,
        steps=[steps(attempt) for attempt in attempts],
        fields=sorted({field for line in seen for field in line["fields"]}),
        value_at_each_createSecret=[attempt[0]["value"] for attempt in attempts],
        left_behind=left,
    )


def _labels(stage: Stage, ordered: Ordered) -> list[str] | None:
    """What the version is labelled now; None where it is gone, or nothing labels it."""
    facts = stage.client("secretsmanager").describe_secret(SecretId=ordered.secret)
    found: list[str] | None = facts.get("VersionIdsToStages", {}).get(ordered.version)
    return found


def _attempts(lines: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """One ends where the next begins with a step that does not come after the last one."""
    attempts: list[list[Mapping[str, Any]]] = []
    for line in lines:
        if not attempts or _rank(line) <= _rank(attempts[-1][-1]):
            attempts.append([])
        attempts[-1].append(line)
    return attempts


def _rank(line: Mapping[str, Any]) -> int:
    return _ATTEMPT.index(str(line["step"]))


def _at(attempt: Sequence[Mapping[str, Any]]) -> datetime:
    return datetime.fromisoformat(str(attempt[0]["at"]))


QUESTIONS: Final = (
    Question(
        id="rotation-enabled-without-rules",
        asks="Is RotationEnabled true where a secret has a rotation function but no rules?",
        left_open_by="Secrets Manager: DescribeSecret; RotateSecret makes the rules optional",
        relied_on="",
        only_aws="",
        minutes=5,
        ask=_no_rules,
    ),
    Question(
        id="second-order",
        asks="What does RotateSecret answer while a rotation is under way, and in which words?",
        left_open_by="Secrets Manager: RotateSecret documents InvalidRequestException, not its text",
        relied_on="refused with `previous rotation` in its text: Scheduler delivers at least once, and "
        "`vsync-rotation rotate` follows the rotation that is there",
        only_aws="",
        minutes=5,
        ask=_second_order,
    ),
    Question(
        id="test-only-event",
        asks="What does the function get where RotateImmediately is false, and has that version a value?",
        left_open_by="Secrets Manager: RotateSecret names the step and the temporary version, not what is in it",
        relied_on="testSecret alone, on a version without a value: AWSCURRENT is tested instead",
        only_aws="",
        minutes=10,
        ask=_test_only,
    ),
    Question(
        id="retries-after-a-failed-step",
        asks="How often and when is a rotation tried again after a failed step, and from which step on?",
        left_open_by="Secrets Manager: NextRotationDate says that a failed rotation is retried, no more",
        relied_on="the whole rotation, from createSecret on, with the same token",
        only_aws="",
        minutes=65,
        ask=_retries,
    ),
)
