"""What people are told: what EventBridge makes of the sentences, and whether the encrypted topic lets them in."""

import json
from collections.abc import Callable
from typing import Any, Final

from cdk import names
from cdk.messages import MESSAGES, Message
from tests.acceptance.probes.ear import Ear
from tests.acceptance.question import Answer, Question, judged, unanswered
from tests.acceptance.stage import Stage
from tests.acceptance.waiting import until

_HEARD_WITHIN_SECONDS: Final = 180.0
_ALARM_WITHIN_SECONDS: Final = 900.0
_ALARM_EVERY_SECONDS: Final = 15.0
# Our own event, with what a template may meet: an arrow in the text, a number, a null, a list, a path that is not there.
_FIELDS: Final = {"text": "prod", "number": 3, "nothing": None, "several": ["web", "worker"], "quoted": 'a "b"'}
_SENTENCE: Final = "<text>, gen <number> -> 4; null <nothing>; list <several>; missing <missing>; quoted <quoted>."
_PEOPLE: Final = "PeopleTopic"


def _transformed(stage: Stage) -> Answer:
    source, ear = stage.run.probe("events"), Ear(stage, "transformed")
    probe = Message(name="Probe", pattern={}, text=_SENTENCE, title="")
    transformer = {"InputPathsMap": probe.fields, "InputTemplate": probe.plain}
    ear.hears_rule(stage.run.probe("transformed"), {"source": [source]}, transformer)

    def tell() -> None:
        _put(stage, source, "Probe", _FIELDS)

    texts = _told(stage, ear, tell)
    if not texts:
        return judged(as_relied_on=False, text="the transformed event did not arrive")
    raw = texts[0]
    sentence = _as_text(raw)
    return judged(
        as_relied_on=sentence is not None and "prod, gen 3 -> 4;" in sentence and 'quoted a "b".' in sentence,
        text=f"it became: {sentence if sentence is not None else raw}",
        as_delivered=raw,
    )


def _told(stage: Stage, ear: Ear, tell: Callable[[], None]) -> list[str]:
    """A rule that was made just now may not match yet: tell it again until it is heard once."""

    def heard() -> list[str] | None:
        tell()
        return ear.heard(bool, _ALARM_EVERY_SECONDS) or None

    return until(stage.clock, heard, timeout_seconds=_HEARD_WITHIN_SECONDS, every_seconds=0) or []


def _as_text(raw: str) -> str | None:
    """The template is one JSON string; what is delivered should be one too, or that string's text."""
    try:
        value = json.loads(raw)
    except ValueError:
        return raw
    return value if isinstance(value, str) else None


def _topic_hears_events(stage: Stage) -> Answer:
    ear, message = _at_the_topic(stage, "topic-events"), _drift()
    sentence = _expected(stage, message)
    texts = _told(stage, ear, lambda: _put(stage, names.EVENT_SOURCE, "Vault Drift Detected", _drift_detail(stage)))
    found = [text for text in texts if sentence in (_as_text(text) or "")]
    return judged(
        as_relied_on=bool(found),
        text=f"an event {'reaches' if found else 'does NOT reach'} whoever subscribes to the topic with the customer key",
        heard=texts[:3],
    )


def _topic_hears_alarms(stage: Stage) -> Answer:
    """First by itself, as an alarm would; then pushed, to tell a silent alarm from a topic that is closed to alarms."""
    ear, alarms = _at_the_topic(stage, "topic-alarms"), stage.client("cloudwatch")
    wanted = f"{stage.run.prefix}-watch-VaultDriftDetected"
    names_found = [
        alarm["AlarmName"]
        for page in alarms.get_paginator("describe_alarms").paginate(AlarmNamePrefix=wanted)
        for alarm in page["MetricAlarms"]
    ]
    if not names_found:
        return unanswered(f"no alarm is named {wanted}...")
    name = names_found[0]
    _put(stage, names.EVENT_SOURCE, "Vault Drift Detected", _drift_detail(stage))
    by_itself = _heard_of(ear, name, _ALARM_WITHIN_SECONDS)
    alarms.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="asked by make acceptance")
    alarms.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="asked by make acceptance")
    pushed = by_itself or _heard_of(ear, name, _HEARD_WITHIN_SECONDS)
    return judged(
        as_relied_on=by_itself,
        text=f"an alarm on a rule {'fires' if by_itself else 'does NOT fire'} by itself after an event, "
        f"and the topic with the customer key {'lets' if pushed else 'does NOT let'} alarms in",
        alarm=name,
        by_itself=by_itself,
        reaches_the_topic=pushed,
    )


def _heard_of(ear: Ear, alarm: str, seconds: float) -> bool:
    def named(texts: list[str]) -> bool:
        return any(f'"AlarmName":"{alarm}"' in text.replace(": ", ":") for text in texts)

    return named(ear.heard(named, seconds))


def _at_the_topic(stage: Stage, name: str) -> Ear:
    ear = Ear(stage, name)
    stack = stage.client("cloudformation").describe_stacks(StackName=f"{stage.run.prefix}-foundation")["Stacks"][0]
    ear.hears_topic(next(each["OutputValue"] for each in stack["Outputs"] if each["OutputKey"] == _PEOPLE))
    return ear


def _drift() -> Message:
    return next(message for message in MESSAGES if message.name == "VaultDriftDetected")


def _drift_detail(stage: Stage) -> dict[str, Any]:
    """Of a layout that no vault has, so that nobody takes it for a real one; the account's other deployments skip it."""
    return {
        "served_by": stage.run.rotation_stack,
        "secret_name": stage.run.config_secret,
        "layout": "acceptance",
        "reason": "asked by make acceptance",
    }


def _expected(stage: Stage, message: Message) -> str:
    text = message.text
    for name, value in _drift_detail(stage).items():
        text = text.replace(f"<{name}>", value)
    return text


def _put(stage: Stage, source: str, detail_type: str, detail: dict[str, Any]) -> None:
    entry = {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail)}
    answer = stage.client("events").put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"EventBridge took no event: {answer['Entries'][0].get('ErrorCode')}")


QUESTIONS: Final = (
    Question(
        id="messages-as-transformed",
        asks="Does an input transformer keep ` -> ` and quotes, and what becomes of nulls, lists and missing paths?",
        left_open_by="EventBridge: the guide says that < and > cannot be escaped, and nothing of nulls and missing paths",
        relied_on="arrow and quotes arrive as they are written; the rest only reads oddly",
        only_aws="EventBridge's input transformer",
        minutes=5,
        ask=_transformed,
    ),
    Question(
        id="topic-hears-events",
        asks="Does the topic with a customer key get what rules send it?",
        left_open_by="SNS: the key's policy was put together from two pages, each of which has one half",
        relied_on="yes: people are told nothing else",
        only_aws="EventBridge rules with a topic as their target",
        minutes=5,
        ask=_topic_hears_events,
    ),
    Question(
        id="topic-hears-alarms",
        asks="Does an alarm on TriggeredRules fire by itself, and does the topic with a customer key get it?",
        left_open_by="CloudWatch and SNS: the conditions that key and topic put on alarms are our own",
        relied_on="both",
        only_aws="alarms that are evaluated",
        minutes=20,
        ask=_topic_hears_alarms,
    ),
)
