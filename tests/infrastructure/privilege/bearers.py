"""Whoever holds policies in the templates, by a short name."""

from collections.abc import Mapping
from typing import Final

from cdk.names import FUNCTIONS
from cdk.rendered_identities import Identity, identities
from cdk.rendering import Rendering

# By the construct that the logical id begins with.
_OTHERS: Final = {"Clockwork": "scheduler", "Hook": "hook", "Chat": "chat"}


def bearers(rendering: Rendering, *besides: str) -> Mapping[str, Identity]:
    """Functions' roles by folder, readers' users by their name, the other roles by what they are for.

    `besides` are stacks to leave out, where several have a role of one kind.
    """
    found = [(_called(identity), identity) for identity in identities(rendering) if identity.made.stack not in besides]
    named = dict(found)
    assert len(named) == len(found)
    return named


def _called(identity: Identity) -> str:
    if identity.made.type == "AWS::IAM::User":
        return identity.name
    folder = identity.name.rpartition("-")[2]
    if folder in FUNCTIONS:
        return folder
    return next(called for construct, called in _OTHERS.items() if identity.made.logical_id.startswith(construct))
