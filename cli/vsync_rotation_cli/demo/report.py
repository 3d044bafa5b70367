"""The story as one JSON document. Its names are a promise: other programs read them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TextIO

from vsync_rotation_cli.demo.facts import Fact, Lifeline, Rotation, Story


class Report:
    """Says nothing while the story runs, and everything at its end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None: ...

    def tell(self, fact: Fact) -> None:
        """Nothing: a document is written once, whole."""

    def end(self, story: Story) -> None:
        """The document."""
        self._stream.write(document(story) + "\n")


def document(story: Story) -> str:
    """rotations: kind, steps, race_window_ms; checks: name, ok, detail; life: hours, what; lifelines: one per key.

    Durations of steps are milliseconds. `hours` are virtual ones since the rotations; instants are ISO 8601 in UTC,
    null for what never came.
    """
    content = {
        "rotations": [_rotation(rotation) for rotation in story.rotations],
        "checks": [{"name": check.name, "ok": check.ok, "detail": check.detail} for check in story.checks],
        "life": [{"hours": round(seen.after / timedelta(hours=1), 2), "what": seen.what} for seen in story.life],
        "lifelines": [] if story.keys is None else [_lifeline(line) for line in story.keys.lifelines],
    }
    return json.dumps(content, indent=2)


def _rotation(rotation: Rotation) -> dict[str, Any]:
    steps = [{"step": step.step, "ms": round(step.ms, 3), "calls": step.total_calls} for step in rotation.steps]
    return {"kind": rotation.kind.value, "steps": steps, "race_window_ms": rotation.race_window_ms}


def _lifeline(line: Lifeline) -> dict[str, Any]:
    return {
        "access_key_id": line.access_key_id,
        "made_at": _iso(line.made_at),
        "promoted_at": _iso(line.promoted_at),
        "superseded_at": _iso(line.superseded_at),
        # Of uses within one second one is enough.
        "used_at": list(dict.fromkeys(_iso(moment) for moment in line.used_at)),
        "deactivated_at": _iso(line.deactivated_at),
        "deleted_at": _iso(line.deleted_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
