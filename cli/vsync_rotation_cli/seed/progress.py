"""How far a run has come, for whoever ends it or is refused."""

from dataclasses import dataclass, field

from vsync_rotation_cli.seed.missing import Missing


@dataclass(slots=True)
class Progress:
    """What was stored, and what was about to be when it ended."""

    _stored: list[str] = field(default_factory=list)
    _under_way: str | None = None

    def begins(self, item: Missing) -> None:
        """This value is being stored."""
        self._under_way = _named(item)

    def is_stored(self) -> None:
        """The value that was begun with is there."""
        if self._under_way is not None:
            self._stored.append(self._under_way)
            self._under_way = None

    def told(self) -> str:
        """What is certain, what is not, and how to go on."""
        if not self._stored and self._under_way is None:
            return "nothing was written"
        parts = [f"stored already: {', '.join(self._stored)}"] if self._stored else []
        if self._under_way is not None:
            parts.append(f"stored or not: {self._under_way}")
        return "; ".join((*parts, "the same command goes on with what is missing"))


def _named(item: Missing) -> str:
    return f"{item.slot} of {item.vault.id} in {item.secret.name}"
