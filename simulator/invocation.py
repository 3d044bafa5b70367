"""One run of a function: its context object, its requests, and what it wrote to standard output and error."""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from simulator.exchange import Request

_numbers = itertools.count(1)
_thread = threading.local()


@dataclass(slots=True)
class Invocation:
    """What is known of a running or finished invocation."""

    function: str
    step: str | None
    id: str = field(default_factory=lambda: f"00000000-0000-4000-8000-{next(_numbers):012d}")
    requests: list[Request] = field(default_factory=list)
    output: list[str] = field(default_factory=list)
    peak_rss_kib: int | None = None

    def write(self, text: str) -> None:
        """Append output; whole lines only are kept apart, as CloudWatch does."""
        *lines, rest = (self._pending() + text).split("\n")
        self.output.extend(line for line in lines if line)
        if rest:
            self.output.append(rest + _UNFINISHED)

    def _pending(self) -> str:
        if self.output and self.output[-1].endswith(_UNFINISHED):
            return self.output.pop()[: -len(_UNFINISHED)]
        return ""

    def close(self) -> None:
        """End the last line."""
        rest = self._pending()
        if rest:
            self.output.append(rest)


_UNFINISHED: Final = "\0"


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """The second argument of a handler, with the attributes Lambda gives.

    See: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    function_name: str
    invoked_function_arn: str
    aws_request_id: str
    deadline: float
    monotonic: Callable[[], float]
    memory_limit_in_mb: int = 256
    function_version: str = "$LATEST"
    log_group_name: str = ""
    log_stream_name: str = ""
    identity: None = None
    client_context: None = None

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function would be stopped; never below zero."""
        return max(0, round((self.deadline - self.monotonic()) * 1000))


def current_invocation() -> Invocation | None:
    """The invocation this thread is running. Threads a function starts of its own are not followed."""
    return getattr(_thread, "invocation", None)


@contextmanager
def running(invocation: Invocation) -> Iterator[Invocation]:
    """This thread runs `invocation` inside the block."""
    before = current_invocation()
    _thread.invocation = invocation
    try:
        yield invocation
    finally:
        _thread.invocation = before
        invocation.close()
