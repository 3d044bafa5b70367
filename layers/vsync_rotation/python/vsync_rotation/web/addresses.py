"""Which addresses a health URL may lead to.

Tags name the URLs, and whoever may tag could aim them into the network that the function stands in, or at the services
that hand out its credentials. So only what is reachable from everywhere is asked, and private hosts that the
deployment names.
"""

import os
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Final

PRIVATE_HOSTS: Final = "VSYNC_ROTATION_PRIVATE_HEALTH_HOSTS"

Address = IPv4Address | IPv6Address

# The release of Python decides what `is_global` holds for special; these are special in every one of them.
# See: https://www.iana.org/assignments/iana-ipv4-special-registry, .../iana-ipv6-special-registry
_SPECIAL_V4: Final = tuple(map(IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4")))
_SPECIAL_V6: Final = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
# All of IPv6 that is handed out so far. Outside lie ::/96 and ::ffff:0:0/96, which carry IPv4 addresses, fc00::/7,
# fe80::/10 and the prefixes for translation; inside, 6to4 (2002::/16) and Teredo (2001::/32) carry them too, and are
# given up. Nobody's endpoint needs these forms, and each is a second spelling of 127.0.0.1.
_UNICAST_V6: Final = IPv6Network("2000::/3")
# DNS64 spells IPv4 hosts like this for networks without IPv4.
# See: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
_NAT64: Final = IPv6Network("64:ff9b::/96")

# 100.64.0.0/10 because a VPC may have it (its pods often do).
_PRIVATE: Final = tuple(
    map(
        ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "fc00::/7", "::1/128"),
    )
)
# The instance metadata service and its neighbours (credentials of pods, time, DNS) inside fc00::/7.
# See: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
_METADATA_V6: Final = IPv6Network("fd00:ec2::/32")


def may_be_private(host: str) -> bool:
    """Whether the deployment names the host among the private ones: exactly, in whatever case."""
    named = os.environ.get(PRIVATE_HOSTS, "").replace(",", " ").split()
    return host.lower() in {name.lower() for name in named}


def is_public(address: Address) -> bool:
    """Whether the address is reachable from everywhere, and so gives nothing away about where the function stands."""
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and not _within(address, _SPECIAL_V4)
    if address.scope_id is not None:
        return False
    if address in _NAT64:
        return is_public(IPv4Address(address.packed[-4:]))
    return address in _UNICAST_V6 and address.is_global and not _within(address, _SPECIAL_V6)


def is_private(address: Address) -> bool:
    """Whether the address is one that hosts in private networks have; link-local and metadata addresses are not."""
    if isinstance(address, IPv6Address) and (address.scope_id is not None or address in _METADATA_V6):
        return False
    return _within(address, _PRIVATE)


def _within(address: Address, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    return any(address in network for network in networks)
