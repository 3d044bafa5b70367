"""EventBridge Scheduler: does it rotate a secret with the token that the stacks give it, and when do rates begin?"""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from cdk import names
from tests.acceptance.functions import log_group
from tests.acceptance.question import Answer, Question, judged, unanswered
from tests.acceptance.stage import Stage
from tests.acceptance.waiting import until

_IN: Final = timedelta(minutes=2)
_FIRED_WITHIN_SECONDS: Final = 300.0
_ROTATED_WITHIN_SECONDS: Final = 600.0
_EVERY_SECONDS: Final = 10.0
_TOKEN: Final = "rotation-by-schedule-"
_RATE_WITHIN_SECONDS: Final = 1_200.0


def _schedules(stage: Stage) -> Iterator[Any]:
    """Those of the rotation stack, whole."""
    scheduler = stage.client("scheduler")
    for page in scheduler.get_paginator("list_schedules").paginate():
        for found in page["Schedules"]:
            if found["GroupName"].startswith(f"{stage.run.prefix}-"):
                yield scheduler.get_schedule(GroupName=found["GroupName"], Name=found["Name"])


def _rotates(stage: Stage) -> Answer:
    """The schedule of the passphrase's rotation once more, with another time: two minutes from now, once."""
    planned = next((found for found in _schedules(stage) if "SecretId" in found["Target"].get("Input", "")), None)
    if planned is None:
        return unanswered("the rotation stack has no schedule that rotates a secret")
    secret = json.loads(planned["Target"]["Input"])["SecretId"]
    before = stage.vault.current_version(secret)
    when = (stage.clock.now() + _IN).strftime("%Y-%m-%dT%H:%M:%S")
    stage.client("scheduler").create_schedule(
        Name=stage.run.probe("rotates"),
        GroupName=planned["GroupName"],
        ScheduleExpression=f"at({when})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=planned["Target"],
        ActionAfterCompletion="DELETE",
    )
    version = until(
        stage.clock,
        lambda: _ours(stage, secret),
        timeout_seconds=_IN.total_seconds() + _FIRED_WITHIN_SECONDS,
        every_seconds=_EVERY_SECONDS,
    )
    if version is None:
        return judged(
            as_relied_on=False,
            text="Scheduler ordered no rotation with our token",
            dead_letters=_dead_letters(stage, planned),
        )
    moved = until(
        stage.clock,
        lambda: True if stage.vault.current_version(secret) == version else None,
        timeout_seconds=_ROTATED_WITHIN_SECONDS,
        every_seconds=_EVERY_SECONDS,
    )
    booted = stage.vault.boot().values
    return judged(
        as_relied_on=moved is True,
        text=f"Scheduler ordered a rotation with the token {version}, and it {'was' if moved else 'was NOT'} completed",
        version=version,
        version_before=before,
        an_application_boots=bool(booted),
    )


def _ours(stage: Stage, secret: str) -> str | None:
    labels = stage.vault.facts(secret).get("VersionIdsToStages", {})
    return next((version for version in labels if version.startswith(_TOKEN)), None)


def _dead_letters(stage: Stage, schedule: Any) -> list[str]:
    """Why Scheduler gave up, in its own words: they stand in the messages' attributes."""
    arn = str(schedule["Target"].get("DeadLetterConfig", {}).get("Arn", ""))
    sqs, name = stage.client("sqs"), arn.rpartition(":")[2]
    if not name:
        return []
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    return [
        ", ".join(f"{key}: {value.get('StringValue')}" for key, value in sorted(message["MessageAttributes"].items()))
        for message in answer.get("Messages", [])
        if message.get("MessageAttributes")
    ]


def _rate(stage: Stage) -> Answer:
    function = stage.run.function(names.CHECK)
    made = next((f for f in _schedules(stage) if f["Target"]["Arn"].endswith(f":{function}")), None)
    if made is None:
        return unanswered(f"the rotation stack has no schedule that runs {function}")
    group = log_group(stage.aws, function)
    first = until(
        stage.clock,
        lambda: _first_line_ms(stage, group),
        timeout_seconds=_RATE_WITHIN_SECONDS,
        every_seconds=_EVERY_SECONDS,
    )
    if first is None:
        return judged(as_relied_on=False, text=f"{function} did not run within {_RATE_WITHIN_SECONDS:g} s")
    seconds = round(first / 1_000 - made["CreationDate"].timestamp())
    return judged(
        as_relied_on=True,
        text=f"a schedule at {made['ScheduleExpression']} ran its function for the first time {seconds} s after it was made",
        first_run_after_seconds=seconds,
        expression=made["ScheduleExpression"],
    )


def _first_line_ms(stage: Stage, group: str) -> int | None:
    logs = stage.client("logs")
    try:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        stamps = [int(event["timestamp"]) for page in pages for event in page["events"]]
    except logs.exceptions.ResourceNotFoundException:
        return None
    return min(stamps, default=None)


QUESTIONS: Final = (
    Question(
        id="scheduler-rotates",
        asks="Does a universal target rotateSecret take `rotation-by-schedule-<aws.scheduler.execution-id>` as its "
        "ClientRequestToken, and is the secret rotated?",
        left_open_by="EventBridge Scheduler: whether a context attribute is filled in inside a longer text is not said",
        relied_on="yes: every rotation with a time zone or a window in minutes is started so",
        only_aws="EventBridge Scheduler, which fires schedules made with at()",
        minutes=18,
        ask=_rotates,
    ),
    Question(
        id="rate-fires-when-made",
        asks="Does a schedule at a rate run its function as soon as it is made, and does it run it at all?",
        left_open_by="nothing (schedule-types: at once, without a start date); seen with the stacks' own role and function",
        relied_on="it runs: retiring and checking hang on it. Rates are refused for rotations, in case they fire at once",
        only_aws="EventBridge Scheduler, and the log groups that Lambda fills",
        minutes=20,
        ask=_rate,
    ),
)
