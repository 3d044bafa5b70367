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


def all_hold(condition: Condition, context: Context) -> bool:
    """Whether every operator holds for every key.

    Raises:
        ValueError: an operator is not known.
    """
    lowered = {key.lower(): value for key, value in context.items()}
    return all(
        _holds(operator, lowered.get(key.lower()), texts(wanted), context)
        for operator, keys in condition.items()
        for key, wanted in keys.items()
    )


def with_variables(text: str, context: Context) -> str:
    """The text with `${aws:username}` and the like filled in; one that is not known stays, and so matches nothing."""
    return re.sub(r"\$\{([^}]+)\}", lambda name: context.get(name[1], name[0]), text)


def like(pattern: str, value: str) -> bool:
    """Whether the value is like the pattern, in which `*` and `?` are wildcards."""
    return _compiled(pattern).fullmatch(value) is not None


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
    test, patterns = _OPERATORS[name], [with_variables(pattern, context) for pattern in wanted]
    matches = [any(test(pattern, value) for pattern in patterns) for value in actual.split("\n")]
    # Each value is judged by itself; without a quantifier a key should have one value, and "not" means none of them.
    if quantifier == _EVERY:
        return all(match is positive for match in matches)
    if quantifier == _SOME:
        return any(match is positive for match in matches)
    return any(matches) is positive


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


def _equal(wanted: str, value: str) -> bool:
    return wanted == value


def _same_ignoring_case(wanted: str, value: str) -> bool:
    return wanted.lower() == value.lower()


_OPERATORS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "StringEquals": _equal,
    "StringNotEquals": _equal,
    "StringEqualsIgnoreCase": _same_ignoring_case,
    "StringLike": like,
    "StringNotLike": like,
    "ArnEquals": like,
    "ArnNotEquals": like,
    "ArnLike": like,
    "ArnNotLike": like,
    "Bool": _same_ignoring_case,
}
