"""Conditions of a policy's statement, held against what is known of a request.

An operator that is not known here is an error, never a silent yes or no. A key may have several values; they stand in
one text, a line each.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

Context = Mapping[str, str]
Condition = Mapping[str, Mapping[str, Any]]

_IF_EXISTS: Final = "IfExists"
_EVERY: Final = "ForAllValues"
_SOME: Final = "ForAnyValue"
_NOTHING_KNOWN: Final[Context] = {}
_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")
# Variables that stand for letters which mean something else in a pattern.
_LETTERS: Final = frozenset("*?$")
# The colons between the parts of an ARN, not those of a variable's name.
_COLON: Final = re.compile(r":(?![^{}]*\})")
_PARTS_OF_AN_ARN: Final = 6


def all_hold(condition: Condition, context: Context) -> bool:
    """Whether every operator holds for every key.

    Raises:
        ValueError: an operator is not known, or a pattern is not one that AWS takes.
        NotImplementedError: a variable says what stands for it where it is not known.
    """
    lowered = {key.lower(): value for key, value in context.items()}
    return all(
        _holds(operator, lowered.get(key.lower()), texts(wanted), lowered)
        for operator, keys in condition.items()
        for key, wanted in keys.items()
    )


def like(pattern: str, value: str, context: Context = _NOTHING_KNOWN) -> bool:
    """Whether the value is like the pattern, in which `*` and `?` are wildcards.

    `${aws:username}` and the like stand for what the context knows, letter by letter: a wildcard in there is none.
    One that is not known is like nothing.

    Raises:
        NotImplementedError: a variable says what stands for it where it is not known.
    """
    return _matches(pattern, value, context, _with_wildcards)


def texts(value: Any) -> list[str]:
    """An element's one value or its list of them, as text."""
    values = [value] if isinstance(value, str | bool) else value
    return [str(v).lower() if isinstance(v, bool) else str(v) for v in values]


def _holds(operator: str, actual: str | None, wanted: list[str], context: Context) -> bool:
    quantifier, _, rest = operator.rpartition(":")
    name = rest.removesuffix(_IF_EXISTS)
    if name == "Null":
        return (actual is None) == (wanted[0].lower() == "true")
    if name not in _OPERATORS or quantifier not in {"", _EVERY, _SOME}:
        raise ValueError(f"condition operator {operator} is not known to the simulator")
    positive = "Not" not in name
    if actual is None:
        return rest.endswith(_IF_EXISTS) or quantifier == _EVERY or (not positive and quantifier != _SOME)
    test = _OPERATORS[name]
    matches = [any(test(pattern, value, context) for pattern in wanted) for value in actual.split("\n")]
    # Each value is judged by itself; without a quantifier a key should have one value, and "not" means none of them.
    if quantifier == _EVERY:
        return all(match is positive for match in matches)
    if quantifier == _SOME:
        return any(match is positive for match in matches)
    return any(matches) is positive


def _matches(pattern: str, value: str, context: Context, spelled: Callable[[str], str]) -> bool:
    """Whether it is the pattern: what stands between variables as `spelled` in a regular expression."""
    between = _VARIABLE.split(pattern)
    known = [_known(name, context) for name in between[1::2]]
    if None in known:
        return False
    parts = [f"{re.escape(str(found))}{spelled(text)}" for found, text in zip(known, between[2::2], strict=True)]
    return _compiled("".join((spelled(between[0]), *parts))).fullmatch(value) is not None


def _known(name: str, context: Context) -> str | None:
    """What a variable stands for; its name's case means nothing."""
    if "," in name:
        raise NotImplementedError(f"${{{name}}}: a variable with a default is not played here")
    if name in _LETTERS:
        return name
    return next((value for key, value in context.items() if key.lower() == name.lower()), None)


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.DOTALL)


@cache
def _with_wildcards(text: str) -> str:
    return re.escape(text).replace(r"\*", ".*").replace(r"\?", ".")


def _equal(wanted: str, value: str, context: Context) -> bool:
    return _matches(wanted, value, context, re.escape)


def _same_ignoring_case(wanted: str, value: str, context: Context) -> bool:
    return _equal(wanted.lower(), value.lower(), {key: known.lower() for key, known in context.items()})


def _like_arn(wanted: str, value: str, context: Context) -> bool:
    """Part by part, so that no wildcard reaches over a colon but in the last one."""
    patterns = _COLON.split(wanted, _PARTS_OF_AN_ARN - 1)
    if len(patterns) < _PARTS_OF_AN_ARN:
        raise ValueError(f"{wanted} is no ARN: an operator for ARNs wants all six parts")
    parts = value.split(":", _PARTS_OF_AN_ARN - 1)
    return len(parts) == _PARTS_OF_AN_ARN and all(
        like(pattern, part, context) for pattern, part in zip(patterns, parts, strict=True)
    )


_OPERATORS: Final[Mapping[str, Callable[[str, str, Context], bool]]] = {
    "StringEquals": _equal,
    "StringNotEquals": _equal,
    "StringEqualsIgnoreCase": _same_ignoring_case,
    "StringLike": like,
    "StringNotLike": like,
    "ArnEquals": _like_arn,
    "ArnNotEquals": _like_arn,
    "ArnLike": _like_arn,
    "ArnNotLike": _like_arn,
    "Bool": _same_ignoring_case,
}
