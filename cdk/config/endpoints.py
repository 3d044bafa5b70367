"""The S3 endpoint of a vault: what the functions take for one, and whether it is S3's own.

The functions' own rule stands in the runtime package; a test holds both to the same verdicts. An endpoint is never
repeated in a message, since a careless one may hold a password.

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
        name: in lower case, an IPv6 address without its brackets.
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
    name = (url["v6"] or url["name"]).lower()
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
    if url["v6"] and not _is_v6(url["v6"]):
        return f"has a malformed IPv6 address; write {_MEANING}"
    return None


def _is_v6(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).version == 6
    except ValueError:
        return False


ENDPOINT: Final = Form(_MEANING, _wrong)
