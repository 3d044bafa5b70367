"""Whose credentials and which region, and the clients that follow from them."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config

from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.failures import translated
from vsync_rotation.errors import SettingsError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sts import STSClient

_SECRET_ARN: Final = re.compile(r"arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+):[0-9]{12}:secret:.+")
# Credentials in the environment win over a profile named there, and a person who names one means it.
_CREDENTIALS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
# A template of half a megabyte takes CloudFormation seconds.
_SLOW: Final = Config(
    connect_timeout=3,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 4},
    user_agent_extra="vsync-rotation",
)


def choose(region: str | None, profile: str | None) -> None:
    """Set them in this process's environment: what every part of the SDK reads, and every child process."""
    if region is not None:
        os.environ["AWS_DEFAULT_REGION"] = region
    if profile is not None:
        os.environ["AWS_PROFILE"] = profile
        for name in _CREDENTIALS:
            os.environ.pop(name, None)


def region_in(secret_id: str) -> str | None:
    """The region of a secret's ARN; None for a name."""
    arn = _SECRET_ARN.fullmatch(secret_id)
    return arn[1] if arn else None


@contextmanager
def asking(service: str, operation: str) -> Iterator[None]:
    """As `translated`, and a setting of the environment that the SDK cannot use is an error of the family too.

    Raises:
        RotationError: what the SDK raised inside.
    """
    try:
        with translated(service, operation):
            yield
    except ValueError:
        # The SDK's own for an AWS_ENDPOINT_URL that is none; its text quotes the setting.
        raise SettingsError(
            "an AWS setting is malformed", remedy="look at AWS_ENDPOINT_URL, the region and the profile"
        ) from None


class Session:
    """The clients of one run of the command; `choose` comes first."""

    def __init__(self) -> None:
        with asking("AWS", "the session"):
            self._session = boto3.Session()
            self.clients = Clients()

    @cached_property
    def sts(self) -> "STSClient":
        """STS."""
        return self._session.client("sts", config=_SLOW)

    @cached_property
    def s3(self) -> "S3Client":
        """S3 of the region."""
        return self._session.client("s3", config=_SLOW)

    @cached_property
    def cloudformation(self) -> "CloudFormationClient":
        """CloudFormation."""
        return self._session.client("cloudformation", config=_SLOW)

    @cached_property
    def cloudtrail(self) -> "CloudTrailClient":
        """CloudTrail."""
        return self._session.client("cloudtrail", config=_SLOW)

    @cached_property
    def logs(self) -> Any:
        """CloudWatch Logs; no stubs are installed for it."""
        make: Any = self._session.client
        return make("logs", config=_SLOW)
