"""A rule that only has a schedule is not matched by events; moto sends it every event, and may fail on its pattern.

See: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
"""

from typing import Any

from moto.events.models import Rule

from simulator.corrections.correction import Correction, Replacement


def _with_pattern_only(before: Any) -> Any:
    def send_to_targets(self: Any, *args: Any, **kwargs: Any) -> None:
        if self.event_pattern.dump():
            before(self, *args, **kwargs)

    return send_to_targets


CORRECTION = Correction("scheduled rules match no event", (Replacement(Rule, "send_to_targets", _with_pattern_only),))
