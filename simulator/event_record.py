"""An event as a rule on the bus would get it."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One accepted entry of PutEvents; `detail` is parsed, `text` is the detail as it was sent."""

    source: str
    detail_type: str
    detail: dict[str, Any]
    bus: str
    resources: tuple[str, ...]
    text: str

    @classmethod
    def of(cls, entry: dict[str, Any]) -> "EventRecord":
        return cls(
            source=entry["Source"],
            detail_type=entry["DetailType"],
            detail=json.loads(entry["Detail"]),
            bus=str(entry.get("EventBusName") or "default").rpartition("/")[2],
            resources=tuple(entry.get("Resources") or ()),
            text=entry["Detail"],
        )
