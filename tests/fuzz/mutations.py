"""Strategies that begin with something sound and damage it, beside those that are noise from the start.

Noise alone never gets past the first check of a parser; a sound document with one flipped bit reaches the last.
"""

import json
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from hypothesis import strategies as st

from tests.fuzz.refusals import CANARY

S = TypeVar("S", str, bytes)
Draw = st.DrawFn

_MOST_DAMAGES: Final = 3
# Where one character is mistaken for another, or ends, bends or hides what follows.
ODD_CHARACTERS: Final = "\x00\t\n\r\x1b \"'\\/=+-@,;:#?%{}[]()_.~\x7f\x85\xa0\xad\u0130\u0661\u200b\u2028\u202e\u212a\u3002\ufeff\uff0f\uff41\ud800\U0001f600"
odd_text: Final = st.text(st.sampled_from(ODD_CHARACTERS) | st.characters(), max_size=12)
any_text: Final = st.text(st.characters(), max_size=60)
any_bytes: Final = st.binary(max_size=80)


# Strategies are made once: making one for each draw costs more than drawing.
_count: Final = st.integers(1, _MOST_DAMAGES)
_place: Final = st.integers(0, 2**16)  # taken modulo the length
_length: Final = st.integers(0, 8) | st.integers(0, 2**16)
_times: Final = st.sampled_from((1, 2, 17, 300))


@st.composite
def damaged_bytes(draw: Draw, sound: bytes) -> bytes:
    """Sound bytes after one to three damages: a flipped bit, a cut, a splice, a repetition, noise."""
    data = sound
    for _ in range(draw(_count)):
        data = draw(_damages_of_bytes)(draw, data)
    return data


@st.composite
def damaged_text(draw: Draw, sound: str) -> str:
    """Sound text after one to three damages: a cut, a splice, a repetition, odd characters."""
    text = sound
    for _ in range(draw(_count)):
        text = draw(_damages_of_text)(draw, text)
    return text


def flipped(data: bytes, bit: int) -> bytes:
    """The bytes with one bit changed, counted from the first byte's lowest."""
    at = bit // 8
    return data[:at] + bytes([data[at] ^ (1 << bit % 8)]) + data[at + 1 :]


def _flipped(draw: Draw, data: bytes) -> bytes:
    return flipped(data, draw(_place) % (len(data) * 8)) if data else data


def _cut(draw: Draw, data: S) -> S:
    start, end = _slice(draw, data)
    return data[:start] + data[end:]


def _spliced(draw: Draw, data: S) -> S:
    start, end = _slice(draw, data)
    at = draw(_place) % (len(data) + 1)
    return data[:at] + data[start:end] + data[at:]


def _repeated(draw: Draw, data: S) -> S:
    start, end = _slice(draw, data)
    return data[:end] + data[start:end] * draw(_times) + data[end:]


def _noise_in_bytes(draw: Draw, data: bytes) -> bytes:
    start, end = _slice(draw, data)
    return data[:start] + draw(any_bytes) + data[end:]


def _noise_in_text(draw: Draw, data: str) -> str:
    start, end = _slice(draw, data)
    return data[:start] + draw(odd_text) + data[end:]


def _slice(draw: Draw, data: str | bytes) -> tuple[int, int]:
    """A short slice mostly: a long one takes everything away that could still be read."""
    start = draw(_place) % (len(data) + 1)
    return start, min(len(data), start + draw(_length))


_damages_of_bytes: Final[st.SearchStrategy[Callable[[Draw, bytes], bytes]]] = st.sampled_from(
    (_flipped, _cut, _spliced, _repeated, _noise_in_bytes)
)
_damages_of_text: Final[st.SearchStrategy[Callable[[Draw, str], str]]] = st.sampled_from(
    (_cut, _spliced, _repeated, _noise_in_text)
)

# JSON values as they are spelled: no encoder would write most of them.
HOSTILE_VALUES: Final = (
    "null", "true", "false", "0", "-0", "1", "-1", "1.0", "1e3", "0.5", "1e400", "-1e400", "1e-400", "NaN", "Infinity",
    "-Infinity", "1000000000000", "9007199254740991", "9" * 4_300, "9" * 4_301, "01", "+1", ".5", "1_000", "0x10", '""',
    '"1"', '"600000"', '"\\ud800"', '"\\u0000"', '"\\u2028"', '"\\x41"', '"\n"', '"', "'x'", "[]", "{}", "[1]",
    '{"a":1,"a":2}', '{"gen":1}', "[" * 31 + "]" * 31, "[" * 33 + "]" * 33, "[" * 5_000, '{"a":' * 5_000, "",
    '"../"', '"/"', '"x"', f'"{CANARY}"', f'["{CANARY}"]', f'{{"{CANARY}":"{CANARY}"}}', '"' + "x" * 5_000 + '"',
)  # fmt: skip
_SPACES: Final = ("", " ", "\n", "\t\r\n ", "\x0b", "\u00a0", "\ufeff", "//", ",")


_spelled: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | odd_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd_text, inner, max_size=3),
    max_leaves=4,
).map(json.dumps)
_value: Final = st.sampled_from(HOSTILE_VALUES) | _spelled
_space: Final = st.sampled_from(_SPACES[:4]) | st.sampled_from(_SPACES)
_member_damage: Final = st.sampled_from(("retype", "drop", "again", "add", "move", "rename"))
_member_damages: Final = st.integers(0, _MOST_DAMAGES)
_one_in_four: Final = st.sampled_from((False, False, False, True))


@st.composite
def hostile_objects(draw: Draw, sound: Mapping[str, object]) -> str:
    """A JSON object's text after up to three damages to its members, spaced oddly, perhaps damaged as text too."""
    members = [(json.dumps(name), json.dumps(value)) for name, value in sound.items()]
    for _ in range(draw(_member_damages)):
        _damage_member(draw, members)
    space = draw(_space)
    text = "{" + space + f",{space}".join(f"{name}{space}:{value}" for name, value in members) + "}" + space
    return draw(_damages_of_text)(draw, text) if draw(_one_in_four) else text


def _damage_member(draw: Draw, members: list[tuple[str, str]]) -> None:
    at = draw(_place) % max(1, len(members))
    match draw(_member_damage):
        case "add":
            members.insert(at, (json.dumps(draw(odd_text)), draw(_value)))
        case _ if not members:
            return
        case "retype":
            members[at] = (members[at][0], draw(_value))
        case "drop":
            del members[at]
        case "again":
            members.append((members[at][0], draw(_value)))
        case "move":
            members.append(members.pop(at))
        case "rename":
            members[at] = (json.dumps(draw(odd_text)), members[at][1])
