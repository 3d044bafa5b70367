"""Clients of one account and region, with the caller's credentials or with others. The only module that makes some."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from vsync_rotation_cli.aws.session import asking

_PATIENT: Final = Config(
    connect_timeout=5,
    read_timeout=60,
    retries={"mode": "standard", "total_max_attempts": 5},
    user_agent_extra="vsync-rotation-acceptance",
)
_SESSION_OF_ROLE: Final = re.compile(r"arn:[a-z-]+:sts::[0-9]{12}:assumed-role/([^/]+)/.+")


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key pair, of a session with its token."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)

    @classmethod
    def of_session(cls, answer: Mapping[str, Any]) -> "Credentials":
        """As STS hands them out."""
        return cls(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])


# Service, credentials (None: the caller's), further arguments of boto3's.
Make = Callable[[str, Credentials | None, Mapping[str, Any]], Any]


class Aws:
    """One account and region, seen with certain credentials."""

    def __init__(self, region: str, make: Make, credentials: Credentials | None = None) -> None:
        self.region = region
        self._make = make
        self._credentials = credentials
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """A client, made once."""
        if service not in self._clients:
            self._clients[service] = self._make(service, self._credentials, {})
        return self._clients[service]

    def plain_http(self, service: str) -> Any:
        """A client of the region's endpoint that does without TLS."""
        return self._make(
            service, self._credentials, {"endpoint_url": f"http://{service}.{self.region}.{_suffix(self.region)}"}
        )

    def seen_with(self, credentials: Credentials) -> "Aws":
        """The same with other credentials."""
        return Aws(self.region, self._make, credentials)

    @cached_property
    def account(self) -> str:
        """Whose account the credentials open.

        Raises:
            RotationError: it could not be found out.
        """
        return str(self._identity["Account"])

    @cached_property
    def principal(self) -> str:
        """The ARN that policies know the caller by: a user's, the root's, or of a session its role's.

        Raises:
            RotationError: it could not be found out.
        """
        arn = str(self._identity["Arn"])
        session = _SESSION_OF_ROLE.fullmatch(arn)
        if session is None:
            return arn
        # A session's ARN leaves out the role's path, which its own has.
        with asking("IAM", "GetRole"):
            return str(self.client("iam").get_role(RoleName=session[1])["Role"]["Arn"])

    @property
    def partition(self) -> str:
        """The partition, as ARNs begin with it."""
        return str(self._identity["Arn"]).split(":")[1]

    @cached_property
    def endpoint(self) -> str:
        """Where Secrets Manager is asked, to tell AWS from anything else.

        Raises:
            RotationError: a setting of this machine's is malformed.
        """
        with asking("Secrets Manager", "the client"):
            return str(self.client("secretsmanager").meta.endpoint_url)

    @cached_property
    def _identity(self) -> Mapping[str, Any]:
        with asking("STS", "GetCallerIdentity"):
            identity: Mapping[str, Any] = self.client("sts").get_caller_identity()
        return identity


def here(region: str) -> Aws:
    """With this machine's credentials, as the AWS command line finds them.

    Raises:
        RotationError: there is no such profile, or a setting of this machine's is malformed.
    """
    with asking("AWS", "the session"):
        session: Any = boto3.Session(region_name=region)

    def make(service: str, credentials: Credentials | None, details: Mapping[str, Any]) -> Any:
        signed = (
            {}
            if credentials is None
            else {
                "aws_access_key_id": credentials.access_key_id,
                "aws_secret_access_key": credentials.secret_access_key,
                "aws_session_token": credentials.session_token,
            }
        )
        return session.client(service, config=_PATIENT, **signed, **details)

    return Aws(region, make)


@dataclass(frozen=True, slots=True)
class Tried:
    """How a request ended: its HTTP status, and the service's error code, empty where there was none."""

    status: int
    code: str
    value: Any = field(default=None, repr=False)

    @property
    def went_well(self) -> bool:
        """Whether it was answered without an error."""
        return not self.code

    def __str__(self) -> str:
        return f"{self.status} {self.code or 'OK'}"


def tried(call: Callable[..., Any], **parameters: Any) -> Tried:
    """Send a request whose refusal is an answer too."""
    try:
        value = call(**parameters)
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return Tried(int(status), str(error.response["Error"]["Code"]), error.response)
    return Tried(int(value["ResponseMetadata"]["HTTPStatusCode"]), "", value)


def _suffix(region: str) -> str:
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
