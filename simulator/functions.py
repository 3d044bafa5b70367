"""Deployed functions: handlers run in this process, each invocation with its own context, output and record."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from simulator.clock import Clock
from simulator.invocation import Invocation, LambdaContext, running
from simulator.output import tapped

Handler = Callable[[Any, Any], Any]
DEFAULT_TIMEOUT_SECONDS: Final = 900  # Lambda's maximum: a test that wants less says so
Policy = Mapping[str, Any]


class FunctionCrashed(BaseException):
    """The function's process died here. Not an Exception, so no `except Exception` in a handler outlives it."""


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception that came out of a function."""

    function: str
    step: str | None
    error: BaseException


class Runner(Protocol):
    """Runs one invocation of a function and gives its result."""

    def run(self, event: Any, context: LambdaContext, invocation: Invocation) -> Any: ...


@dataclass(frozen=True, slots=True)
class InThisProcess:
    """Calls the handler."""

    handler: Handler
    environment: Mapping[str, str]

    def run(self, event: Any, context: LambdaContext, invocation: Invocation) -> Any:
        with running(invocation), _environment(self.environment):
            return self.handler(event, context)


@dataclass(frozen=True, slots=True)
class Function:
    """A deployed function. `policies` is what its role allows; None: everything."""

    name: str
    arn: str
    runner: Runner
    timeout_seconds: float
    policies: tuple[Policy, ...] | None


@dataclass(slots=True)
class Functions:
    """The functions of a world and the record of what they did."""

    arn_prefix: str
    clock: Clock
    deployed: dict[str, Function] = field(default_factory=dict)
    invocations: list[Invocation] = field(default_factory=list)
    raised: list[Raised] = field(default_factory=list)

    def deploy(self, name: str, runner: Runner, timeout_seconds: float, policies: tuple[Policy, ...] | None) -> str:
        """Make or replace a function. Returns its ARN."""
        arn = f"{self.arn_prefix}{name}"
        self.deployed[name] = Function(name, arn, runner, timeout_seconds, policies)
        return arn

    def find(self, name_or_arn: str) -> Function | None:
        """By name, ARN, or ARN with a version or alias."""
        name = name_or_arn.removeprefix(self.arn_prefix).split(":")[0]
        return self.deployed.get(name)

    def invoke(self, name_or_arn: str, event: Any, remaining_ms: float | None = None) -> Any:
        """Run one invocation and give its result; what the handler raises is recorded and raised on."""
        return self.begin(name_or_arn, event, remaining_ms)[1]()

    def begin(
        self, name_or_arn: str, event: Any, remaining_ms: float | None = None
    ) -> tuple[Invocation, Callable[[], Any]]:
        """The record of an invocation that has not begun, and the call that runs it."""
        function = self.find(name_or_arn)
        if function is None:
            raise LookupError(f"no function {name_or_arn} is deployed")
        invocation = Invocation(function.name, event.get("Step") if isinstance(event, dict) else None)
        self.invocations.append(invocation)
        seconds = function.timeout_seconds if remaining_ms is None else remaining_ms / 1000
        return invocation, lambda: self._run(function, event, invocation, seconds)

    def _run(self, function: Function, event: Any, invocation: Invocation, seconds: float) -> Any:
        context = LambdaContext(
            function_name=function.name,
            invoked_function_arn=function.arn,
            aws_request_id=invocation.id,
            deadline=self.clock.monotonic() + seconds,
            monotonic=self.clock.monotonic,
        )
        with tapped():
            try:
                return function.runner.run(event, context, invocation)
            except BaseException as error:
                self.raised.append(Raised(function.name, invocation.step, error))
                raise


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables for the duration; the environment is the process's, so functions with one do not overlap."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
