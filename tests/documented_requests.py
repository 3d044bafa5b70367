"""What a page says a command asks of an account, held against what it does ask."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from simulator.exchange import Request

DOCS: Final = Path(__file__).parents[1] / "docs"
_ROW: Final = re.compile(r"\| `([a-z0-9]+)` \| ([A-Za-z0-9, ]+) \|")
# Of the signing names that requests have, the one that is no service's name in IAM.
_IN_IAM: Final = {"monitoring": "cloudwatch"}


@cache
def documented(page: str) -> frozenset[str]:
    """Every request of the page's table, as `service:Operation`."""
    after = (DOCS / page).read_text(encoding="utf-8").partition("<!-- requests: begin -->")[2]
    return frozenset(
        f"{service}:{operation.strip()}"
        for service, operations in _ROW.findall(after.partition("<!-- requests: end -->")[0])
        for operation in operations.split(",")
    )


def undocumented(page: str, requests: Iterable[Request]) -> set[str]:
    """Those that the page does not have."""
    return {
        f"{_IN_IAM.get(request.service, request.service)}:{request.operation}" for request in requests
    } - documented(page)
