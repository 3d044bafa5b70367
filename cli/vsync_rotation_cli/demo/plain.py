"""The story line by line, in ASCII without control characters: for pipes, logs and terminals that can do no more."""

from typing import Final, Self, TextIO

from vsync_rotation_cli.demo import wording
from vsync_rotation_cli.demo.facts import (
    ChapterBegan,
    Check,
    Fact,
    Happened,
    LifelinesSeen,
    Noted,
    Rotation,
    StepBegan,
    StepFigures,
    Story,
)
from vsync_rotation_cli.demo.lifelines import picture

_WIDTH: Final = 80


class Plain:
    """Writes each line as its fact becomes known."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._chapter = 0

    def __enter__(self) -> Self:
        self._line(wording.TITLE)
        for line in wording.PURPOSE:
            self._line(line)
        return self

    def __exit__(self, *_exception: object) -> None: ...

    def tell(self, fact: Fact) -> None:
        """One fact, at most one line."""
        match fact:
            case ChapterBegan(title):
                self._chapter += 1
                self._line(f"\n{self._chapter} {title}")
            case Noted(text):
                self._line(f"  {text}")
            case StepFigures():
                self._line(f"  {_figures(fact)}")
            case Happened():
                self._line(f"  {wording.after(fact.after)}  {fact.what}")
            case Rotation():
                self._rotation(fact)
            case Check(name, ok, detail):
                self._line(f"  {'ok  ' if ok else 'FAIL'} {name}: {detail}")
            case StepBegan():
                pass  # a line that says only that something may follow

    def end(self, story: Story) -> None:
        """Everything once more in short."""
        self._line("\nSteps")
        for rotation in story.rotations:
            for step in rotation.steps:
                self._line(f"  {wording.KINDS[rotation.kind]:<10}  {_figures(step)}")
        self._line("Events")
        for event in wording.events(story):
            self._line(f"  {event}")
        self._line("Audit row")
        self._line(f"  {wording.audit_row(story.audit_row) if story.audit_row else 'none'}")
        if story.keys is not None:
            self._keys(story.keys)
        self._line(f"\n{wording.verdict(story)}\n{wording.LOOK if story.failed else wording.NEXT}")

    def _keys(self, seen: LifelinesSeen) -> None:
        self._line(wording.KEYS)
        for row in picture(seen, _WIDTH - 2):
            self._line(f"  {''.join(run.text for run in row)}".rstrip())
        for line in wording.legend(_WIDTH - 2):
            self._line(f"  {line}")

    def _rotation(self, rotation: Rotation) -> None:
        if rotation.race_window_ms is not None:
            self._line(f"  {wording.race_window(rotation.race_window_ms)}")

    def _line(self, text: str) -> None:
        shown = "".join(character if character.isprintable() or character == "\n" else "?" for character in text)
        self._stream.write(shown.encode("ascii", "backslashreplace").decode("ascii") + "\n")
        self._stream.flush()


def _figures(step: StepFigures) -> str:
    failed = f"  {step.error}" if step.error else ""
    number = wording.calls(step.total_calls)
    return f"{step.step:<12}  {step.ms:>6,.0f} ms  {number:>8}  {wording.by_service(step.calls)}{failed}"
