"""A host name's addresses, within a time, whatever the resolver does."""

import socket
from ipaddress import ip_address
from threading import Event

import pytest

from vsync_rotation.web.names import addresses_of, system_resolve


def test_every_address_is_found_in_its_order() -> None:
    found = addresses_of("a.example", 443, lambda *_: ["2600::1", "192.0.2.1"], seconds=10)
    assert found == (ip_address("2600::1"), ip_address("192.0.2.1"))


@pytest.mark.parametrize(
    "error",
    [socket.gaierror(-2, "not known"), OSError("no network"), UnicodeError("a label is too long")],
    ids=["not known", "no network", "no name"],
)
def test_a_name_that_cannot_be_resolved_has_no_address(error: Exception) -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise error

    assert addresses_of("a.example", 443, resolve, seconds=10) == ()


def test_a_resolver_that_says_no_address_says_none_at_all() -> None:
    assert addresses_of("a.example", 443, lambda *_: ["192.0.2.1", "somewhere"], seconds=10) == ()


def test_a_resolver_that_does_not_answer_is_not_waited_for() -> None:
    over = Event()

    def resolve(host: str, port: int) -> list[str]:
        over.wait(10)
        return ["192.0.2.1"]

    with pytest.raises(TimeoutError):
        addresses_of("a.example", 443, resolve, seconds=0.05)
    over.set()


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "127.1", "0177.0.0.1"])
def test_the_systems_resolver_takes_every_spelling_of_an_address(host: str) -> None:
    """Names are judged by their addresses because of this."""
    assert system_resolve(host, 443) == ("127.0.0.1",)
