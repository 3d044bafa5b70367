"""The keys of a table: each is asked for, whether it is there or not; what is left over nobody knows.

A refused value is noted with its place and stands in for by something harmless, so that one reading finds every
problem. `mark` and `kept` tell whether what was read in between may be believed.
"""

import difflib
import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Final, Self, TypeVar

from cdk.config.places import Place

Value = TypeVar("Value")

_WORDS: Final[Mapping[type[object], str]] = {
    str: "a string",
    bool: "true or false",
    int: "an integer",
    float: "a number with a fraction",
    list: "an array",
    dict: "a table",
    datetime: "a date with a time",
    date: "a date",
    time: "a time",
}
# What people call values that belong in no file.
_VALUE: Final = re.compile(
    r"(vsync_)?(config|passphrase|password|token|blob|value|webhook)"
    r"|.*(secret_?access_?key|secret_?key|password|api_?key|webhook_?url)"
)
# What is less alike was meant as something else: a salt is no health URL.
_ALIKE: Final = 0.65


class Keys:
    """A table's keys, where it stands, and the problems of the whole file."""

    def __init__(self, members: Mapping[str, object], where: Place, problems: list[str]) -> None:
        self._members = dict(members)
        self.where = where
        self._problems = problems
        self._asked: dict[str, None] = {}
        self._inner: list[Self] = []

    def __contains__(self, key: str) -> bool:
        return key in self._members

    def mark(self) -> int:
        """How many problems there are by now, for `kept`."""
        return len(self._problems)

    def kept(self, value: Value, mark: int) -> Value | None:
        """The value, or None where anything was refused since then."""
        return value if len(self._problems) == mark else None

    def note(self, line: str) -> None:
        """Note a problem that names its place itself."""
        self._problems.append(line)

    def refuse(self, key: str, what: str) -> None:
        """Note what is wrong with the value of a key, and what to do."""
        self.note(f"{self.where.at(key)}: {what}")

    def refuse_whole(self, what: str) -> None:
        """Note what is wrong with the table as a whole, and what to do."""
        self.note(f"{self.where}: {what}")

    def require(self, key: str, meaning: str) -> None:
        """Refuse where the key is not there; `meaning` says what to write."""
        if key not in self._members:
            self._asked[key] = None
            self.refuse(key, f"is missing; write {meaning}")

    def enter(self, label: str) -> None:
        """From now on places are told from here, this table being an entry with that label (or one more)."""
        self.where = self.where.as_entry(label)

    def table(self, key: str) -> Self | None:
        """A table within, or None where it is refused or not there."""
        value = self.take(key, dict)
        return None if value is None else self._within(value, self.where.at(key))

    def inner(self, key: str) -> Self:
        """A table within that need not be there; an empty one where it is not, or is refused."""
        return self.table(key) or self._within({}, self.where.at(key))

    def tables(self, key: str) -> tuple[Self, ...]:
        """An array of tables; those that are tables."""
        place = self.where.at(key)
        if isinstance(self._members.get(key), dict):
            self._asked[key] = None
            self.refuse(key, "is one table; write its name in two brackets, once for each")
            return ()
        found = []
        for number, item in enumerate(self.take(key, list) or [], start=1):
            if isinstance(item, dict):
                found.append(self._within(item, place.item(number)))
            else:
                self.note(f"{place.item(number)}: is {word_for(item)}; write a table")
        return tuple(found)

    def some_tables(self, key: str, meaning: str) -> tuple[Self, ...]:
        """The same, which must be there with one table at least."""
        self.require(key, meaning)
        if self._members.get(key) == []:
            self.refuse(key, f"is empty; write {meaning}")
        return self.tables(key)

    def take(self, key: str, kind: type[Value], meaning: str = "") -> Value | None:
        """A value of that type, or None where it is refused or not there; `meaning` says more than the type's name."""
        self._asked[key] = None
        value = self._members.get(key)
        # Not isinstance: true is an int to Python, and no number to anybody else.
        if type(value) is kind:
            return value
        if key in self._members:
            self.refuse(key, f"is {word_for(value)}; write {meaning or _WORDS[kind]}")
        return None

    def close(self) -> None:
        """Refuse what nobody asked for, here and in every table within."""
        for key in self._members:
            if key not in self._asked and _VALUE.fullmatch(key.lower().replace("-", "_")):
                self.refuse(
                    key,
                    "no value of a secret belongs in this file; remove it, change the value if anybody has seen the "
                    "file, and give it to vsync-rotation seed, which asks for a vault's, or into a secret of its own",
                )
            elif key not in self._asked:
                near = difflib.get_close_matches(key, self._asked, n=1, cutoff=_ALIKE)
                known = f"did you mean {near[0]}?" if near else f"known here are {', '.join(self._asked)}"
                self.refuse(key, f"unknown key; {known}")
        for inner in self._inner:
            inner.close()

    def _within(self, members: Mapping[str, object], where: Place) -> Self:
        inner = type(self)(members, where, self._problems)
        self._inner.append(inner)
        return inner


def word_for(value: object) -> str:
    """What a value is, as TOML calls it."""
    return _WORDS.get(type(value), "something else")
