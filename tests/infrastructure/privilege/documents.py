"""Policies wherever they stand in templates, in one spelling."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cdk.rendering import Resource
from simulator.access.conditions import texts
from simulator.access.policy import Statement
from tests.infrastructure.assemblies import Assembled


def normal(statement: Statement) -> dict[str, Any]:
    """One spelling for what may be a text or a list, in any order."""
    condition = {
        operator: {key: sorted(texts(values)) for key, values in keys.items()}
        for operator, keys in statement.get("Condition", {}).items()
    }
    said = {"Sid": None, **statement, "Condition": condition}
    return {**said, **{name: sorted(texts(said.get(name, ()))) for name in ("Action", "Resource")}}


def documents(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every policy anywhere in a resource's properties."""
    if isinstance(value, Mapping):
        if "Statement" in value:
            yield value
        else:
            for inside in value.values():
                yield from documents(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from documents(inside)


def with_documents(assembled: Assembled) -> Iterator[tuple[Resource, Sequence[Mapping[str, Any]]]]:
    """Every resource that has a policy in it or is one, with its policies."""
    rendering = assembled.rendering
    for stack, template in assembled.templates.items():
        for logical_id, made in template["Resources"].items():
            if any(True for _ in documents(made.get("Properties", {}))):
                properties = rendering.properties(stack, logical_id)
                yield Resource(stack, logical_id, made["Type"], properties), list(documents(properties))
