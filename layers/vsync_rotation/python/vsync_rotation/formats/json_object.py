"""A JSON object read with the places of its values, so that one value can change and every other byte stay.

Decoding and encoding again would respell numbers, drop spacing and reorder duplicates; splicing cannot (SPEC 5.9).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isinf
from typing import Final, NoReturn, Self

from vsync_rotation.redacted import SecretText

# Far more than any configuration has; far less than what exhausts an interpreter's stack (about 1,000).
MAX_DEPTH: Final = 32

_WHITE_SPACE: Final = re.compile(r"[ \t\n\r]*")  # JSON's own (RFC 8259, 2); str.isspace would take more
# Strings are matched whole, so that brackets inside them do not count; possessive, so that no input costs n squared.
_NESTING: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


class MalformedJsonError(Exception):
    """Not one JSON object. The text says where, never what was found there."""


class OverlargeNumber(str):
    """The spelling of a number that no float holds: equal to no other kind of value when it is written back."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Member:
    """One member of the object and its place in the text.

    Attributes:
        name: decoded.
        value: decoded; a number too large for a float is the text it was spelled with.
        before: white space between the preceding brace or comma and the name.
        colon: the text between name and value.
        start: offset of the value, in characters.
        end: offset behind it.
    """

    name: str
    value: object = field(repr=False)
    before: str
    colon: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class JsonObject:
    """The text and its members by name, in their order."""

    text: SecretText
    members: Mapping[str, Member] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one JSON object (RFC 8259), stricter in this: names are unique, nesting is at most 32 deep.

        Raises:
            MalformedJsonError: anything else, NaN and Infinity included.
        """
        _check_depth(text)
        members: dict[str, Member] = {}
        for member in _members(text):
            if member.name in members:
                raise MalformedJsonError(f"a field name stands twice, again before character {member.start}")
            members[member.name] = member
        return cls(SecretText(text), members)

    def __contains__(self, name: str) -> bool:
        return name in self.members

    def values(self) -> dict[str, object]:
        """Name to value, in the order of the text."""
        return {name: member.value for name, member in self.members.items()}

    def replace(self, texts: Mapping[str, SecretText]) -> "JsonObject":
        """The object with other string values in the places of these members; every other byte stays."""
        text = self.text.reveal()
        for name in sorted(texts, key=lambda name: self.members[name].start, reverse=True):
            member = self.members[name]
            text = text[: member.start] + json.dumps(texts[name].reveal()) + text[member.end :]
        return JsonObject.parse(text)

    def insert_after(self, anchor: str, texts: Mapping[str, SecretText]) -> "JsonObject":
        """The object with further string members behind one, spaced as that one is; every other byte stays."""
        text, place = self.text.reveal(), self.members[anchor]
        added = "".join(
            f",{place.before}{json.dumps(name)}{place.colon}{json.dumps(value.reveal())}"
            for name, value in texts.items()
        )
        return JsonObject.parse(text[: place.end] + added + text[place.end :])


def same_values(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Whether two decoded objects agree in every value; order does not count, the kind of a value does."""
    # Python itself holds 1, 1.0 and True for equal; their JSON spellings differ.
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _finite(spelled: str) -> float | str:
    number = float(spelled)
    return OverlargeNumber(spelled) if isinf(number) else number


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


_DECODER: Final = json.JSONDecoder(parse_float=_finite, parse_constant=_no_constant)


def _check_depth(text: str) -> None:
    depth = 0
    for token in _NESTING.finditer(text):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token[0], 0)
        if depth > MAX_DEPTH:
            raise MalformedJsonError(f"nested more than {MAX_DEPTH} deep at character {token.start()}")


def _members(text: str) -> Iterator[Member]:
    at = _after(text, 0, "{")
    if _next(text, at) == "}":
        _check_end(text, _after(text, at, "}"))
        return
    while True:
        member = _member(text, at)
        yield member
        if _next(text, member.end) == "}":
            _check_end(text, _after(text, member.end, "}"))
            return
        at = _after(text, member.end, ",")


def _member(text: str, at: int) -> Member:
    name_start = _skip(text, at)
    name, name_end = _value(text, name_start)
    if not isinstance(name, str):
        raise MalformedJsonError(f"a field name is missing at character {name_start}")
    start = _skip(text, _after(text, name_end, ":"))
    value, end = _value(text, start)
    return Member(name, value, text[at:name_start], text[name_end:start], start, end)


def _value(text: str, at: int) -> tuple[object, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        # Raised below, outside this block: the decoder's exception carries the whole text and must not be its context.
        pass
    raise MalformedJsonError(f"no JSON value at character {at}")


def _skip(text: str, at: int) -> int:
    match = _WHITE_SPACE.match(text, at)
    return match.end() if match else at


def _next(text: str, at: int) -> str:
    at = _skip(text, at)
    return text[at : at + 1]


def _after(text: str, at: int, character: str) -> int:
    at = _skip(text, at)
    if text[at : at + 1] != character:
        raise MalformedJsonError(f"'{character}' is missing at character {at}")
    return at + 1


def _check_end(text: str, at: int) -> None:
    at = _skip(text, at)
    if at != len(text):
        raise MalformedJsonError(f"something follows the object at character {at}")
