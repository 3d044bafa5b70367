"""Which addresses a health URL may lead to, on every release of Python alike."""

from ipaddress import ip_address

import pytest

from vsync_rotation.web.addresses import is_private, is_public, may_be_private

PUBLIC = {
    "an IPv4 address": "8.8.8.8",
    "just below the private ones": "9.255.255.255",
    "just above the private ones": "11.0.0.0",
    "just below loopback": "126.255.255.255",
    "just above loopback": "128.0.0.1",
    "just above carriers' addresses": "100.128.0.1",
    "an IPv6 address": "2600:1f18::1",
    "the first IPv6 address handed out": "2001:200::1",
    "a public host through DNS64": "64:ff9b::8.8.8.8",
}
PRIVATE = {
    "10/8": "10.1.2.3",
    "172.16/12, its first": "172.16.0.0",
    "172.16/12, its last": "172.31.255.255",
    "192.168/16": "192.168.0.1",
    "a VPC's from carriers' addresses": "100.64.0.1",
    "carriers' last address": "100.127.255.255",
    "loopback": "127.0.0.1",
    "another loopback": "127.255.0.1",
    "IPv6 loopback": "::1",
    "IPv6 unique local": "fd12:3456::1",
    "the other half of unique local": "fc00::1",
}
NEVER = {
    "metadata": "169.254.169.254",
    "a task's credentials": "169.254.170.2",
    "a pod's credentials": "169.254.170.23",
    "link-local": "169.254.0.1",
    "IPv6 metadata": "fd00:ec2::254",
    "a pod's credentials over IPv6": "fd00:ec2::23",
    "IPv6 link-local": "fe80::1",
    "IPv6 link-local on an interface": "fe80::1%eth0",
    "a public address on an interface": "2600:1f18::1%eth0",
    "loopback on an interface": "::1%lo",
    "unspecified": "0.0.0.0",  # noqa: S104 - an address to refuse
    "this network": "0.1.2.3",
    "IPv6 unspecified": "::",
    "multicast": "224.0.0.1",
    "global multicast": "233.252.0.1",
    "IPv6 multicast": "ff02::1",
    "global IPv6 multicast": "ff0e::1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "documentation": "192.0.2.1",
    "more documentation": "198.51.100.1",
    "yet more documentation": "203.0.113.1",
    "benchmarks": "198.19.255.255",
    "protocol assignments": "192.0.0.9",
    "a relay of 6to4": "192.88.99.1",
    "IPv6 documentation": "2001:db8::1",
    "more IPv6 documentation": "3fff::1",
    "IPv6 discard": "100::1",
    "IPv6 site-local": "fec0::1",
    "IPv6 segment routing": "5f00::1",
    "ORCHID": "2001:20::1",
    "loopback, mapped": "::ffff:127.0.0.1",
    "private, mapped": "::ffff:10.0.0.1",
    "metadata, mapped": "::ffff:169.254.169.254",
    "public, mapped": "::ffff:8.8.8.8",
    "loopback, compatible": "::127.0.0.1",
    "loopback, translated": "::ffff:0:127.0.0.1",
    "loopback in 6to4": "2002:7f00:1::1",
    "metadata in 6to4": "2002:a9fe:a9fe::1",
    "public in 6to4": "2002:808:808::1",
    "private in Teredo": "2001:0:4136:e378:8000:63bf:f5ff:fffe",
    "public in Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "loopback through DNS64": "64:ff9b::127.0.0.1",
    "private through DNS64": "64:ff9b::10.0.0.1",
    "metadata through DNS64": "64:ff9b::169.254.169.254",
    "private through a network's own translation": "64:ff9b:1::10.0.0.1",
}


def named(addresses: dict[str, str]) -> list[object]:
    return [pytest.param(address, id=name) for name, address in addresses.items()]


@pytest.mark.parametrize("text", named(PUBLIC))
def test_a_public_address_needs_no_permission(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", named(PRIVATE))
def test_a_private_address_needs_permission(text: str) -> None:
    assert not is_public(ip_address(text))
    assert is_private(ip_address(text))


@pytest.mark.parametrize("text", named(NEVER))
def test_no_permission_reaches_a_special_address(text: str) -> None:
    assert not is_public(ip_address(text))
    assert not is_private(ip_address(text))


@pytest.mark.parametrize(
    ("named_hosts", "host", "private"),
    [
        pytest.param("health.example", "health.example", True, id="the one that is named"),
        pytest.param("a.example,health.example", "health.example", True, id="one after a comma"),
        pytest.param(" a.example\thealth.example ", "health.example", True, id="one after white space"),
        pytest.param("a.example, health.example,", "health.example", True, id="one after both"),
        pytest.param("Health.EXAMPLE", "hEALTH.example", True, id="in another case"),
        pytest.param("", "health.example", False, id="none is named"),
        pytest.param("example", "health.example", False, id="the domain above"),
        pytest.param(".example", "health.example", False, id="a suffix"),
        pytest.param("*.example", "health.example", False, id="a pattern"),
        pytest.param("*", "health.example", False, id="everything"),
        pytest.param("health.example.evil", "health.example", False, id="a longer name"),
        pytest.param("health.example", "x.health.example", False, id="a host below"),
        pytest.param("health.example", "health-example", False, id="a dot is a dot"),
    ],
)
def test_only_a_host_that_the_deployment_names_may_be_private(
    named_hosts: str, host: str, monkeypatch: pytest.MonkeyPatch, *, private: bool
) -> None:
    monkeypatch.setenv("VSYNC_ROTATION_PRIVATE_HEALTH_HOSTS", named_hosts)
    assert may_be_private(host) is private


def test_without_the_variable_no_host_may_be_private() -> None:
    assert not may_be_private("localhost")
