"""Descriptions of services that sessions share: each file is parsed once, and everything is as before afterwards."""

from collections import Counter
from typing import Any

import boto3
import pytest
from botocore.loaders import JSONFileLoader

from simulator.service_models import ServiceModels
from simulator.world import World


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> "Counter[str]":
    """How often each file was parsed."""
    counted: Counter[str] = Counter()
    load: Any = JSONFileLoader.load_file

    def counting(self: Any, path: str) -> Any:
        counted[path] += 1
        return load(self, path)

    monkeypatch.setattr(JSONFileLoader, "load_file", counting)
    return counted


def a_session_s_client(world: World) -> Any:
    return boto3.Session(region_name=world.region).client("sns", endpoint_url=world.endpoint_url)


def test_two_sessions_parse_each_description_once_and_work(world: World, parsed: "Counter[str]") -> None:
    with ServiceModels().shared():
        clients = [a_session_s_client(world) for _ in range(2)]
    assert set(parsed.values()) == {1}
    assert [client.list_topics()["Topics"] for client in clients] == [[], []]


def test_outside_of_the_block_each_session_parses_its_own(world: World, parsed: "Counter[str]") -> None:
    with ServiceModels().shared():
        a_session_s_client(world)
    for _ in range(2):
        a_session_s_client(world)
    assert max(parsed.values()) > 1
