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


class UnwritableError(Exception):
    """There is no place for a report, and nothing was made yet."""


@dataclass(slots=True)
class Report:
    """The report of one run, in `folder`, named after the time it began.

    Attributes:
        asked_at: the endpoint that answered, so that nobody takes another's answers for AWS's.
        state: what the run is doing, or how it ended.
        unwritten: why the files do not say what is known by now; empty where they do.
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
    unwritten: str = ""

    @property
    def path(self) -> Path:
        """The one for a person; the other one ends in .json."""
        return self.folder / f"{self.began.strftime(_STAMP)}-{self.prefix}.md"

    def begin(self) -> None:
        """Write both for the first time.

        Raises:
            UnwritableError: they cannot be written.
        """
        self.write()
        if self.unwritten:
            raise UnwritableError(f"the report {self.path} cannot be written ({self.unwritten}); nothing was made")

    def add(self, question: Question, answer: Answer, seconds: int) -> None:
        """One answer more, written at once."""
        self.answers.append((question, answer, seconds))
        self.write()

    def write(self) -> None:
        """Write both. A full disk stops nobody: each writing is of everything, and the next may go well."""
        # Cleared before it is encoded: what JSON escapes would not be recognised afterwards.
        document = _cleared(self._document(), self.discretion)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _put(self.path, self.discretion.cleared(self._markdown()))
            _put(self.path.with_suffix(".json"), json.dumps(document, indent=2) + "\n")
        except OSError as error:
            self.unwritten = error.strerror or type(error).__name__
        else:
            self.unwritten = ""

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


def _put(path: Path, text: str) -> None:
    """Whole or not at all: what stood there before outlives a full disk."""
    beside = path.with_name(f"{path.name}.new")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


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
