"""Policy documents: an explicit deny wins, otherwise something must allow.

Covers identity policies with Action, NotAction, Resource, NotResource and the condition operators below; an operator
that is not known here is an error, never a silent yes or no.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

ANY_RESOURCE: Final = ""


@dataclass(frozen=True, slots=True)
class Question:
    """May this action be done to this resource? An empty resource stands for one we do not tell apart."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


def is_allowed(documents: Iterable[Mapping[str, Any]], question: Question) -> bool:
    """Whether the documents together allow it."""
    matching = [s for document in documents for s in _statements(document) if _concerns(s, question)]
    effects = {statement["Effect"] for statement in matching}
    return "Allow" in effects and "Deny" not in effects


def _statements(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    statements = document["Statement"]
    return [statements] if isinstance(statements, Mapping) else list(statements)


def _concerns(statement: Mapping[str, Any], question: Question) -> bool:
    return (
        _names(statement, "Action", question.action.lower(), str.lower)
        and (question.resource == ANY_RESOURCE or _names(statement, "Resource", question.resource, _same(question)))
        and all(
            _holds(operator, key, _list(wanted), question)
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def _names(statement: Mapping[str, Any], element: str, value: str, prepare: Callable[[str], str]) -> bool:
    if f"Not{element}" in statement:
        return not any(_like(prepare(pattern), value) for pattern in _list(statement[f"Not{element}"]))
    return any(_like(prepare(pattern), value) for pattern in _list(statement.get(element, ())))


def _same(question: Question) -> Callable[[str], str]:
    return lambda pattern: re.sub(r"\$\{([^}]+)\}", lambda name: question.context.get(name[1], name[0]), pattern)


def _holds(operator: str, key: str, wanted: list[str], question: Question) -> bool:
    name = operator.rpartition(":")[2].removesuffix("IfExists")
    context = {k.lower(): v for k, v in question.context.items()}
    actual = context.get(key.lower())
    if name == "Null":
        return (actual is None) == (wanted[0].lower() == "true")
    if name not in _OPERATORS:
        raise ValueError(f"condition operator {operator} is not known to the simulator")
    positive = "Not" not in name
    if actual is None:
        return operator.endswith("IfExists") or not positive
    test = _OPERATORS[name]
    prepare = _same(question)
    return any(test(prepare(want), value) for want in wanted for value in actual.split("\n")) is positive


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


def _like(pattern: str, value: str) -> bool:
    return _pattern(pattern).fullmatch(value) is not None


def _equal(wanted: str, value: str) -> bool:
    return wanted == value


def _same_ignoring_case(wanted: str, value: str) -> bool:
    return wanted.lower() == value.lower()


_OPERATORS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "StringEquals": _equal,
    "StringNotEquals": _equal,
    "StringEqualsIgnoreCase": _same_ignoring_case,
    "StringLike": _like,
    "StringNotLike": _like,
    "ArnEquals": _like,
    "ArnNotEquals": _like,
    "ArnLike": _like,
    "ArnNotLike": _like,
    "Bool": _same_ignoring_case,
}


def _list(value: Any) -> list[str]:
    return [str(v).lower() if isinstance(v, bool) else str(v) for v in ([value] if _is_one(value) else value)]


def _is_one(value: Any) -> bool:
    return isinstance(value, str | bool)
