"""Whose credentials and which region, and the clients that follow from them."""

import os
import re
import shlex
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

_SECRET_ARN: Final = re.compile(r"arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+):([0-9]{12}):secret:.+")
_PROFILE: Final = "AWS_PROFILE"
_OTHER_PROFILE: Final = "AWS_DEFAULT_PROFILE"  # the SDK reads it before the first, and the CDK not at all
_KEY: Final = "AWS_ACCESS_KEY_ID"
_REGION: Final = "AWS_DEFAULT_REGION"
# All of these win over a profile named in the environment, and a person who names one means it.
_STRONGER: Final = (
    _OTHER_PROFILE,
    _KEY,
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
)
# Where the SDK goes on to look when a profile has no credentials: the machine's own, whoever those are.
_NOT_OF_A_PROFILE: Final = frozenset({"env", "ec2-credentials-file", "boto-config", "container-role", "iam-role"})
# A template of half a megabyte takes CloudFormation seconds.
_SLOW: Final = Config(
    connect_timeout=3,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 4},
    user_agent_extra="vsync-rotation",
)


def choose(region: str | None, profile: str | None) -> None:
    """Set them in this process's environment: what every part of the SDK reads, and every child process.

    Raises:
        RotationError: there is no such profile, or other credentials than its own would be used.
    """
    if region is not None:
        os.environ[_REGION] = region
    if profile is None:
        _let_the_environment_say_one_thing()
    else:
        for name in _STRONGER:
            os.environ.pop(name, None)
        os.environ[_PROFILE] = profile
        _require_own_credentials()


def _let_the_environment_say_one_thing() -> None:
    """Come to the SDK's own choice: the CDK's command line would take a profile before a key pair beside it.

    Otherwise one account is looked at and another deployed to, and commands that are suggested go to a third.
    """
    profile = os.environ.get(_OTHER_PROFILE) or os.environ.get(_PROFILE)
    if not profile:
        return
    if os.environ.get(_KEY):
        with asking("AWS", "the session"):
            region = boto3.Session().region_name  # perhaps the profile's
        if region is not None:
            os.environ[_REGION] = region
        os.environ.pop(_PROFILE, None)
    else:
        os.environ[_PROFILE] = profile
    os.environ.pop(_OTHER_PROFILE, None)


def region_in(secret_id: str) -> str | None:
    """The region of a secret's ARN; None for a name."""
    arn = _SECRET_ARN.fullmatch(secret_id)
    return arn[1] if arn else None


def account_in(secret_id: str) -> str | None:
    """The account of a secret's ARN; None for a name."""
    arn = _SECRET_ARN.fullmatch(secret_id)
    return arn[2] if arn else None


def same_place(region: str) -> str:
    """The options with which a command that is suggested to a person goes to this region with these credentials."""
    return f"--region {region} {same_credentials()}".rstrip()


def same_credentials() -> str:
    """The option with which a suggested command has this one's credentials; empty where it needs none."""
    profile = os.environ.get(_PROFILE)
    return f"--profile {shlex.quote(profile)}" if profile else ""


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


def _require_own_credentials() -> None:
    with asking("AWS", "the session"):
        session = boto3.Session()
        if session._session.get_scoped_config().get("credential_source") == "Environment":  # noqa: SLF001 - no other way
            raise SettingsError(
                "the profile takes its credentials from the environment, which a profile that is named wins over",
                remedy="set what aws configure export-credentials --format env says of it, and leave --profile out",
            )
        credentials = session.get_credentials()
    if credentials is not None and credentials.method in _NOT_OF_A_PROFILE:
        raise SettingsError(
            "the profile has no credentials of its own, and this machine's would be used in their place",
            remedy="complete the profile, or leave --profile out if this machine's are meant",
        )


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
