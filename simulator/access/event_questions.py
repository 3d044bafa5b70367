"""What an EventBridge request asks for, in IAM's words."""

from simulator.access.parsing import json_of, operation_of
from simulator.access.policy import ANY_RESOURCE, Question
from simulator.doors import Incoming


def event_questions(account_id: str, incoming: Incoming) -> list[Question]:
    """One question per event: the bus it goes to, its source and its detail type."""
    action = f"events:{operation_of(incoming)}"
    prefix = f"arn:aws:events:{incoming.region}:{account_id}:event-bus/"
    entries = json_of(incoming).get("Entries")
    if action != "events:PutEvents" or not entries:
        return [Question(action, ANY_RESOURCE)]
    return [
        Question(
            action,
            prefix + entry.get("EventBusName", "default").rpartition("/")[2],
            {"events:source": entry.get("Source", ""), "events:detail-type": entry.get("DetailType", "")},
        )
        for entry in entries
    ]
