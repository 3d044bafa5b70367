"""Addresses on the web that this software is told to call: https, a host's name, a plain path, and nothing else."""

import re
from typing import Final
from urllib.parse import urlsplit

_MAX_PORT: Final = 65_535
_HTTPS_PORT: Final = 443
# A name, and no address in any of the spellings that resolvers take (127.1, 0x7f000001, 2130706433).
# See: https://url.spec.whatwg.org/#ends-in-a-number-checker
_HOST: Final = re.compile(
    r"(?=.{1,253}$)(?!(.*\.)?([0-9]+|0x[0-9a-f]*)$)"
    r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
)

# See: https://www.iana.org/assignments/special-use-domain-names, and ICANN's reservation of "internal".
_NEVER_PUBLIC: Final = frozenset({"internal", "local", "localhost"})


def is_host_name(text: str) -> bool:
    """Whether it is a host's name, in lower case."""
    return _HOST.fullmatch(text) is not None


def is_public_name(host: str) -> bool:
    """Whether a host's name can be the public internet's: no machine's own, none of a network's own."""
    first, _, last = host.rpartition(".")
    return bool(first) and last not in _NEVER_PUBLIC


def host_of(url: str) -> str:
    """The host of a URL that `is_plain_https` takes, in lower case."""
    return urlsplit(url).hostname or ""


def is_plain_https(text: str, path: re.Pattern[str]) -> bool:
    """Whether it is an https URL without user, query and fragment, whose host is a name and whose path is of a form."""
    try:
        url = urlsplit(text)
        port = _HTTPS_PORT if url.port is None else url.port
    except ValueError:
        return False
    host = url.hostname or ""
    # Written back, because what a URL's parts leave out (a lone "?" or "@", white space) means something to others.
    # ASCII as it stands, because in lower case the Kelvin sign is a k.
    plain = text.isascii() and text == f"https://{url.netloc}{url.path}" and 0 < port <= _MAX_PORT
    return (
        plain
        and url.netloc.lower() in {host, f"{host}:{port}"}
        and is_host_name(host)
        and bool(path.fullmatch(url.path))
    )
