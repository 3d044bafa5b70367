"""Synthesized templates with everything filled in: the documents as AWS will hold them, before anything is deployed.

What cannot be filled in is an error, never a string that only looks like one: a size measured or a policy judged on a
half-filled document would be wrong without anybody noticing.

See: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from cdk.rendered_attributes import ATTRIBUTES, Naming

Template = Mapping[str, Any]
# What is known of resources already: (stack, logical id) to attributes, "Ref" among them.
Given = Mapping[tuple[str, str], Mapping[str, str]]

_ABSENT: Final = object()
_PLACEHOLDER: Final = re.compile(r"\$\{([^}]+)\}")


class RenderingError(ValueError):
    """A template says something that cannot be filled in; nothing was made of it."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of one stack, its properties filled in."""

    stack: str
    logical_id: str
    type: str
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Rendering:
    """The templates of one deployment, in one account and region.

    Attributes:
        templates: each stack's template by the stack's name; they may import each other's exports.
        given: attributes of resources that exist already, e.g. the ARN that a secret really got. Everything else is
            named after stack and logical id, with stand-ins of the real length for what AWS makes up.
    """

    templates: Mapping[str, Template]
    account: str
    region: str
    partition: str = "aws"
    given: Given = field(default_factory=dict)

    def resources(self, kind: str) -> Iterator[Resource]:
        """Every resource of this CloudFormation type, over all stacks.

        Raises:
            RenderingError: something in its properties cannot be filled in.
        """
        for stack, template in self.templates.items():
            for logical_id, resource in template.get("Resources", {}).items():
                if resource["Type"] == kind:
                    yield Resource(stack, logical_id, kind, self.properties(stack, logical_id))

    def properties(self, stack: str, logical_id: str) -> Mapping[str, Any]:
        """A resource's properties, filled in.

        Raises:
            RenderingError: something in them cannot be filled in.
        """
        resource = self._resource(stack, logical_id)
        properties: Mapping[str, Any] = self.value(stack, resource.get("Properties", {}), logical_id)
        return properties

    def value(self, stack: str, value: Any, where: str = "") -> Any:
        """Anything out of a stack's template, filled in. `where` is only for the error's message.

        Raises:
            RenderingError: something in it cannot be filled in.
        """
        place = f"{stack} {where}".strip()
        try:
            return _Stack(self, stack).fill(value)
        except RenderingError as error:
            raise RenderingError(f"{place}: {error}") from None
        except RecursionError:
            raise RenderingError(f"{place}: it refers to itself") from None

    def attribute(self, stack: str, logical_id: str, attribute: str) -> str:
        """What `Fn::GetAtt` gives, or `Ref` for the attribute "Ref".

        Raises:
            RenderingError: the resource does not exist, or has no attribute of this name that could be known.
        """
        resource = self._resource(stack, logical_id)
        known = self.given.get((stack, logical_id), {})
        if attribute in known:
            return known[attribute]
        make = ATTRIBUTES.get(resource["Type"], {}).get(attribute)
        if make is None:
            raise RenderingError(f"{attribute} of {logical_id} ({resource['Type']}) is not known before it is deployed")
        naming = Naming(self.account, self.region, self.partition, stack, logical_id)
        return make(naming, lambda name: self._named(stack, resource, name))

    def imported(self, export: str) -> Any:
        """What `Fn::ImportValue` gives.

        Raises:
            RenderingError: no stack exports it, or its value cannot be filled in.
        """
        if export not in self._exports:
            raise RenderingError(f"no stack exports {export}")
        stack, value = self._exports[export]
        return _Stack(self, stack).fill(value)

    @cached_property
    def _exports(self) -> Mapping[str, tuple[str, Any]]:
        return {
            _Stack(self, stack).fill(output["Export"]["Name"]): (stack, output["Value"])
            for stack, template in self.templates.items()
            for output in template.get("Outputs", {}).values()
            if "Export" in output
        }

    def _resource(self, stack: str, logical_id: str) -> Mapping[str, Any]:
        resources = self.templates[stack].get("Resources", {})
        if logical_id not in resources:
            raise RenderingError(f"there is no resource {logical_id} in {stack}")
        resource: Mapping[str, Any] = resources[logical_id]
        return resource

    def _named(self, stack: str, resource: Mapping[str, Any], name: str) -> str | None:
        value = resource.get("Properties", {}).get(name)
        return None if value is None else _text(_Stack(self, stack).fill(value))


@dataclass(frozen=True, slots=True)
class _Stack:
    rendering: Rendering
    name: str

    def fill(self, value: Any) -> Any:
        if isinstance(value, list):
            return [filled for item in value if (filled := self.fill(item)) is not _ABSENT]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            (word, argument), *_ = value.items()
            if word in _FUNCTIONS:
                return _FUNCTIONS[word](self, argument)
            if word.startswith("Fn::"):
                raise RenderingError(f"{word} is not one of the functions that are filled in ({', '.join(_FUNCTIONS)})")
        return {key: filled for key, item in value.items() if (filled := self.fill(item)) is not _ABSENT}

    def reference(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _ABSENT
        pseudo = {
            "AWS::AccountId": self.rendering.account,
            "AWS::Region": self.rendering.region,
            "AWS::Partition": self.rendering.partition,
            "AWS::URLSuffix": "amazonaws.com.cn" if self.rendering.partition == "aws-cn" else "amazonaws.com",
            "AWS::StackName": self.name,
        }
        if name in pseudo:
            return pseudo[name]
        parameter = self.rendering.templates[self.name].get("Parameters", {}).get(name)
        if parameter is None:
            return self.rendering.attribute(self.name, name, "Ref")
        if "Default" not in parameter or parameter["Type"].startswith("AWS::SSM::"):
            raise RenderingError(f"the parameter {name} has no value before it is deployed")
        return parameter["Default"]

    def attribute(self, argument: Any) -> str:
        logical_id, _, attribute = (
            argument.partition(".") if isinstance(argument, str) else (argument[0], "", argument[1])
        )
        return self.rendering.attribute(self.name, logical_id, self.fill(attribute))

    def imported(self, argument: Any) -> Any:
        return self.rendering.imported(_text(self.fill(argument)))

    def substituted(self, argument: Any) -> str:
        text, values = (argument, {}) if isinstance(argument, str) else argument

        def insert(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in values:
                return _text(self.fill(values[name]))
            return _text(self.attribute(name) if "." in name else self.reference(name))

        return _PLACEHOLDER.sub(insert, text)

    def joined(self, argument: Any) -> str:
        return str(argument[0]).join(_text(item) for item in self.fill(argument[1]))

    def split(self, argument: Any) -> list[str]:
        return _text(self.fill(argument[1])).split(argument[0])

    def selected(self, argument: Any) -> Any:
        index, items = int(self.fill(argument[0])), self.fill(argument[1])
        if not 0 <= index < len(items):
            raise RenderingError(f"Fn::Select wants item {index} of {len(items)}")
        return items[index]


def _text(value: Any) -> str:
    if not isinstance(value, str | int | float):
        raise RenderingError(f"text was expected, not {value!r}")
    return str(value)


_FUNCTIONS: Final[Mapping[str, Callable[[_Stack, Any], Any]]] = {
    "Ref": _Stack.reference,
    "Fn::GetAtt": _Stack.attribute,
    "Fn::Sub": _Stack.substituted,
    "Fn::Join": _Stack.joined,
    "Fn::Split": _Stack.split,
    "Fn::Select": _Stack.selected,
    "Fn::ImportValue": _Stack.imported,
}
