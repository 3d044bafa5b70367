"""The generation cell: how many times a vault's passphrase was rotated (SPEC 7)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final, Self

from vsync_rotation.errors import GenerationError
from vsync_rotation.formats.json_object import JsonObject, MalformedJsonError, OverlargeNumber
from vsync_rotation.formats.rqem0001 import is_sealed

MAX_CELL_BYTES: Final = 65_536
# One less than the largest integer that JavaScript readers count exactly (2^53 - 1), so that every accepted gen can
# still be raised by one and read by all.
MAX_GEN: Final = 2**53 - 2

_OWN_FIELDS: Final = ("gen", "prev_gen", "rotated_at")
_DIGITS: Final = re.compile(r"[0-9]{1,16}")
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_REMEDY: Final = (
    "look at the generation object beside the pointer, and mend or delete it (without one, gen starts at 0)"
)


@dataclass(frozen=True, slots=True)
class GenerationCell:
    """A generation cell.

    Attributes:
        gen: rotations so far; 0 before the first.
        prev_gen: gen before the last rotation, where the cell says so.
        rotated_at: instant of the last rotation (SPEC 1.4); None where it is missing or of another form.
        others: fields of other writers, kept.
    """

    gen: int
    prev_gen: int | None = None
    rotated_at: str | None = None
    others: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read a cell's body. No bytes and `{}` mean that there was no rotation yet.

        Raises:
            GenerationError: anything but a JSON object with an integer `gen` that can still be raised.
        """
        if not body:
            return cls(gen=0)
        document = _document(body)
        values = document.values()
        if not values:
            return cls(gen=0)
        cell = cls(
            gen=_count(values, "gen"),
            prev_gen=_count(values, "prev_gen") if "prev_gen" in values else None,
            rotated_at=_instant_text(values.get("rotated_at")),
            others=MappingProxyType({name: value for name, value in values.items() if name not in _OWN_FIELDS}),
        )
        cell._require_encodable()
        return cell

    def raised(self, gen: int, prev_gen: int, rotated_at: str) -> "GenerationCell":
        """The cell after a rotation; what other writers keep in it stays."""
        return GenerationCell(gen, prev_gen, rotated_at, self.others)

    def encode(self) -> bytes:
        """Compact JSON: gen, prev_gen, rotated_at (each where it is known), then the others (SPEC 7.3)."""
        own = {"gen": self.gen, "prev_gen": self.prev_gen, "rotated_at": self.rotated_at}
        fields = {name: value for name, value in own.items() if value is not None} | dict(self.others)
        return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")

    def _require_encodable(self) -> None:
        """Refuse now what could only fail when it is written back, behind the point of no return."""
        if _has_overlarge_number(list(self.others.values())):
            raise _refused("the generation cell holds a number too large to be written back")
        others = GenerationCell(gen=self.gen, others=self.others).encode()
        if len(others) + 128 > MAX_CELL_BYTES:  # the other two own fields have under 128 bytes
            raise _refused(f"the generation cell would have more than {MAX_CELL_BYTES} bytes when written back")
        if not _is_utf8(others):
            raise _refused("the generation cell holds a lone surrogate")


def parse_metadata_gen(text: str) -> int:
    """Read gen from the object metadata `x-amz-meta-gen`: ASCII digits only.

    Raises:
        GenerationError: anything else, or too large.
    """
    if not _DIGITS.fullmatch(text) or int(text) > MAX_GEN:
        raise _refused(f"the pointer's metadata gen is not an integer of at most {MAX_GEN}")
    return int(text)


def _refused(what: str) -> GenerationError:
    return GenerationError(what, remedy=_REMEDY)


def _document(body: bytes) -> JsonObject:
    if len(body) > MAX_CELL_BYTES:
        raise _refused(f"the generation cell has {len(body)} bytes, more than {MAX_CELL_BYTES}")
    if is_sealed(body):
        raise _refused("the generation cell's object holds an RQEM0001 seal: a pointer under the cell's name")
    if not _is_utf8(body):
        raise _refused("the generation cell is not UTF-8")
    try:
        return JsonObject.parse(body.decode("utf-8"))
    except MalformedJsonError as problem:
        raise _refused(f"the generation cell is not a JSON object: {problem}") from None


def _count(values: Mapping[str, object], name: str) -> int:
    value = values.get(name)
    # JavaScript writers know one kind of number, so that 4.0 is 4 to them and to us.
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not int or not 0 <= value <= MAX_GEN:
        raise _refused(f"the generation cell's field {name} is not an integer from 0 to {MAX_GEN}")
    return value


def _instant_text(value: object) -> str | None:
    """The text where it has our form: instants are compared as text, and junk would sort behind every real one."""
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        return None
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return None
    return value


def _has_overlarge_number(value: object) -> bool:
    """At any depth; the parser has bounded the depth."""
    if isinstance(value, dict):
        return any(map(_has_overlarge_number, value.values()))
    if isinstance(value, list):
        return any(map(_has_overlarge_number, value))
    return isinstance(value, OverlargeNumber)


def _is_utf8(data: bytes) -> bool:
    """Whether the bytes decode; the codec's exception carries all of them and must not be anybody's context."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
