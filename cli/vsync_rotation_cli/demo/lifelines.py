"""The picture of the keys' lives: one line a key over the days, drawn with letters so that nothing needs a colour.

A line is cut into cells of equal time. Each event has its letter at its moment; of several in one cell the later ones
stand to the right, so that none is lost. Between the letters the line says whether the key is current, superseded or
Inactive.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, groupby
from typing import Final

from vsync_rotation_cli.demo.facts import Lifeline, LifelinesSeen

MADE: Final = "M"
PROMOTED: Final = "P"
USED: Final = "u"
SUPERSEDED: Final = "S"
DEACTIVATED: Final = "I"
DELETED: Final = "D"
CURRENT_LINE: Final = "="
SUPERSEDED_LINE: Final = "-"
INACTIVE_LINE: Final = "."
NO_LINE: Final = " "
LEGEND: Final[Mapping[str, str]] = {
    MADE: "made",
    PROMOTED: "promoted",
    USED: "used",
    SUPERSEDED: "superseded",
    DEACTIVATED: "deactivated",
    DELETED: "deleted",
    CURRENT_LINE: "current",
    SUPERSEDED_LINE: "superseded",
    INACTIVE_LINE: "inactive",
}
_GAP: Final = 2
# Below this a line beside its label is too short to tell days apart, and stands under it.
_LEAST_CELLS: Final = 30


@dataclass(frozen=True, slots=True)
class Run:
    """Equal kinds of cells in a row: `kind` is a key of LEGEND, NO_LINE, or empty for a label or the days."""

    text: str
    kind: str = ""


Row = list[Run]


def picture(seen: LifelinesSeen, width: int) -> list[Row]:
    """The days, then the keys, in rows of `width` columns at most (24 or more)."""
    label = max((len(line.access_key_id) for line in seen.lifelines), default=0) + _GAP
    beside = width - label >= _LEAST_CELLS
    scale = _Scale(_begin(seen), seen.until, width - label if beside else width)
    rows = [[Run(" " * label if beside else ""), Run(_days(seen.day_0, scale))]]
    for line in seen.lifelines:
        runs = list(_runs(_cells(line, scale)))
        name = Run(line.access_key_id.ljust(label) if beside else line.access_key_id)
        rows += [[name, *runs]] if beside else [[name], runs]
    return rows


@dataclass(frozen=True, slots=True)
class _Scale:
    begin: datetime
    until: datetime
    cells: int

    def cell(self, moment: datetime) -> int:
        """Where the moment is; never outside."""
        whole = self.until - self.begin
        place = int((moment - self.begin) / whole * self.cells) if whole else 0
        return min(max(place, 0), self.cells - 1)

    def moment(self, cell: int) -> datetime:
        """When the cell ends."""
        return self.begin + (self.until - self.begin) * (cell + 1) / self.cells


def _begin(seen: LifelinesSeen) -> datetime:
    return min((line.made_at for line in seen.lifelines), default=seen.day_0)


def _days(day_0: datetime, scale: _Scale) -> str:
    """`0` at day 0, and each further day in both directions at its beginning."""
    text = [" "] * scale.cells
    day = timedelta(days=1)
    first, last = -((day_0 - scale.begin) // day), (scale.until - day_0) // day
    for number in range(first, last + 1):
        word = f"day {number}" if number == first else str(number)
        at = scale.cell(day_0 + number * day)
        if (
            day_0 + number * day < scale.until
            and at + len(word) <= scale.cells
            and not "".join(text[max(0, at - 1) : at + len(word)]).strip()
        ):
            text[at : at + len(word)] = word
    return "".join(text).rstrip()


def _cells(line: Lifeline, scale: _Scale) -> list[str]:
    cells = [_line_at(line, scale.moment(cell)) for cell in range(scale.cells)]
    taken: dict[int, str] = {}
    for moment, mark in _marks(line):
        at = _place(taken, scale.cell(moment), mark, scale.cells)
        if at is not None:
            taken[at] = mark
    for at, mark in taken.items():
        cells[at] = mark
    return cells


def _place(taken: Mapping[int, str], cell: int, mark: str, cells: int) -> int | None:
    """The first free cell from there to the right, else to the left. A use beside a use says nothing more."""
    for at in chain(range(cell, cells), range(cell - 1, -1, -1)):
        if mark == USED and taken.get(at) == USED:
            return None
        if at not in taken:
            return at
    return None


def _marks(line: Lifeline) -> list[tuple[datetime, str]]:
    once = {
        MADE: line.made_at,
        PROMOTED: line.promoted_at,
        SUPERSEDED: line.superseded_at,
        DEACTIVATED: line.deactivated_at,
        DELETED: line.deleted_at,
    }
    known = [(moment, mark) for mark, moment in once.items() if moment is not None]
    return sorted([*known, *((moment, USED) for moment in line.used_at)], key=lambda found: found[0])


def _line_at(line: Lifeline, moment: datetime) -> str:
    if moment <= line.made_at or (line.deleted_at is not None and moment > line.deleted_at):
        return NO_LINE
    if line.deactivated_at is not None and moment > line.deactivated_at:
        return INACTIVE_LINE
    if line.superseded_at is not None and moment > line.superseded_at:
        return SUPERSEDED_LINE
    return CURRENT_LINE


def _runs(cells: list[str]) -> Iterator[Run]:
    for kind, same in groupby(cells):
        yield Run("".join(same), kind)
