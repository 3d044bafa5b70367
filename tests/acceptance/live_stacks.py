"""The stacks there are."""

from collections.abc import Iterator
from typing import Any, Final

_GONE: Final = "DELETE_COMPLETE"


def live_stacks(cloudformation: Any) -> Iterator[str]:
    """Their names; CloudFormation goes on listing deleted ones for 90 days."""
    for page in cloudformation.get_paginator("list_stacks").paginate():
        for stack in page["StackSummaries"]:
            if stack["StackStatus"] != _GONE:
                yield stack["StackName"]
