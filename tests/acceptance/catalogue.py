"""Every question, in the order they are asked: the short ones first, the ones that change the vault last."""

import textwrap
from collections.abc import Iterable, Sequence
from typing import Final

from tests.acceptance.question import Question
from tests.acceptance.questions import (
    absent_objects,
    access_keys,
    messages,
    operators_path,
    protection,
    rotation_service,
    schedules,
    secret_reads,
    trail_events,
    updates,
)

PREPARATIONS: Final = operators_path.PREPARATIONS
QUESTIONS: Final = (
    *absent_objects.QUESTIONS,
    *protection.QUESTIONS,
    *messages.QUESTIONS,
    *schedules.QUESTIONS,
    *secret_reads.QUESTIONS,
    *access_keys.QUESTIONS,
    *rotation_service.QUESTIONS,
    *trail_events.QUESTIONS,
    *updates.QUESTIONS,
)
_COLUMNS: Final = 79
_INDENT: Final = "  "


class UnknownQuestionError(Exception):
    """A question that is not in the catalogue was asked for."""


def chosen(ids: Iterable[str]) -> Sequence[Question]:
    """The questions of these ids, all of them where none is named. Preparations are not among them.

    Raises:
        UnknownQuestionError: there is no such question.
    """
    wanted = set(ids)
    unknown = sorted(wanted - {question.id for question in QUESTIONS})
    if unknown:
        known = ", ".join(question.id for question in QUESTIONS)
        raise UnknownQuestionError(f"there is no question {', '.join(unknown)}; there are {known}")
    return [question for question in QUESTIONS if not wanted or question.id in wanted]


def listing() -> str:
    """What is asked, for a person at a terminal."""
    return "\n\n".join(
        (
            "In every run, and first:",
            *map(_listed, PREPARATIONS),
            f"Then those that --only names, or else all of these {len(QUESTIONS)}:",
            *map(_listed, QUESTIONS),
            "What is relied on, and what was found out: docs/acceptance.md.",
        )
    )


def _listed(question: Question) -> str:
    asks = textwrap.fill(
        question.asks, _COLUMNS, initial_indent=_INDENT, subsequent_indent=_INDENT, break_on_hyphens=False
    )
    return f"{question.id}\n{asks}"
