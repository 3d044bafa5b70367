"""New secret access keys and accepted events are announced; moto's own behaviour stays as it is."""

from typing import Any

from moto.events.models import EventsBackend
from moto.iam.models import IAMBackend

from simulator.corrections import announcements
from simulator.corrections.correction import Correction, Replacement


def _keys(before: Any) -> Any:
    def create_access_key(self: Any, *args: Any, **kwargs: Any) -> Any:
        key = before(self, *args, **kwargs)
        announcements.secret_born.tell(key.secret_access_key)
        return key

    return create_access_key


def _events(before: Any) -> Any:
    def put_events(self: Any, events: list[dict[str, Any]]) -> Any:
        answers = before(self, events)
        for event, answer in zip(events, answers, strict=True):
            if "EventId" in answer:
                announcements.event_put.tell(self.region_name, event)
        return answers

    return put_events


CORRECTION = Correction(
    "births are announced",
    (Replacement(IAMBackend, "create_access_key", _keys), Replacement(EventsBackend, "put_events", _events)),
)
