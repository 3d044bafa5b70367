"""The story as one JSON document. Its names are a promise: other programs read them."""

import json
from typing import Any, Self, TextIO

from vsync_rotation_cli.demo.facts import Fact, Rotation, Story


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
    """rotations: kind, steps, race_window_ms; checks: name, ok, detail. Durations are milliseconds."""
    checks = [{"name": check.name, "ok": check.ok, "detail": check.detail} for check in story.checks]
    return json.dumps({"rotations": [_rotation(rotation) for rotation in story.rotations], "checks": checks}, indent=2)


def _rotation(rotation: Rotation) -> dict[str, Any]:
    steps = [{"step": step.step, "ms": round(step.ms, 3), "calls": step.total_calls} for step in rotation.steps]
    return {"kind": rotation.kind.value, "steps": steps, "race_window_ms": rotation.race_window_ms}
