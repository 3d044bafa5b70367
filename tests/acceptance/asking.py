"""Preparations in their order, then the questions; one that fails ends itself alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tests.acceptance.question import Answer, Question, Verdict, unanswered
from tests.acceptance.report import Report
from tests.acceptance.stage import Stage

Say = Callable[[str], None]
_GOOD: Final = frozenset({Verdict.AS_RELIED_ON, Verdict.LEARNT})


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks on a stage; answers go into the report as they come."""

    stage: Stage
    report: Report
    say: Say

    def run(self, preparations: Sequence[Question], questions: Sequence[Question]) -> bool:
        """Whether every answer is as this software relies on it."""
        for preparation in preparations:
            if self._asked(preparation).verdict is not Verdict.AS_RELIED_ON:
                self.say(f"{preparation.id} did not go well: nothing further is asked")
                return False
        verdicts = [self._asked(question).verdict for question in questions]
        return all(verdict in _GOOD for verdict in verdicts)

    def _asked(self, question: Question) -> Answer:
        self.say(f"{question.id}: {question.asks} (at most {question.minutes} minutes)")
        began = self.stage.clock.monotonic()
        answer = self._answer(question)
        self.report.add(question, answer, round(self.stage.clock.monotonic() - began))
        self.say(f"  {answer.verdict}: {answer.text}")
        if self.report.unwritten:
            self.say(f"  that stands nowhere else: the report could not be written ({self.report.unwritten})")
        return answer

    def _answer(self, question: Question) -> Answer:
        try:
            return question.ask(self.stage)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong with one question, the others are asked
            return unanswered(f"asking failed with {type(error).__name__}: {error}")
