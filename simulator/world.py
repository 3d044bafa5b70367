"""A world: one embedded AWS with its functions, its clock and the record of everything that happened in it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Self

import boto3
from botocore.config import Config
from moto.secretsmanager.models import secretsmanager_backends

from simulator import corrections
from simulator.access.principals import KeyPair
from simulator.corrections.live_secrets import live_secret
from simulator.corrections.rotation_requests import begin, desks
from simulator.corrections.stored_values import checked_token
from simulator.exchange import Observer
from simulator.functions import DEFAULT_TIMEOUT_SECONDS, Handler, InThisProcess, Policy
from simulator.memoised import MEMOISED
from simulator.other_process import InAnotherProcess
from simulator.run import ACCOUNT_ID, FUNCTION, OPERATOR, Run, Transport
from simulator.server import empty_aws, server
from simulator.surroundings import Surroundings

DEFAULT_REGION: Final = "eu-central-1"


class World(Run):
    """Use as a context manager, or `start()` and `stop()`; one at a time per process.

    `transport` may be changed: the next `reset()` takes it up. See `Run` for the parts and the record.
    """

    def __init__(self, transport: Transport = Transport.IN_PROCESS, region: str = DEFAULT_REGION) -> None:
        super().__init__(transport, region)
        self._clients: dict[tuple[str, KeyPair], Any] = {}
        self._applied = corrections.Applied()
        self._surroundings = Surroundings(
            {
                "AWS_ENDPOINT_URL": self.endpoint_url,
                "AWS_ACCESS_KEY_ID": FUNCTION.access_key_id,
                "AWS_SECRET_ACCESS_KEY": FUNCTION.secret_access_key,
                "AWS_DEFAULT_REGION": region,
                "AWS_REGION": region,
            }
        )

    @property
    def endpoint_url(self) -> str:
        """The same for every world of this process."""
        return server().endpoint_url

    # Beginning and end.

    def start(self) -> Self:
        """Correct moto, empty it, and let every boto3 client of this process find it.

        Raises:
            RuntimeError: another world is running in this process.
        """
        if desks:
            raise RuntimeError("another world is running in this process: moto's state is the process's, stop it first")
        for correction in (*corrections.ALL, MEMOISED):
            self._applied.apply(correction)
        self._surroundings.enter()
        empty_aws()
        self._connect()
        return self

    def stop(self) -> None:
        """Put back everything `start` changed. The server stays for the next world."""
        self._disconnect()
        self.clock.run_freely()
        self._surroundings.leave()
        self._applied.undo()

    def reset(self) -> None:
        """A clean AWS in real time, with no functions and no record; the endpoint stays."""
        self._disconnect()
        self.clock.run_freely()
        empty_aws()
        self._make_parts()
        self._connect()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # For the operator.

    def client(self, service: str, credentials: KeyPair = OPERATOR, **details: Any) -> Any:
        """A boto3 client; without `credentials` it may do everything. `details` go to boto3.

        Without details the same client serves again: making one costs as much as several requests.
        """
        if details:
            return self._made_client(service, credentials, details)
        if (service, credentials) not in self._clients:
            self._clients[service, credentials] = self._made_client(service, credentials, details)
        return self._clients[service, credentials]

    def _made_client(self, service: str, credentials: KeyPair, details: Mapping[str, Any]) -> Any:
        settings = {
            "region_name": self.region,
            "endpoint_url": self.endpoint_url,
            "aws_access_key_id": credentials.access_key_id,
            "aws_secret_access_key": credentials.secret_access_key,
            "config": Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        }
        make: Any = boto3.client
        return make(service, **{**settings, **details})

    def enforce_iam(self) -> None:
        """From now on IAM users, assumed roles and functions with policies may do what their policies allow."""
        self.gate.enforcing = True

    @contextmanager
    def watched_by(self, *observers: Observer) -> Iterator[None]:
        """Observers (faults, for instance) for the duration of the block."""
        self.switchboard.observers.extend(observers)
        try:
            yield
        finally:
            for observer in observers:
                self.switchboard.observers.remove(observer)

    # Functions and rotations.

    def deploy(
        self,
        name: str,
        handler: Handler,
        *,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
        environment: Mapping[str, str] | None = None,
        policies: tuple[Policy, ...] | None = None,
    ) -> str:
        """Deploy a handler that runs in this process. Returns its ARN.

        `policies` are documents of its role, which count once IAM is enforced; None allows everything.
        """
        return self.functions.deploy(name, InThisProcess(handler, environment or {}), timeout_seconds, policies)

    def deploy_in_process(
        self,
        name: str,
        target: str,
        *,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
        environment: Mapping[str, str] | None = None,
        policies: tuple[Policy, ...] | None = None,
    ) -> str:
        """Deploy `module:attribute`, run in a fresh process per invocation. Returns its ARN."""
        return self.functions.deploy(name, InAnotherProcess(target, environment or {}), timeout_seconds, policies)

    def invoke(self, function: str, event: Any, *, remaining_ms: float | None = None) -> Any:
        """Run a function by name or ARN; what it raises is recorded and raised on."""
        return self.functions.invoke(function, event, remaining_ms)

    def begin_rotation(self, secret_id: str, version_id: str | None = None) -> str:
        """Make the empty AWSPENDING version and switch rotation on, but order nothing. Returns the version id."""
        secret = live_secret(secretsmanager_backends[ACCOUNT_ID][self.region], secret_id)
        secret.rotation_requested = secret.rotation_enabled = True
        token = checked_token(version_id)
        self.staleness.remember()
        begin(secret, token)
        return token


__all__ = ["ACCOUNT_ID", "DEFAULT_REGION", "KeyPair", "Transport", "World"]
