"""Where the service's own word that a rotation failed names the secret."""

import json
from collections.abc import Iterator
from typing import Any, Final

from tests.acceptance.probes.ear import Ear
from tests.acceptance.probes.function import RotationProbe
from tests.acceptance.question import Answer, Question, judged, unanswered
from tests.acceptance.stage import Stage
from vsync_rotation_cli.aws.premises import Trail

# CloudTrail delivers within about a quarter of an hour; the service may try several times before it gives up.
_WITHIN_SECONDS: Final = 3_600.0
# As cdk/trail_messages.py looks for it.
_LOOKED_AT: Final = frozenset({"additionalEventData.SecretId", "responseElements.arn", "responseElements.aRN"})


def _rotation_failed(stage: Stage) -> Answer:
    trail = stage.trail()
    if trail is Trail.MISSING:
        return unanswered("no CloudTrail trail records management events here, and without one there is no such event")
    ear = Ear(stage, "trail")
    names = ["RotationFailed", "RotationAbandoned"]
    ear.hears_rule(stage.run.probe("trail"), {"source": ["aws.secretsmanager"], "detail": {"eventName": names}})
    rules = {"ScheduleExpression": "rate(999 days)"}
    secret = RotationProbe(stage).on_a_secret("failing-for-the-trail", RotationRules=rules).secret

    def about_it(texts: list[str]) -> bool:
        return any(secret in text for text in texts)

    heard = [json.loads(text) for text in ear.heard(about_it, _WITHIN_SECONDS) if secret in text]
    if not heard:
        return unanswered(
            f"no RotationFailed of the probe came within {_WITHIN_SECONDS:g} s "
            f"(a trail: {'yes' if trail is Trail.RECORDS else 'could not be seen'})"
        )
    event = heard[0]
    fields = sorted(set(_naming(event["detail"], secret)))
    return judged(
        as_relied_on=bool(_LOOKED_AT & set(fields)),
        text=f"{event['detail']['eventName']} ({event['detail-type']}) names the secret in {', '.join(fields)}",
        fields=fields,
        detail_type=event["detail-type"],
    )


def _naming(value: Any, secret: str, path: str = "") -> Iterator[str]:
    """The path of every text that holds the secret's name."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _naming(inner, secret, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            yield from _naming(inner, secret, f"{path}[]")
    elif isinstance(value, str) and secret in value:
        yield path


QUESTIONS: Final = (
    Question(
        id="field-of-rotation-failed",
        asks="In which field does RotationFailed name the secret, and under which detail-type does it come?",
        left_open_by="Secrets Manager: cloudtrail_log_entries; the spelling differs between events (arn, aRN)",
        relied_on="one of additionalEventData.SecretId, responseElements.arn, responseElements.aRN",
        only_aws="a CloudTrail trail that records management events",
        minutes=65,
        ask=_rotation_failed,
    ),
)
