"""The catalogue and its page say the same, and no question is nameless."""

import re
from pathlib import Path

import pytest

from tests.acceptance.catalogue import PREPARATIONS, QUESTIONS, UnknownQuestionError, chosen, listing
from tests.acceptance.question import Question

PAGE = Path(__file__).parents[2] / "docs" / "acceptance.md"
EVERYTHING = (*PREPARATIONS, *QUESTIONS)


def rows(text: str) -> list[list[str]]:
    """The cells of each row that begins with a question's id."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")
    ]


def cells(question: Question) -> list[str]:
    """All of its row but the state."""
    needs = question.only_aws or "nothing: the tests ask the embedded AWS"
    return [f"`{question.id}`", question.asks, question.left_open_by, question.relied_on or "nothing", needs]


def test_a_person_reads_what_is_asked_at_eighty_columns() -> None:
    lines = listing().splitlines()
    assert max(map(len, lines)) < 80
    assert [line for line in lines if re.fullmatch(r"[a-z-]+", line)] == [question.id for question in EVERYTHING]
    read = " ".join(" ".join(lines).split())
    assert all(f"{question.id} {question.asks}" in read for question in EVERYTHING)


def test_the_page_lists_every_question_as_the_code_has_it_and_its_state() -> None:
    page = rows(PAGE.read_text(encoding="utf-8").partition("## The questions")[2])
    assert [row[:-1] for row in page] == [cells(question) for question in EVERYTHING]
    assert all(row[-1] for row in page), "each has a state"


def test_every_question_has_a_name_of_its_own_and_ends_in_a_question_mark() -> None:
    ids = [question.id for question in EVERYTHING]
    assert len(set(ids)) == len(ids)
    for question in EVERYTHING:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", question.id)
        assert question.asks.endswith("?")
        assert question.left_open_by
        assert 0 < question.minutes <= 65


def test_questions_are_chosen_by_name_in_the_catalogues_order() -> None:
    assert chosen([]) == list(QUESTIONS)
    assert [question.id for question in chosen(["plain-http", "absent-object-for-readers"])] == [
        "absent-object-for-readers",
        "plain-http",
    ]
    with pytest.raises(UnknownQuestionError, match="there is no question plain-htp; there are absent-"):
        chosen(["plain-htp"])


def test_what_changes_the_vault_comes_last() -> None:
    assert [question.id for question in QUESTIONS[-3:]] == [
        "user-tags-survive-an-update",
        "tags-of-a-denied-secret",
        "editing-rotates-nothing",
    ]
