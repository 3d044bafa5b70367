"""Roles and users out of rendered templates, each with every policy that it will hold.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from cdk.rendering import Rendering, RenderingError, Resource

Document = Mapping[str, Any]

# The type of an identity, the property with its name, and where a policy's resource lists those it is put on.
_KINDS: Final = (("AWS::IAM::Role", "RoleName", "Roles"), ("AWS::IAM::User", "UserName", "Users"))
# IAM counts inline policies together, each managed one for itself, and no white space at all.
_SPACELESS: Final = (",", ":")


@dataclass(frozen=True, slots=True)
class Identity:
    """A role or a user.

    Attributes:
        made: the resource itself, with its trust policy, path, tags and boundary.
        inline: policies of its own by name; together at most 10,240 characters for a role, 2,048 for a user.
        managed: policies made in these stacks and attached to it, by ARN; at most 6,144 characters each.
    """

    name: str
    arn: str
    made: Resource
    inline: Mapping[str, Document]
    managed: Mapping[str, Document]

    @property
    def documents(self) -> tuple[Document, ...]:
        """All its policies."""
        return (*self.inline.values(), *self.managed.values())

    @property
    def inline_characters(self) -> int:
        """How much of its quota its inline policies take."""
        return sum(map(characters, self.inline.values()))


def characters(document: Document) -> int:
    """A policy's size as IAM counts it."""
    return len(json.dumps(document, separators=_SPACELESS, ensure_ascii=False))


def identities(rendering: Rendering) -> Iterator[Identity]:
    """Every role and user of the templates.

    Raises:
        RenderingError: something of theirs cannot be filled in, or a managed policy is attached whose text is not in
            the templates, so that nobody could judge it here.
    """
    own = {rendering.attribute(r.stack, r.logical_id, "Ref"): r for r in rendering.resources("AWS::IAM::ManagedPolicy")}
    attached = [replace(r, properties={**r.properties, "Arn": arn}) for arn, r in own.items()]
    beside = list(rendering.resources("AWS::IAM::Policy"))
    for kind, name_property, list_property in _KINDS:
        for made in rendering.resources(kind):
            name = rendering.attribute(made.stack, made.logical_id, "Ref")
            listed = made.properties.get("ManagedPolicyArns", ())
            if unknown := [arn for arn in listed if arn not in own]:
                raise RenderingError(f"{name}: the text of {', '.join(unknown)} is not in the templates")
            yield Identity(
                name=name,
                arn=rendering.attribute(made.stack, made.logical_id, "Arn"),
                made=made,
                inline=_documents(made.properties.get("Policies", ()))
                | _documents(r.properties for r in beside if name in r.properties.get(list_property, ()))
                | _documents(r.properties for r in _alone(rendering, kind) if r.properties[name_property] == name),
                managed={
                    r.properties["Arn"]: r.properties["PolicyDocument"]
                    for r in attached
                    if r.properties["Arn"] in listed or name in r.properties.get(list_property, ())
                },
            )


def _alone(rendering: Rendering, kind: str) -> Iterator[Resource]:
    """AWS::IAM::RolePolicy and AWS::IAM::UserPolicy name the one they are put on."""
    return rendering.resources(f"{kind}Policy")


def _documents(policies: Any) -> dict[str, Document]:
    return {policy["PolicyName"]: policy["PolicyDocument"] for policy in policies}
