"""Signature version 4, checked the way a service does: the secret access key itself never travels.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html
"""

import hmac
import re
from typing import Any

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from simulator.doors import Incoming

_PARTS = re.compile(r"SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]+)")


def is_signed_with(incoming: Incoming, secret_access_key: str) -> bool:
    """Whether the request's signature was made with this secret access key."""
    parts = _PARTS.search(incoming.headers.get("authorization", ""))
    if parts is None:
        return False
    kind = S3SigV4Auth if incoming.service == "s3" else SigV4Auth
    auth: Any = kind(Credentials(incoming.key_id, secret_access_key), incoming.service, incoming.region)
    request = _as_signed(incoming, parts[1].split(";"))
    string_to_sign = auth.string_to_sign(request, auth.canonical_request(request))
    return hmac.compare_digest(auth.signature(string_to_sign, request), parts[2])


def _as_signed(incoming: Incoming, names: list[str]) -> AWSRequest:
    query = f"?{incoming.query_string}" if incoming.query_string else ""
    request = AWSRequest(
        method=incoming.method,
        url=f"http://{incoming.headers['host']}{incoming.raw_path}{query}",
        data=incoming.body,
        headers={name: incoming.headers.get(name, "") for name in names},
    )
    request.context["timestamp"] = incoming.headers["x-amz-date"]
    return request
