"""A rule hands a matching event to its target functions, as the envelope that EventBridge documents.

moto refuses PutEvents as a whole where a matching rule has a function as its target, and heeds no rule's state. The
invocation itself is announced and waits for whoever plays it (`simulator.automation`): it is asynchronous.

See: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
"""

from datetime import UTC, datetime
from typing import Any, Final

from moto.events.models import Rule

from simulator.corrections import announcements
from simulator.corrections.correction import Correction, Replacement

_FUNCTION: Final = "arn:aws:lambda:"
_TRANSFORMED: Final = frozenset({"Input", "InputPath", "InputTransformer"})


def _to_functions_too(before: Any) -> Any:
    def send_to_targets(self: Any, original_event: dict[str, Any], transform_input: bool = True) -> None:  # noqa: FBT001, FBT002 - moto's signature
        if self.state == "DISABLED":
            return
        everything = self.targets
        functions = [target for target in everything if target["Arn"].startswith(_FUNCTION)]
        self.targets = [target for target in everything if target not in functions]
        try:
            before(self, original_event, transform_input)
        finally:
            self.targets = everything
        if functions and self.event_pattern.matches_event(original_event):
            for target in functions:
                announcements.function_targeted.tell(_arn(self, target), _envelope(original_event))

    return send_to_targets


def _arn(rule: Any, target: dict[str, Any]) -> str:
    """Refused, not ignored: a function that got the whole event instead of its target's input would prove nothing."""
    if _TRANSFORMED & target.keys():
        raise NotImplementedError(f"rule {rule.name}: a target's own input is not played here")
    return str(target["Arn"])


def _envelope(event: dict[str, Any]) -> dict[str, Any]:
    when = event["time"]
    at = when if isinstance(when, datetime) else datetime.fromtimestamp(float(when), UTC)
    return {
        "version": "0",
        "id": event["id"],
        "detail-type": event["detail-type"],
        "source": event["source"],
        "account": event["account"],
        "time": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": event["region"],
        "resources": list(event["resources"]),
        "detail": event["detail"],
    }


CORRECTION = Correction("rules reach functions", (Replacement(Rule, "send_to_targets", _to_functions_too),))
