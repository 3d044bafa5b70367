"""The difference between the tags that are there and the tags that the deployment file wants. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cdk.secret_tags import is_managed


@dataclass(frozen=True, slots=True)
class TagChanges:
    """What to do to one secret's tags.

    Attributes:
        added: new ones.
        changed: old and new value, of those that are there with another one.
        removed: old value, of those that are ours to set and that the file no longer has.
    """

    added: Mapping[str, str]
    changed: Mapping[str, tuple[str, str]]
    removed: Mapping[str, str]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    @property
    def to_set(self) -> dict[str, str]:
        """Every tag that is to be written."""
        return {**self.added, **{tag: new for tag, (_, new) in self.changed.items()}}

    def lines(self) -> Iterator[str]:
        """For a person."""
        yield from (f"+ {tag} = {value}" for tag, value in sorted(self.added.items()))
        yield from (f"~ {tag} = {old} -> {new}" for tag, (old, new) in sorted(self.changed.items()))
        yield from (f"- {tag} (was {value})" for tag, value in sorted(self.removed.items()))


def tag_changes(present: Mapping[str, str], wanted: Mapping[str, str]) -> TagChanges:
    """From `present` to `wanted`. Tags that the deployment file does not decide about stay, `paused` among them."""
    return TagChanges(
        added={tag: value for tag, value in wanted.items() if tag not in present},
        changed={
            tag: (present[tag], value) for tag, value in wanted.items() if tag in present and present[tag] != value
        },
        removed={tag: value for tag, value in present.items() if is_managed(tag) and tag not in wanted},
    )
