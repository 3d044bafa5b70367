"""What CloudFormation has deployed.

See: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from vsync_rotation.aws.failures import code_of
from vsync_rotation_cli.aws.session import Session, asking

_SERVICE: Final = "CloudFormation"
_GONE: Final = "DELETE_COMPLETE"
_FAILED_AT_FIRST: Final = "ROLLBACK_COMPLETE"

Template = Mapping[str, Any]


class StackGoneError(Exception):
    """There is no stack of that name any more."""


class Stacks:
    """The stacks of one account and region."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def statuses(self) -> dict[str, str]:
        """The status of every stack that there is, by name."""
        with asking(_SERVICE, "ListStacks"):
            pages = self._session.cloudformation.get_paginator("list_stacks").paginate()
            return {
                stack["StackName"]: stack["StackStatus"]
                for page in pages
                for stack in page["StackSummaries"]
                if stack["StackStatus"] != _GONE
            }

    def failed_at_first(self) -> dict[str, str]:
        """The ids of stacks whose first creation failed, by name: one that is made anew has another id."""
        with asking(_SERVICE, "ListStacks"):
            pages = self._session.cloudformation.get_paginator("list_stacks").paginate(
                StackStatusFilter=[_FAILED_AT_FIRST]
            )
            return {stack["StackName"]: stack["StackId"] for page in pages for stack in page["StackSummaries"]}

    def template(self, name: str) -> Template | None:
        """What a stack was last made from; None where that is not JSON, so that it is none of ours.

        Raises:
            StackGoneError: somebody has deleted it.
        """
        with asking(_SERVICE, "GetTemplate"):
            try:
                answer = self._session.cloudformation.get_template(StackName=name, TemplateStage="Original")
            except ClientError as error:
                if _is_absence(error):
                    raise StackGoneError from None
                raise
        body: Any = answer["TemplateBody"]
        # The SDK hands JSON on as an object, and leaves YAML as it is.
        template = _parsed(body) if isinstance(body, str) else body
        return template if isinstance(template, Mapping) else None

    def delete(self, name: str) -> None:
        """Delete a stack, by name or id, and wait for it. What it keeps stays; a stack that is gone is deleted."""
        client = self._session.cloudformation
        with asking(_SERVICE, "DeleteStack"):
            client.delete_stack(StackName=name)
            client.get_waiter("stack_delete_complete").wait(StackName=name)

    def delete_protected(self, name: str) -> None:
        """Delete a stack that nothing is left in, by name or id, although it is protected from deletion.

        The CDK's command line would do it where a first creation failed, but for that protection.
        """
        with asking(_SERVICE, "UpdateTerminationProtection"):
            self._session.cloudformation.update_termination_protection(
                StackName=name, EnableTerminationProtection=False
            )
        self.delete(name)


def _is_absence(error: ClientError) -> bool:
    """The service has no code of its own for it."""
    message = str(error.response.get("Error", {}).get("Message", ""))
    return code_of(error) == "ValidationError" and "does not exist" in message


def _parsed(body: str) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return None
