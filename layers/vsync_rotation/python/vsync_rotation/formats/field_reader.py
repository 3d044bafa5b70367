"""Typed reading of a JSON object's fields; a refusal names the field and what it should be, never its value."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vsync_rotation.errors import RotationError, UnsupportedVersionError
from vsync_rotation.formats.json_object import JsonObject

_KINDS: Final[dict[type[object], str]] = {
    str: "a string",
    bool: "true or false",
    int: "an integer",
    float: "a number with a fraction or an exponent",
    list: "an array",
    dict: "an object",
    type(None): "null",
}


@dataclass(frozen=True, slots=True)
class FieldReader:
    """Reads one object.

    Attributes:
        document: the object.
        what: how messages call it, as "the blob".
        error: the class that damage of this object belongs to.
        remedy: what the reader of the message should do.
    """

    document: JsonObject
    what: str
    error: type[RotationError]
    remedy: str

    def refused(self, problem: str) -> RotationError:
        """The error for a problem that is none of one field's type."""
        return self.error(problem, remedy=self.remedy)

    def require(self, names: Sequence[str]) -> None:
        """Refuse where any of the fields is missing, naming all that are.

        Raises:
            RotationError: of this reader's class.
        """
        missing = [name for name in names if name not in self.document]
        if missing:
            raise self.refused(f"{self.what} lacks {', '.join(missing)}")

    def version(self, supported: int) -> None:
        """Check `v` before anything else: of another version nothing else is known (SPEC 5.5).

        Raises:
            UnsupportedVersionError: another integer.
            RotationError: of this reader's class, where `v` is missing or no integer.
        """
        self.require(["v"])
        if self.integer("v") != supported:
            raise UnsupportedVersionError(
                f"the field v of {self.what} is not {supported}",
                remedy="deploy a release of the rotation functions that speaks this version",
            )

    def integer(self, name: str) -> int:
        """An integer as JSON spells it: no fraction, no exponent, not true.

        Raises:
            RotationError: of this reader's class.
        """
        value = self.document.members[name].value
        if type(value) is not int:
            raise self._wrong_kind(name, "an integer", value)
        return value

    def string(self, name: str) -> str:
        """A string, perhaps empty.

        Raises:
            RotationError: of this reader's class.
        """
        value = self.document.members[name].value
        if not isinstance(value, str):
            raise self._wrong_kind(name, "a string", value)
        return value

    def matching(self, name: str, form: re.Pattern[str], description: str) -> str:
        """A string of a form.

        Raises:
            RotationError: of this reader's class.
        """
        text = self.string(name)
        if not text:
            raise self.refused(f"the field {name} of {self.what} is empty")
        if not form.fullmatch(text):
            raise self.refused(f"the field {name} of {self.what} must be {description} (it has {len(text)} characters)")
        return text

    def _wrong_kind(self, name: str, wanted: str, value: object) -> RotationError:
        kind = _KINDS.get(type(value), "something else")
        return self.refused(f"the field {name} of {self.what} must be {wanted}, found {kind}")
