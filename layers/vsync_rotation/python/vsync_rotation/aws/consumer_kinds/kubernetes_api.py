"""One request to a cluster's own API: over HTTPS, with the cluster's certificate authority and no other.

See: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/
"""

import json
import ssl
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError, LocationParseError, SSLError

from vsync_rotation.errors import SettingsError, UnreachableError
from vsync_rotation.redacted import SecretText

_CONNECT_SECONDS: Final = 3.0
# A deployment with its status is tens of kilobytes; etcd takes objects of 1.5 MiB. What is longer is not read.
_MAX_ANSWER_BYTES: Final = 1_048_576
# The kind of patch under which annotations that are there stay.
_PATCH: Final = "application/strategic-merge-patch+json"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where a cluster's API is and who vouches for it. `authority` is PEM text."""

    endpoint: str
    authority: str


@dataclass(frozen=True, slots=True)
class PatchAnswer:
    """The HTTP status; `document` is None where the body is no JSON object or too long."""

    status: int
    document: dict[str, Any] | None


def patch(
    cluster: Cluster, token: SecretText, path: str, change: dict[str, Any], *, within_seconds: float
) -> PatchAnswer:
    """Send a strategic merge patch once. No redirect is followed: the token is for this host alone.

    Raises:
        SettingsError: the cluster has no https endpoint or no usable certificate authority.
        UnreachableError: no answer in time, or none from the host that the authority vouches for.
    """
    host, port = _place(cluster.endpoint)
    timeout = urllib3.Timeout(connect=min(_CONNECT_SECONDS, within_seconds), total=within_seconds)
    with urllib3.HTTPSConnectionPool(host, port, ssl_context=_trusting(cluster.authority), timeout=timeout) as pool:
        try:
            response = pool.urlopen(
                "PATCH",
                path,
                body=json.dumps(change).encode(),
                headers={
                    "Authorization": f"Bearer {token.reveal()}",
                    "Content-Type": _PATCH,
                    "Accept": "application/json",
                    "User-Agent": "vsync-rotation",
                },
                redirect=False,
                retries=False,
                preload_content=False,
            )
            body = response.read(_MAX_ANSWER_BYTES + 1)
            response.close()
        except SSLError:
            raise _unreachable("the cluster's API does not prove to be the cluster's") from None
        except (HTTPError, OSError, LocationParseError) as error:
            raise _unreachable(f"no answer from the cluster's API ({type(error).__name__})") from None
    return PatchAnswer(response.status, _document(body))


def _place(endpoint: str) -> tuple[str, int]:
    try:
        url = urlsplit(endpoint)
        host, port = url.hostname, url.port or 443
    except ValueError:
        raise _unusable("endpoint") from None
    if url.scheme != "https" or not host or url.username is not None or url.path not in {"", "/"}:
        raise _unusable("https endpoint")
    return host, port


def _trusting(authority: str) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=authority)
    except (ssl.SSLError, ValueError):
        raise _unusable("certificate authority") from None
    # Python 3.13 wants identifiers in an authority's certificate that EKS leaves out (RFC 5280 lets a root do so).
    # Chain, name and dates are checked all the same. See: https://github.com/kubernetes-client/python/issues/2394
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _document(body: bytes) -> dict[str, Any] | None:
    if len(body) > _MAX_ANSWER_BYTES:
        return None
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _unusable(part: str) -> SettingsError:
    return SettingsError(
        f"the cluster has no {part} that can be used", remedy="look at it with aws eks describe-cluster"
    )


def _unreachable(what: str) -> UnreachableError:
    return UnreachableError(
        what, remedy="a private endpoint needs the function in the cluster's network; otherwise let it be tried again"
    )
