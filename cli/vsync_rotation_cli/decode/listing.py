"""Fields as text: lines for people, one JSON object for machines."""

import json
from collections.abc import Mapping
from typing import Final

_WIDEST_NAME: Final = 32  # a longer one would push every value off a narrow terminal


def as_json(fields: Mapping[str, object]) -> str:
    """One object, the fields in their order."""
    return json.dumps(dict(fields), indent=2) + "\n"


def as_lines(fields: Mapping[str, object]) -> str:
    """`field  value`, values aligned; text as it is unless a terminal might act on it, all else as JSON."""
    shown = [(_text(name), _text(value)) for name, value in fields.items()]
    width = min(_WIDEST_NAME, max((len(name) for name, _ in shown), default=0))
    return "".join(f"{name:<{width}}  {value}".rstrip() + "\n" for name, value in shown)


def _text(value: object) -> str:
    return value if isinstance(value, str) and value.isprintable() else json.dumps(value)
