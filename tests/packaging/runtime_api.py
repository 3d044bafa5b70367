"""The API that Lambda offers to a runtime inside one environment, on loopback: invocations out, reports in.

See: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import queue
import re
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self

_NEXT: Final = "/2018-06-01/runtime/invocation/next"
_INIT_ERROR: Final = "/2018-06-01/runtime/init/error"
_REPORT: Final = re.compile(r"/2018-06-01/runtime/invocation/([^/]+)/(response|error)")


@dataclass(frozen=True, slots=True)
class Invocation:
    """What a runtime gets when it asks for the next one. `deadline_ms` is in milliseconds since 1970."""

    request_id: str
    function_arn: str
    deadline_ms: int
    event: Any


@dataclass(frozen=True, slots=True)
class Answered:
    """The handler returned."""

    request_id: str
    result: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """The handler raised; or, without a request id, the runtime did not get as far as asking for an invocation."""

    request_id: str | None
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The process is gone."""

    status: int


Report = Answered | Failed | Ended


class RuntimeApi:
    """Serves one process at a time; use as a context manager.

    Attributes:
        reports: what was reported, in order.
    """

    def __init__(self, first_asked: Callable[[], None] = lambda: None) -> None:
        """`first_asked` is called while the runtime waits for the answer to its first question."""
        self.reports: queue.SimpleQueue[Report] = queue.SimpleQueue()
        self._first_asked = first_asked
        self._asked = False
        self._invocations: queue.SimpleQueue[Invocation | None] = queue.SimpleQueue()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def address(self) -> str:
        """As AWS_LAMBDA_RUNTIME_API has it."""
        return f"127.0.0.1:{self._server.server_port}"

    def offer(self, invocation: Invocation) -> None:
        """Whoever asks next gets it."""
        self._invocations.put(invocation)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._invocations.put(None)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    # For the server's threads.

    def next(self) -> Invocation | None:
        """Waits for an invocation; None at the end."""
        if not self._asked:
            self._asked = True
            self._first_asked()
        return self._invocations.get()

    def report(self, path: str, body: bytes) -> bool:
        """Whether there is such a place to report to."""
        told = json.loads(body)
        if path == _INIT_ERROR:
            self.reports.put(Failed(None, told["errorType"], told["errorMessage"]))
            return True
        named = _REPORT.fullmatch(path)
        if named is None:
            return False
        if named[2] == "response":
            self.reports.put(Answered(named[1], told))
        else:
            self.reports.put(Failed(named[1], told["errorType"], told["errorMessage"]))
        return True


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, api: RuntimeApi) -> None:
        self.api = api
        super().__init__(("127.0.0.1", 0), _Requests)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A process that was ended leaves its connection in the middle of something: that is no finding."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        if self.path != _NEXT:
            self._answer(404, b"{}")
            return
        invocation = self.server.api.next()
        if invocation is None:
            self.close_connection = True
            return
        self._answer(
            200,
            json.dumps(invocation.event).encode(),
            {
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
                "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
                "Lambda-Runtime-Trace-Id": "Root=1-00000000-000000000000000000000000;Sampled=0",
            },
        )

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        known = self.server.api.report(self.path, body)
        self._answer(202 if known else 404, b'{"status":"OK"}')

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """The record of a run is `RuntimeApi.reports`, not a line on standard error."""
