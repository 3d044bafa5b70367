"""Which hosts may see requests signed with the function's own credentials."""

import os
import re
from typing import Final
from urllib.parse import urlsplit

from vsync_rotation.formats.endpoint import Endpoint

# S3's own hosts. Others under amazonaws.com (execute-api, elb) are customers' and would see what is signed.
# See: https://docs.aws.amazon.com/general/latest/gr/s3.html
_REGION: Final = r"[a-z]{2}(?:-[a-z]+)+-\d+"
_S3_HOST: Final = re.compile(
    rf"s3(?:-fips)?(?:\.dualstack)?(?:[.-]{_REGION})?\.amazonaws\.com(?:\.cn)?"
    rf"|s3-external-1\.amazonaws\.com"
    rf"|bucket\.vpce-[a-z0-9-]+\.s3\.{_REGION}\.vpce\.amazonaws\.com(?:\.cn)?"
    rf"|s3(?:-fips)?\.{_REGION}\.api\.aws"
)
_OVERRIDES: Final = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")


def is_aws(endpoint: Endpoint) -> bool:
    """Whether the endpoint is AWS's: by its name, or because the environment sends AWS requests to that host."""
    if endpoint.scheme == "https" and _S3_HOST.fullmatch(endpoint.host):
        return True
    named = (urlsplit(os.environ.get(name, "")).hostname for name in _OVERRIDES)
    return endpoint.host in {host.lower() for host in named if host}
