"""What is found about a first value, and how much it weighs."""

from dataclasses import dataclass
from enum import Enum, auto


class Weight(Enum):
    """What may still be done."""

    WORTH_KNOWING = auto()
    UNTRIED = auto()  # a person who was told may agree to it; --yes was said before anybody knew
    UNANSWERED = auto()  # a moment later it may be known
    FORBIDS = auto()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a value."""

    what: str
    weight: Weight
