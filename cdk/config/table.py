"""A table of a deployment file: each key is read by the type and the form that it must have."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final, TypeVar

from cdk.config.forms import Form, quoted
from cdk.config.keys import Keys, word_for

Choice = TypeVar("Choice", bound=StrEnum)

# The functions read durations with up to nine decimals; a ten-thousandth of an hour is less than a second.
_DECIMALS: Final = 4


class Table(Keys):
    """One table, its values typed."""

    def text(self, key: str, form: Form) -> str:
        """A string that must be there; empty where it is refused."""
        self.require(key, form.meaning)
        return self.optional_text(key, form) or ""

    def optional_text(self, key: str, form: Form) -> str | None:
        """A string, or None where it is refused or not there."""
        value = self.take(key, str, form.meaning)
        if value is not None and (wrong := form.wrong(value)):
            self.refuse(key, wrong)
            return None
        return value

    def texts(self, key: str, form: Form) -> tuple[str, ...]:
        """An array of strings, each once; those that are not refused."""
        good: dict[str, None] = {}
        for number, item in enumerate(self.take(key, list) or [], start=1):
            place = self.where.at(key).item(number)
            if not isinstance(item, str):
                self.note(f"{place}: is {word_for(item)}; write {form.meaning}")
            elif item in good:
                self.note(f"{place}: stands here twice; remove one")
            elif wrong := form.wrong(item):
                self.note(f"{place}: {wrong}")
            else:
                good[item] = None
        return tuple(good)

    def some_texts(self, key: str, form: Form, most: int) -> tuple[str, ...]:
        """The same, which must be there with 1 to `most` of them."""
        self.require(key, form.meaning)
        value = self._members.get(key)
        if isinstance(value, list) and not 1 <= len(value) <= most:
            self.refuse(key, f"has {len(value)} items; write 1 to {most}")
        return self.texts(key, form)

    def named(self, key: str, names: Form, texts: Form) -> tuple[tuple[str, str], ...]:
        """A table whose names are free and whose values are strings, by name; those that are not refused."""
        return tuple(self.inner(key).entries(names, texts))

    def entries(self, names: Form, texts: Form) -> Iterator[tuple[str, str]]:
        """Every key of this table with its string, by name; those that are not refused."""
        for name in sorted(self._members):
            text = self.optional_text(name, texts)
            if wrong := names.wrong(name):
                self.refuse(name, wrong)
            elif text is not None:
                yield name, text

    def switch(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.take(key, bool)
        return default if value is None else value

    def whole(self, key: str, lowest: int, highest: int) -> int | None:
        """An integer within bounds, or None where it is refused or not there."""
        value = self.take(key, int)
        if value is not None and not lowest <= value <= highest:
            self.refuse(key, f"is out of range; write an integer from {lowest} to {highest}")
            return None
        return value

    def hours(self, key: str, highest: float) -> float | None:
        """Hours, fractions allowed, or None where they are refused or not there."""
        meaning = f"hours from 0 to {highest:g} with at most {_DECIMALS} decimals, such as 24 or 0.5"
        value = self.take(key, int if type(self._members.get(key)) is int else float, meaning)
        if value is None:
            return None
        # An integer of hundreds of digits is no float, and nan is no number: compared before anything else.
        if 0 <= value <= highest and round(value, _DECIMALS) == value:
            return abs(float(value))  # -0.0 is no less than 0, and a tag with its sign is refused
        self.refuse(key, f"is out of range; write {meaning}")
        return None

    def choice(self, key: str, default: Choice) -> Choice:
        """One of a few words."""
        words = [str(word) for word in type(default)]
        text = self.optional_text(key, Form.matching("|".join(words), " or ".join(map(quoted, words))))
        return default if text is None else type(default)(text)
