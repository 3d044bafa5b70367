"""EventBridge's own two acts on an event, as its guide describes them: matching a pattern, filling in a template.

See: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html and
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any

_VARIABLE = re.compile(r"<(\w+)>")


def matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Whether a rule with this pattern takes the event. An operator that is not known here is an error."""
    for key, wanted in pattern.items():
        if key == "$or":
            if not any(matches(choice, event) for choice in wanted):
                return False
        elif isinstance(wanted, Mapping):
            inner = event.get(key)
            if not isinstance(inner, Mapping) or not matches(wanted, inner):
                return False
        elif not any(_is(choice, key, event) for choice in wanted):
            return False
    return True


def _is(choice: Any, key: str, event: Mapping[str, Any]) -> bool:
    value = event.get(key)
    if not isinstance(choice, Mapping):
        return bool(choice == value)
    if set(choice) == {"exists"}:
        return bool(choice["exists"] is (key in event))
    if set(choice) != {"prefix"}:
        raise ValueError(f"{choice} is not known here")
    return isinstance(value, str) and value.startswith(choice["prefix"])


def filled_in(paths: Mapping[str, str], template: str, event: Mapping[str, Any]) -> str:
    """The target's input. A path that leads nowhere gives nothing; text keeps its JSON escapes, lists become text."""

    def value(variable: re.Match[str]) -> str:
        found: Any = event
        for part in paths[variable[1]].removeprefix("$.").split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        if found is None:
            return ""
        if isinstance(found, list):
            return json.dumps(", ".join(map(str, found)))[1:-1]
        return json.dumps(found)[1:-1] if isinstance(found, str) else json.dumps(found)

    return _VARIABLE.sub(value, template)
