"""What was found out, for a person (Markdown) and for a program (JSON), written anew after every answer.

A run that was killed leaves a report of what it had found out by then, with the prefix to clean up by.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from tests.acceptance.discretion import Discretion
from tests.acceptance.question import Answer, Question

_STAMP: Final = "%Y%m%dT%H%M%SZ"


@dataclass(slots=True)
class Report:
    """The report of one run, in `folder`, named after the time it began.

    Attributes:
        asked_at: the endpoint that answered, so that nobody takes another's answers for AWS's.
        state: what the run is doing, or how it ended.
    """

    folder: Path
    began: datetime
    prefix: str
    account: str
    region: str
    asked_at: str
    discretion: Discretion
    state: str = "running"
    answers: list[tuple[Question, Answer, int]] = field(default_factory=list)
    left_behind: Sequence[str] = ()

    @property
    def path(self) -> Path:
        """The one for a person; the other one ends in .json."""
        return self.folder / f"{self.began.strftime(_STAMP)}-{self.prefix}.md"

    def add(self, question: Question, answer: Answer, seconds: int) -> None:
        """One answer more, written at once."""
        self.answers.append((question, answer, seconds))
        self.write()

    def write(self) -> None:
        """Write both."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path.write_text(self.discretion.cleared(self._markdown()), encoding="utf-8")
        # Cleared before it is encoded: what JSON escapes would not be recognised afterwards.
        document = _cleared(self._document(), self.discretion)
        self.path.with_suffix(".json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")

    def _markdown(self) -> str:
        head = [
            f"# Acceptance run {self.prefix}",
            "",
            f"Account {self.account}, region {self.region}, asked at {self.asked_at}, {self.began.isoformat()}.",
            f"{self.state.capitalize()}.",
        ]
        left = (
            [
                "",
                "## Left behind",
                "",
                *(f"- {each}" for each in self.left_behind),
            ]
            if self.left_behind
            else []
        )
        found = [line for entry in self.answers for line in _section(*entry)]
        return "\n".join([*head, *left, *found, ""])

    def _document(self) -> dict[str, Any]:
        return {
            "prefix": self.prefix,
            "account": self.account,
            "region": self.region,
            "asked_at": self.asked_at,
            "began": self.began.isoformat(),
            "state": self.state,
            "left_behind": list(self.left_behind),
            "answers": [
                {
                    "id": question.id,
                    "asks": question.asks,
                    "left_open_by": question.left_open_by,
                    "relied_on": question.relied_on,
                    "verdict": str(answer.verdict),
                    "answer": answer.text,
                    "evidence": dict(answer.evidence),
                    "seconds": seconds,
                }
                for question, answer, seconds in self.answers
            ],
        }


def _section(question: Question, answer: Answer, seconds: int) -> list[str]:
    relied_on = [f"Relied on: {question.relied_on}.", ""] if question.relied_on else []
    evidence = [f"- {name}: `{value}`" for name, value in answer.evidence.items()]
    return [
        "",
        f"## {question.id}: {answer.verdict}",
        "",
        f"{question.asks} (Left open by {question.left_open_by}.)",
        "",
        *relied_on,
        f"**{answer.text}** ({seconds} s)",
        *(["", *evidence] if evidence else []),
    ]


def _cleared(value: Any, discretion: Discretion) -> Any:
    if isinstance(value, dict):
        return {discretion.cleared(str(name)): _cleared(inner, discretion) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_cleared(inner, discretion) for inner in value]
    return value if isinstance(value, int | float | bool) or value is None else discretion.cleared(str(value))
