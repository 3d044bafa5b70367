"""A question to AWS that no document answers, and what an answer is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.acceptance.stage import Stage


class Verdict(StrEnum):
    """What an answer means for this software."""

    AS_RELIED_ON = "as relied on"
    OTHERWISE = "NOT as relied on"
    LEARNT = "learnt"
    UNANSWERED = "not answered"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found out, in a sentence, and what it was read from; neither holds a secret."""

    verdict: Verdict
    text: str
    evidence: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        id: how a person names it.
        asks: the question.
        left_open_by: which document does not answer it.
        relied_on: what this software takes for granted; empty where nothing hangs on the answer.
        only_aws: what it needs that the embedded AWS has not; empty where the tests ask it there.
        minutes: how long it may take at the longest.
        ask: finds out. Whatever it raises ends this question only.
    """

    id: str
    asks: str
    left_open_by: str
    relied_on: str
    only_aws: str
    minutes: int
    ask: "Callable[[Stage], Answer]"


def judged(*, as_relied_on: bool, text: str, **evidence: object) -> Answer:
    """An answer on which something hangs."""
    return Answer(Verdict.AS_RELIED_ON if as_relied_on else Verdict.OTHERWISE, text, evidence)


def learnt(text: str, **evidence: object) -> Answer:
    """An answer on which nothing hangs."""
    return Answer(Verdict.LEARNT, text, evidence)


def unanswered(text: str, **evidence: object) -> Answer:
    """It could not be found out, and why."""
    return Answer(Verdict.UNANSWERED, text, evidence)
