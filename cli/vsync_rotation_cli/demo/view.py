"""What shows a story."""

from typing import Protocol, Self

from vsync_rotation_cli.demo.facts import Fact, Story


class View(Protocol):
    """Entered before the story begins, told every fact, told the end, left."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...

    def tell(self, fact: Fact) -> None:
        """One fact, as soon as it is known."""

    def end(self, story: Story) -> None:
        """Everything that came out."""
