"""Policy documents: an explicit deny wins, otherwise something must allow.

Covers Action, NotAction, Resource, NotResource and the conditions of `simulator.access.conditions`. Whom a statement of
a resource's policy is about is decided in `simulator.access.resource_policies`.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from simulator.access.conditions import all_hold, like, texts

ANY_RESOURCE: Final = ""
Statement = Mapping[str, Any]
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """May this action be done to this resource? An empty resource stands for one we do not tell apart."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


def is_allowed(documents: Iterable[Document], question: Question) -> bool:
    """Whether the documents together allow it."""
    effects = {s["Effect"] for document in documents for s in statements(document) if concerns(s, question)}
    return "Allow" in effects and "Deny" not in effects


def statements(document: Document) -> list[Statement]:
    """A document's statements, also where it has but one."""
    found = document["Statement"]
    return [found] if isinstance(found, Mapping) else list(found)


def concerns(statement: Statement, question: Question) -> bool:
    """Whether the statement is about this action, on this resource, under these circumstances."""
    return (
        _names(statement, "Action", lambda pattern: like(pattern.lower(), question.action.lower()))
        and (question.resource == ANY_RESOURCE or _names(statement, "Resource", _covers(question)))
        and all_hold(statement.get("Condition", {}), question.context)
    )


def _names(statement: Statement, element: str, matches: Callable[[str], bool]) -> bool:
    if f"Not{element}" in statement:
        return not any(matches(pattern) for pattern in texts(statement[f"Not{element}"]))
    return any(matches(pattern) for pattern in texts(statement.get(element, ())))


def _covers(question: Question) -> Callable[[str], bool]:
    return lambda pattern: like(pattern, question.resource, question.context)
