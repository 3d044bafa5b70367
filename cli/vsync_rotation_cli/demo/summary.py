"""The end of the timeline: the steps with their place in time, the events, the audit row, the keys, the verdict."""

from collections.abc import Iterator, Mapping
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from vsync_rotation_cli.demo import lifelines, wording
from vsync_rotation_cli.demo.facts import LifelinesSeen, Rotation, StepFigures, Story

_BAR_CELLS: Final = 34  # what 80 columns leave beside the figures
_MARGIN: Final = 2
# Colours repeat what letters and lines say.
_STYLES: Final[Mapping[str, str]] = {
    "": "dim",
    lifelines.MADE: "bold cyan",
    lifelines.PROMOTED: "bold green",
    lifelines.USED: "bold",
    lifelines.SUPERSEDED: "bold yellow",
    lifelines.DEACTIVATED: "bold red",
    lifelines.DELETED: "bold red",
    lifelines.CURRENT_LINE: "green",
    lifelines.SUPERSEDED_LINE: "yellow",
    lifelines.INACTIVE_LINE: "red",
    lifelines.NO_LINE: "",
}


def summary(story: Story, width: int) -> RenderableType:
    """Everything in short, for so many columns; the figures need 60."""
    parts: list[RenderableType] = [_steps(story), _emitted(story)]
    if story.keys is not None:
        parts.append(_keys(story.keys, width - _MARGIN))
    parts.append(Text(wording.verdict(story), style=_mood(story)))
    parts.append(Text(wording.LOOK if story.failed else wording.NEXT, style="dim"))
    return Padding(Group(*parts), (0, 1))


def _mood(story: Story) -> str:
    return "bold red" if story.failed else "bold green"


def _steps(story: Story) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1))
    for name in ("rotation", "step"):
        table.add_column(name, no_wrap=True)
    for name in ("ms", "calls"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("when", no_wrap=True, overflow="crop")
    for rotation in story.rotations:
        for row in _rows(rotation):
            table.add_row(*row)
    return table


def _rows(rotation: Rotation) -> Iterator[tuple[RenderableType, ...]]:
    total_ms = sum(step.ms for step in rotation.steps) or 1.0
    name = wording.KINDS[rotation.kind]
    for step in rotation.steps:
        yield Text(name, "bold"), Text(step.step), f"{step.ms:,.0f}", str(step.total_calls), _bar(step, total_ms)
        name = ""
    if rotation.race_window_ms is not None:
        ms = Text(f"{rotation.race_window_ms:,.0f}", "bold yellow")
        yield "", Text("race window", "bold yellow"), ms, "", Text("within finishSecret", "yellow")


def _bar(step: StepFigures, total_ms: float) -> Text:
    """The step's part of its rotation's time, at its place; never invisible."""
    begin = min(_BAR_CELLS - 1, round(step.begins_ms / total_ms * _BAR_CELLS))
    cells = max(1, round(step.ms / total_ms * _BAR_CELLS))
    return Text(" " * begin + "━" * min(cells, _BAR_CELLS - begin), "red" if step.error else "cyan")


def _emitted(story: Story) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column()
    for event in wording.events(story):
        table.add_row(Text("event", "bold"), Text(event))
    if story.audit_row is not None:
        table.add_row(Text("audit row", "bold"), Text(wording.audit_row(story.audit_row)))
    return Padding(table, (1, 0))


def _keys(seen: LifelinesSeen, width: int) -> RenderableType:
    rows = [_row(row) for row in lifelines.picture(seen, width)]
    legend = [Text(line, "dim") for line in wording.legend(width)]
    return Padding(Group(Text(wording.KEYS, "bold"), *rows, *legend), (0, 0, 1, 0))


def _row(row: lifelines.Row) -> Text:
    return Text.assemble(*((run.text, _STYLES[run.kind]) for run in row), no_wrap=True)
