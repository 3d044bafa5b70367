"""The S3 endpoint of a vault: where its requests, and so its credentials, are sent (SPEC 5.6)."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final, Self

from vsync_rotation.errors import SettingsError

MAX_ENDPOINT_CHARACTERS: Final = 2_048

_URL: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<rest>.*)")
# A name or an IPv4 address, or an IPv6 address in brackets; then perhaps a port.
_AUTHORITY: Final = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(?::(?P<port>[0-9]{1,5}))?")
_REMEDY: Final = "write the endpoint as https://<host>[:<port>], for example https://s3.eu-central-1.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint of the right form.

    Attributes:
        url: as given.
        scheme: `https` or `http`, in lower case.
        host: lower case, an IPv6 address without its brackets.
        port: as given, None where there is none.
    """

    url: str
    scheme: str
    host: str
    port: int | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """An endpoint that requests may go to.

        Raises:
            SettingsError: as `read`, or plain http to a host that is not loopback.
        """
        endpoint = cls.read(text)
        # Anywhere but on this machine, plain http shows every object and signature to the network.
        if endpoint.scheme == "http" and not _is_loopback(endpoint.host):
            raise _refused("the endpoint is plain http to a host that is not loopback")
        return endpoint

    @classmethod
    def read(cls, text: str) -> Self:
        """An endpoint to look at; the text is never echoed, since a careless one may hold a password.

        Raises:
            SettingsError: anything but https or http, a host and perhaps a port.
        """
        _check_characters(text)
        url = _URL.fullmatch(text)
        if url is None:
            raise _refused("the endpoint has no scheme")
        _check_rest(url["rest"])
        host, port = _host_and_port(url["authority"])
        scheme = url["scheme"].lower()
        if scheme not in ("https", "http"):
            raise _refused("the endpoint's scheme is neither https nor http")
        return cls(url=text, scheme=scheme, host=host, port=port)

    def __str__(self) -> str:
        return self.url


def _refused(what: str) -> SettingsError:
    return SettingsError(what, remedy=_REMEDY)


def _check_characters(text: str) -> None:
    if not text:
        raise _refused("the endpoint is empty")
    if len(text) > MAX_ENDPOINT_CHARACTERS:
        raise _refused(f"the endpoint has {len(text)} characters, more than {MAX_ENDPOINT_CHARACTERS}")
    for position, character in enumerate(text):
        if not "!" <= character <= "~":
            raise _refused(
                f"the endpoint holds white space, a control character or a non-ASCII character at character {position}"
            )


def _check_rest(rest: str) -> None:
    if "?" in rest:
        raise _refused("the endpoint has a query")
    if "#" in rest:
        raise _refused("the endpoint has a fragment")
    if rest not in ("", "/"):
        raise _refused("the endpoint has a path; the bucket is a field of its own")


def _host_and_port(authority: str) -> tuple[str, int | None]:
    if "@" in authority:
        raise _refused("the endpoint has user information before its host")
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        raise _refused("the endpoint's host or port is malformed")
    if match["v6"] is not None and not _is_v6(match["v6"]):
        raise _refused("the endpoint's IPv6 address is malformed")
    return (match["v6"] or match["name"]).lower(), _port(match["port"])


def _is_v6(host: str) -> bool:
    return _is_address(host) and ipaddress.ip_address(host).version == 6


def _port(digits: str | None) -> int | None:
    if digits is None:
        return None
    port = int(digits)
    if not 1 <= port <= 65_535:
        raise _refused("the endpoint's port is outside 1 to 65535")
    return port


def _is_loopback(host: str) -> bool:
    """Only what every resolver keeps local: mapped addresses and short forms such as 127.1 do not count."""
    if host == "localhost":
        return True
    if not _is_address(host):
        return False
    address = ipaddress.ip_address(host)
    return (
        address in ipaddress.ip_network("127.0.0.0/8")
        if address.version == 4
        else address == ipaddress.ip_address("::1")
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
