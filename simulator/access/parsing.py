"""Requests read as their services read them: which operation, with which parameters."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qs, unquote

from botocore.loaders import Loader

from simulator.doors import Incoming

_NUMBERED: Final = re.compile(r"(\w+)\.member\.(\d+)(?:\.(\w+))?")


def operation_of(incoming: Incoming) -> str:
    """The operation's name, from wherever its protocol puts it; empty where it cannot be told."""
    target = incoming.headers.get("x-amz-target")
    if target:
        return target.rpartition(".")[2]
    if "/operation/" in incoming.path:  # smithy RPC
        return incoming.path.rpartition("/")[2]
    if incoming.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return form_of(incoming).get("Action", "")
    return rest_of(incoming)[0]


def json_of(incoming: Incoming) -> dict[str, Any]:
    """The parameters in a JSON body."""
    asked = json.loads(incoming.body or b"{}")
    return asked if isinstance(asked, dict) else {}


def form_of(incoming: Incoming) -> dict[str, str]:
    """The parameters in a form (query protocol)."""
    return {name: values[0] for name, values in parse_qs(incoming.body.decode("utf-8", "replace")).items()}


def members_of(form: Mapping[str, str], name: str) -> list[str]:
    """A list in a form: `Name.member.1`, `Name.member.2`."""
    return [value for found, _, part, value in _members(form) if (found, part) == (name, None)]


def tags_of(form: Mapping[str, str]) -> list[dict[str, str]]:
    """The tags in a form: `Tags.member.1.Key`, `Tags.member.1.Value`."""
    tags: dict[str, dict[str, str]] = {}
    for found, number, part, value in _members(form):
        if found == "Tags" and part:
            tags.setdefault(number, {})[part] = value
    return list(tags.values())


def rest_of(incoming: Incoming) -> tuple[str, dict[str, str]]:
    """A REST service's operation and what stands in its path; empty where no operation has such a path."""
    for name, method, path in _routes(incoming.service):
        found = path.fullmatch(incoming.raw_path)
        if found and method == incoming.method:
            return name, {part: unquote(value) for part, value in found.groupdict().items()}
    return "", {}


def _members(form: Mapping[str, str]) -> Iterator[tuple[str, str, str | None, str]]:
    for key, value in form.items():
        if parts := _NUMBERED.fullmatch(key):
            yield parts[1], parts[2], parts[3], value


@cache
def _routes(service: str) -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    loader = Loader()
    if service not in loader.list_available_services("service-2"):
        return ()
    operations: dict[str, Any] = loader.load_service_model(service, "service-2")["operations"]
    return tuple(
        (name, found["http"]["method"], _route(found["http"]["requestUri"])) for name, found in operations.items()
    )


def _route(uri: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", uri.partition("?")[0]))
