"""The table of results, and the block of docs/performance.md that holds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).parents[2] / "docs/performance.md"
BEGIN: Final = "<!-- measured: begin -->"
END: Final = "<!-- measured: end -->"


@dataclass(frozen=True, slots=True)
class Row:
    """One result. `goal_met` is None where nothing was promised."""

    result: str
    what: str
    goal: str
    goal_met: bool | None
    measured: str


def table(rows: Sequence[Row], measured_on: str) -> str:
    """The results in Markdown, the ratio first."""
    lines = ["| result | of what | goal | measured |", "|---|---|---|---|"]
    verdicts = {True: ", met", False: ", **not met**", None: ""}
    lines += [f"| {row.result} | {row.what} | {row.goal}{verdicts[row.goal_met]} | {row.measured} |" for row in rows]
    return "\n".join([*lines, "", f"Measured on {measured_on}."])


def write(text: str) -> None:
    """Replace the block.

    Raises:
        ValueError: the page has no such block, or more than one.
    """
    page = PAGE.read_text()
    if (page.count(BEGIN), page.count(END)) != (1, 1):
        raise ValueError(f"{PAGE} needs {BEGIN} and {END}, once each")
    before, after = page.partition(BEGIN)[0], page.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")
