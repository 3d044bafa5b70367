"""Which hosts may see requests signed with the function's own credentials."""

import os
from typing import Final
from urllib.parse import urlsplit

from vsync_rotation.formats.endpoint import Endpoint

# Hosts under these belong to AWS alone. See: https://docs.aws.amazon.com/general/latest/gr/rande.html
_AWS_SUFFIXES: Final = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".api.amazonwebservices.com.cn")
_OVERRIDES: Final = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")


def is_aws(endpoint: Endpoint) -> bool:
    """Whether the endpoint is AWS's: by its name, or because the environment sends AWS requests to that host."""
    if endpoint.scheme == "https" and endpoint.host.endswith(_AWS_SUFFIXES):
        return True
    named = (urlsplit(os.environ.get(name, "")).hostname for name in _OVERRIDES)
    return endpoint.host in {host.lower() for host in named if host}
