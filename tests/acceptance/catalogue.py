"""Every question, in the order they are asked: the short ones first, the ones that change the vault last."""

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
_HEAD: Final = ("| question | asks | left open by | relied on | needs of AWS |", "|---|---|---|---|---|")


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


def table() -> str:
    """All of them in Markdown."""
    return "\n".join((*_HEAD, *map(_row, (*PREPARATIONS, *QUESTIONS))))


def _row(question: Question) -> str:
    needs = question.only_aws or "nothing: the tests ask the embedded AWS"
    cells = (f"`{question.id}`", question.asks, question.left_open_by, question.relied_on or "nothing", needs)
    return f"| {' | '.join(cells)} |"
