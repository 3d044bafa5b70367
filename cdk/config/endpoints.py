"""The S3 endpoint of a vault: what the functions take for one, and whether it is S3's own.

The functions' own rule stands in the runtime package; a test holds that they take whatever is taken here. An endpoint
is never repeated in a message, since a careless one may hold a password.

See: https://docs.aws.amazon.com/general/latest/gr/s3.html
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from cdk.config.forms import Form

_MEANING: Final = "https://<host>[:<port>], such as https://storage.example"
_MAX_CHARACTERS: Final = 2_048
_MAX_PORT: Final = 65_535
_URL: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://"
    r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(?::(?P<port>[0-9]{1,5}))?/?"
)
# Names as the network's own directory has them, in one spelling: a dot at the end, or an empty part, would make another
# place of the same one. The underscore is no host's, and stores inside networks have it all the same.
_NAME: Final = re.compile(r"(?=.{1,253}$)(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
# What resolvers take for an address, in whatever spelling (127.1, 0x7f000001, 2130706433).
# See: https://url.spec.whatwg.org/#ends-in-a-number-checker
_ENDS_IN_A_NUMBER: Final = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)")
# A bucket's own host, an accelerated one, a website: taken for another store it would get a writer secret, its places
# would be compared with none of S3's, and nothing would rotate its key.
# Under on.aws stand services of one's own besides, behind VPC Lattice.
_AWS_HOST: Final = re.compile(r"(.*\.)?(amazonaws\.com(\.cn)?|api\.aws|(?<!vpc-lattice-svcs\.)on\.aws)")
_REGION: Final = r"[a-z]{2}(?:-[a-z]+)+-\d+"
_S3_HOST: Final = re.compile(
    rf"s3(?:-fips)?(?:\.dualstack)?(?:[.-](?P<region>{_REGION}))?\.amazonaws\.com(?:\.cn)?"
    rf"|s3-external-1\.amazonaws\.com"
    rf"|bucket\.vpce-[a-z0-9-]+\.s3\.(?P<vpce_region>{_REGION})\.vpce\.amazonaws\.com(?:\.cn)?"
    rf"|s3(?:-fips)?\.(?P<api_region>{_REGION})\.api\.aws"
)


@dataclass(frozen=True, slots=True)
class Host:
    """Where an endpoint leads.

    Attributes:
        name: in lower case; an address in its only spelling, without brackets.
        port: 443 where the endpoint says nothing.
        is_aws: it is S3's own.
        region: the region that S3's own host names; None where it names none.
    """

    name: str
    port: int
    is_aws: bool
    region: str | None


def aws_endpoint(region: str) -> str:
    """S3's own endpoint of a region."""
    return f"https://s3.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"


def host_of(endpoint: str) -> Host:
    """Where an endpoint leads that `ENDPOINT` takes."""
    url = _URL.fullmatch(endpoint)
    if url is None:
        raise ValueError("no endpoint")
    address = _address(url["v6"] or url["name"])
    name = url["name"].lower() if address is None else str(address)
    own = _S3_HOST.fullmatch(name)
    regions = [region for region in own.groups() if region] if own else []
    return Host(name, int(url["port"] or 443), own is not None, regions[0] if regions else None)


def is_private_s3(endpoint: str) -> bool:
    """Whether it is an interface endpoint of S3 in a VPC, whose name leads to private addresses."""
    own = _S3_HOST.fullmatch(host_of(endpoint).name)
    return own is not None and own["vpce_region"] is not None


def _wrong(text: str) -> str | None:
    url = _URL.fullmatch(text)
    if url is None or len(text) > _MAX_CHARACTERS:
        why = "has no scheme" if text and "://" not in text else "is malformed"
        return f"{why}; write {_MEANING}, no path, no query, no user"
    if url["scheme"].lower() != "https":
        return f"is not https, and every object would cross the network in the open; write {_MEANING}"
    if url["port"] and not 1 <= int(url["port"]) <= _MAX_PORT:
        return f"has a port outside 1 to {_MAX_PORT}; write {_MEANING}"
    return _wrong_address(url["v6"]) if url["v6"] else _wrong_name(url["name"].lower())


def _wrong_name(name: str) -> str | None:
    if _ENDS_IN_A_NUMBER.fullmatch(name):
        return _wrong_address(name)
    if not _NAME.fullmatch(name):
        return f"has a malformed host, or one that ends in a dot; write {_MEANING}"
    if _AWS_HOST.fullmatch(name) and not _S3_HOST.fullmatch(name):
        return "is a host of AWS and not S3's own; write https://s3.<region>.amazonaws.com, without the bucket"
    return None


def _wrong_address(text: str) -> str | None:
    address = _address(text)
    if address is None:
        return f"has a malformed address for a host; write {_MEANING}"
    if address.is_link_local:
        return f"is a link-local address, where machines find their own credentials and no store; write {_MEANING}"
    return None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address in its only spelling: an IPv4 address stays one where IPv6 maps it."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address


ENDPOINT: Final = Form(_MEANING, _wrong)
