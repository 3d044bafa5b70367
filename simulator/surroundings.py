"""The environment variables and the default session that boto3 finds while a world runs."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import boto3
from botocore.useragent import UserAgentString

# Anything that could lead boto3 to another account, another host, or a file of this machine's user.
_ABSENT: Final = (
    "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_IAM", "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    "AWS_ENDPOINT_URL_EVENTBRIDGE", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT", "AWS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy",
)  # fmt: skip
_QUIET: Final = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


class Surroundings:
    """Sets the variables on `enter` and puts back what was there on `leave`.

    boto3's default session is replaced too, since one made earlier keeps the credentials of that time. The one for
    worlds is kept from world to world: what it costs is loading the service models, and credentials never change.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {**_QUIET, **values}
        self._before: dict[str, str | None] = {}
        self._session_before: Any = None
        self._introduction_before: Any = None

    def enter(self) -> None:
        self._before = {name: os.environ.get(name) for name in (*_ABSENT, *self._values)}
        for name in _ABSENT:
            os.environ.pop(name, None)
        os.environ.update(self._values)
        self._session_before = boto3.DEFAULT_SESSION
        boto3.DEFAULT_SESSION = _session(self._values["AWS_DEFAULT_REGION"])
        # Every client composes its User-Agent anew for every request: a tenth of what a request costs here.
        self._introduction_before = UserAgentString.to_string
        UserAgentString.to_string = lambda self: "simulated"  # type: ignore[method-assign]  # noqa: ARG005

    def leave(self) -> None:
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        boto3.DEFAULT_SESSION = self._session_before
        UserAgentString.to_string = self._introduction_before  # type: ignore[method-assign]


@cache
def _session(region: str) -> boto3.Session:
    return boto3.Session(region_name=region)
