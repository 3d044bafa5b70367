"""The story as it happens, for a person at a terminal: what is done stays above, what is going on moves below it.

Only the moving part is redrawn, so that a low terminal scrolls instead of losing lines.
"""

from time import monotonic
from typing import Final, Self, TextIO

from rich.console import Console, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.rule import Rule
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from vsync_rotation_cli.demo import wording
from vsync_rotation_cli.demo.facts import (
    ChapterBegan,
    Check,
    Fact,
    Happened,
    Noted,
    Rotation,
    StepBegan,
    StepFigures,
    Story,
)
from vsync_rotation_cli.demo.summary import summary

_REDRAWS_PER_SECOND: Final = 12
_INDENT: Final = 4
_WIDEST: Final = 100  # longer lines are hard to follow


class Timeline:
    """Draws on a terminal; colours as NO_COLOR and the terminal allow."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream, highlight=False)
        self._console.width = min(self._console.width, _WIDEST)
        self._now = _Now()
        self._live = Live(
            self._now,
            console=self._console,
            refresh_per_second=_REDRAWS_PER_SECOND,
            transient=True,
            # Functions write their logs to the standard streams, which the embedded AWS takes for its record.
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        self._console.print(Text(f"\n {wording.TITLE}", style="bold cyan"))
        self._console.print(Padding(Text(" ".join(wording.PURPOSE), style="dim"), (0, 1)))
        self._live.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._live.stop()

    def tell(self, fact: Fact) -> None:
        """One fact."""
        match fact:
            case ChapterBegan(title):
                self._now.turn_to("")
                self._console.print(Text.assemble("\n ", ("●", "cyan"), " ", (title, "bold")))
            case Noted(text):
                self._print(Text(text, style="dim"))
            case Happened():
                self._print(_happening(fact))
            case StepBegan(_kind, step):
                self._now.turn_to(step)
            case StepFigures():
                self._now.turn_to("")
                self._print(_figures(fact))
            case Rotation():
                self._window(fact)
            case Check():
                self._print(_check(fact))

    def end(self, story: Story) -> None:
        """The figures side by side, what was emitted and recorded, and what to do next."""
        self._live.stop()
        self._console.print()
        self._console.print(Rule(style="dim"))
        self._console.print(summary(story, self._console.width))

    def _window(self, rotation: Rotation) -> None:
        if rotation.race_window_ms is not None:
            self._print(Text(wording.race_window(rotation.race_window_ms), style="bold yellow"))

    def _print(self, what: RenderableType) -> None:
        self._console.print(Padding(what, (0, 1, 0, _INDENT)))


class _Now:
    """What is going on and for how long; drawn anew by the live display's own thread."""

    def __init__(self) -> None:
        self._spinner = Spinner("dots", style="cyan")
        self._what = "starting the embedded AWS"
        self._since = monotonic()

    def turn_to(self, what: str) -> None:
        self._what, self._since = what, monotonic()

    def __rich__(self) -> RenderableType:
        seconds = f"{monotonic() - self._since:.1f} s"
        self._spinner.update(text=Text.assemble((self._what or "working", "cyan"), "  ", (seconds, "dim")))
        return Padding(self._spinner, (0, 1, 0, _INDENT))


def _figures(step: StepFigures) -> Text:
    return Text.assemble(
        (f"{step.step:<12}", "red" if step.error else "cyan"),
        f"  {step.ms:>6,.0f} ms  {wording.calls(step.total_calls):>8}  ",
        (wording.by_service(step.calls), "dim"),
        (f"  {step.error}" if step.error else "", "bold red"),
    )


def _happening(fact: Happened) -> RenderableType:
    row = Table.grid(padding=(0, 2))
    row.add_column(no_wrap=True)
    row.add_row(Text(wording.after(fact.after), "cyan"), Text(fact.what))
    return row


def _check(check: Check) -> RenderableType:
    mark = Text("✓", style="bold green") if check.ok else Text("✗", style="bold red")
    row = Table.grid(padding=(0, 1))
    row.add_row(mark, Text.assemble(check.name, "  ", (check.detail, "dim" if check.ok else "red")))
    return row
