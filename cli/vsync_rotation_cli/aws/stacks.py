"""What CloudFormation has deployed.

See: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html
"""

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from vsync_rotation.errors import SettingsError
from vsync_rotation_cli.aws.session import Session, asking

_SERVICE: Final = "CloudFormation"
# Of these nothing is left, or nothing was made yet: a first creation that failed was taken back.
_FAILED_AT_FIRST: Final = frozenset({"ROLLBACK_COMPLETE"})
_NOTHING_THERE: Final = frozenset({"DELETE_COMPLETE", "REVIEW_IN_PROGRESS"}) | _FAILED_AT_FIRST

Template = Mapping[str, Any]


class Stacks:
    """The stacks of one account and region."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def templates(self, wanted: Callable[[str], bool]) -> dict[str, Template]:
        """The template of every deployed stack whose name is wanted."""
        return {name: self._template(name) for name in self._names() if wanted(name)}

    def delete(self, name: str) -> None:
        """Delete a stack and wait for it. What it keeps stays; a stack that is gone is deleted."""
        client = self._session.cloudformation
        with asking(_SERVICE, "DeleteStack"):
            client.delete_stack(StackName=name)
            client.get_waiter("stack_delete_complete").wait(StackName=name)

    def clear_failed(self, wanted: Callable[[str], bool]) -> list[str]:
        """Delete stacks whose first creation failed: nothing is left in them, and they cannot be updated.

        The CDK's command line would do it, but for the protection from deletion that it has put on them. Returns their
        names.
        """
        failed = [name for name in self._names(_FAILED_AT_FIRST) if wanted(name)]
        for name in failed:
            with asking(_SERVICE, "UpdateTerminationProtection"):
                self._session.cloudformation.update_termination_protection(
                    StackName=name, EnableTerminationProtection=False
                )
            self.delete(name)
        return failed

    def _names(self, statuses: Collection[str] = ()) -> list[str]:
        """Those in one of these statuses; without any, all of which something is there."""
        with asking(_SERVICE, "ListStacks"):
            pages = self._session.cloudformation.get_paginator("list_stacks").paginate()
            return [
                stack["StackName"]
                for page in pages
                for stack in page["StackSummaries"]
                if (stack["StackStatus"] in statuses if statuses else stack["StackStatus"] not in _NOTHING_THERE)
            ]

    def _template(self, name: str) -> Template:
        with asking(_SERVICE, "GetTemplate"):
            body: Any = self._session.cloudformation.get_template(StackName=name, TemplateStage="Original")[
                "TemplateBody"
            ]
        # The SDK hands JSON on as an object, and leaves YAML as it is.
        template = _parsed(body) if isinstance(body, str) else body
        if not isinstance(template, Mapping):
            raise SettingsError(
                f"stack {name} was not made from a JSON template, so it is none of ours",
                remedy="choose another stack_prefix in the deployment file",
            )
        return template


def _parsed(body: str) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return None
