"""SDK clients: made on first use, kept for the life of the environment, bounded by the invocation's deadline.

A client costs tens of milliseconds and a TLS handshake, so none is made that is not used, and none is made twice. The
exceptions are the clients that carry a secret's own credentials: they live for one invocation.
"""

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import boto3
from botocore.config import Config

from vsync_rotation.engine.deadline import Deadline
from vsync_rotation.errors import SettingsError
from vsync_rotation.formats.credentials import Credentials
from vsync_rotation.formats.endpoint import Endpoint

if TYPE_CHECKING:
    from mypy_boto3_apprunner import AppRunnerClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_eks import EKSClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient

# Control-plane calls answer within a second; one that does not is dead, and a second try is worth more than waiting.
_CONTROL: Final = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 4},
    user_agent_extra="vsync-rotation",
)
# An event is best effort and comes last: a bus that does not answer at once must not hold up the answer.
_TELLING: Final = _CONTROL.merge(
    Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})
)
# CreateAccessKey has no idempotency token: a second request of the SDK's makes a second key nobody receives.
_ONCE: Final = _CONTROL.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
# Path style works with every store; other stores refuse the checksums that the SDK adds by default.
_OBJECTS: Final = _CONTROL.merge(
    Config(
        read_timeout=15,
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
)
# Polling with a new key makes its own tries, each of which must be quick.
_PROBE: Final = _OBJECTS.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))


class _Client(Protocol):
    @property
    def meta(self) -> Any: ...


C = TypeVar("C", bound=_Client)


class Clients:
    """The clients of one environment. `bound_by` must be called at the start of each invocation."""

    def __init__(self) -> None:
        self._session = boto3.Session()
        self._deadline: Deadline | None = None
        self._vaults: dict[tuple[str, str], S3Client] = {}

    def bound_by(self, deadline: Deadline) -> None:
        """Refuse every request, the SDK's own retries included, once the deadline has passed."""
        self._deadline = deadline

    @cached_property
    def secrets_manager(self) -> "SecretsManagerClient":
        """Secrets Manager."""
        return self._bounded(self._session.client("secretsmanager", config=_CONTROL))

    @cached_property
    def iam(self) -> "IAMClient":
        """IAM, for everything that may be repeated."""
        return self._bounded(self._session.client("iam", config=_CONTROL))

    @cached_property
    def iam_once(self) -> "IAMClient":
        """IAM, for the one call that may not be repeated."""
        return self._bounded(self._session.client("iam", config=_ONCE))

    @cached_property
    def events(self) -> "EventBridgeClient":
        """EventBridge; not bound by the deadline, whose margin is kept for telling that it passed."""
        return self._session.client("events", config=_TELLING)

    @cached_property
    def cloudwatch(self) -> "CloudWatchClient":
        """CloudWatch."""
        return self._bounded(self._session.client("cloudwatch", config=_CONTROL))

    @cached_property
    def systems_manager(self) -> "SSMClient":
        """Systems Manager."""
        return self._bounded(self._session.client("ssm", config=_CONTROL))

    @cached_property
    def ecs(self) -> "ECSClient":
        """ECS."""
        return self._bounded(self._session.client("ecs", config=_CONTROL))

    @cached_property
    def functions(self) -> "LambdaClient":
        """Lambda."""
        return self._bounded(self._session.client("lambda", config=_CONTROL))

    @cached_property
    def eks(self) -> "EKSClient":
        """EKS, which tells where a cluster's own API is."""
        return self._bounded(self._session.client("eks", config=_CONTROL))

    @cached_property
    def app_runner(self) -> "AppRunnerClient":
        """App Runner."""
        return self._bounded(self._session.client("apprunner", config=_CONTROL))

    @cached_property
    def topics(self) -> "SNSClient":
        """SNS."""
        return self._bounded(self._session.client("sns", config=_CONTROL))

    @cached_property
    def sts_signing(self) -> "STSClient":
        """STS of the region, for requests that are signed here and sent by somebody else.

        Always AWS's own host, whatever `AWS_ENDPOINT_URL` says: the receiver takes no other.
        """
        own_host = Config(ignore_configured_endpoint_urls=True)  # type: ignore[call-arg]  # the stubs lack it
        return self._bounded(self._session.client("sts", config=_CONTROL.merge(own_host)))

    def seconds_left(self, at_most: float) -> float:
        """How long something that is no SDK request may take: until the deadline, `at_most` and never nothing."""
        return at_most if self._deadline is None else max(0.1, min(at_most, self._deadline.remaining_seconds()))

    def vault_as_function(self, endpoint: Endpoint, region: str) -> "S3Client":
        """S3 with the function's own credentials. The caller has made sure that the endpoint is AWS's."""
        key = (endpoint.url, region)
        if key not in self._vaults:
            self._vaults[key] = self._bounded(
                self._vault_client(endpoint_url=endpoint.url, region_name=region, config=_OBJECTS)
            )
        return self._vaults[key]

    def vault_as(self, credentials: Credentials, endpoint: Endpoint, region: str) -> "S3Client":
        """S3 with a secret's credentials, for one invocation."""
        return self._bounded(self._s3(credentials, endpoint, region, _OBJECTS))

    def vault_probe(self, credentials: Credentials, endpoint: Endpoint, region: str) -> "S3Client":
        """S3 with credentials under test, for one invocation."""
        return self._bounded(self._s3(credentials, endpoint, region, _PROBE))

    def sts_probe(self, credentials: Credentials) -> "STSClient":
        """STS with credentials under test, for one invocation."""
        return self._bounded(
            self._session.client(
                "sts",
                config=_PROBE,
                aws_access_key_id=credentials.access_key_id,
                aws_secret_access_key=credentials.secret_access_key.reveal(),
            )
        )

    def _s3(self, credentials: Credentials, endpoint: Endpoint, region: str, config: Config) -> "S3Client":
        return self._vault_client(
            endpoint_url=endpoint.url,
            region_name=region,
            config=config,
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key.reveal(),
        )

    def _vault_client(self, **details: Any) -> "S3Client":
        """A client for a place that a config names.

        Raises:
            SettingsError: the SDK is narrower than our formats in what it takes for a host or a region.
        """
        with suppress(ValueError):  # what it raises for both; the region's error is one too
            return self._session.client("s3", **details)
        raise SettingsError(
            "the SDK makes no client for the endpoint's host or the region",
            remedy="correct endpoint and region in the config secret",
        )

    def _bounded(self, client: C) -> C:
        client.meta.events.register("before-send", self._refuse_after_deadline)
        return client

    def _refuse_after_deadline(self, **_request: object) -> None:
        if self._deadline is not None:
            self._deadline.require(0, "another request")
