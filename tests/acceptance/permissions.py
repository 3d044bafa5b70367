"""What docs/acceptance.md says a run asks of an account, held against what it does ask."""

import re
from functools import cache
from pathlib import Path
from typing import Final

from simulator.run import OPERATOR
from simulator.world import World

_PAGE: Final = Path(__file__).parents[2] / "docs" / "acceptance.md"
_ROW: Final = re.compile(r"\| `([a-z0-9]+)` \| ([A-Za-z, ]+) \|")
# Of the signing names that requests have, the one that is no service's name in IAM.
_IN_IAM: Final = {"monitoring": "cloudwatch"}


@cache
def documented() -> frozenset[str]:
    """Every request of the page, as `service:Operation`."""
    after = _PAGE.read_text(encoding="utf-8").partition("<!-- requests: begin -->")[2]
    return frozenset(
        f"{service}:{operation.strip()}"
        for service, operations in _ROW.findall(after.partition("<!-- requests: end -->")[0])
        for operation in operations.split(",")
    )


def undocumented(world: World) -> set[str]:
    """Requests with the caller's own credentials that the page does not have. By hand, things are made with others."""
    asked = {
        f"{_IN_IAM.get(request.service, request.service)}:{request.operation}"
        for request in world.requests
        if request.principal == OPERATOR.access_key_id
    }
    return asked - documented()
