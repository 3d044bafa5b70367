"""The one place every request of this process passes, whoever made the client: records, observers, then the wire.

A handler among botocore's built-in ones reaches every client made after this module was imported, also clients inside
somebody else's function. While a world runs, a request to any other host is refused: nothing leaves the machine.
"""

import re
import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import botocore.handlers
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import EndpointConnectionError

from simulator.exchange import Answer, Observer, Request
from simulator.invocation import current_invocation
from simulator.wire import Body, Wire, header_text

_CREDENTIAL = re.compile(r"Credential=([^/]+)/[^/]+/([^/]*)/([^/]+)/")
# All that a record of the request is made from.
_TELLING = ("authorization", "x-amz-target", "content-type")
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost"})


class OtherHostError(EndpointConnectionError):
    """A request to a host that is not the embedded AWS: to its maker it looks like a host that cannot be reached."""

    fmt = 'Could not connect to the endpoint URL: "{endpoint_url}" (the embedded AWS lets nothing out)'


@dataclass(slots=True)
class Switchboard:
    """Where the requests of a running world go."""

    port: int
    wire: Wire
    observers: list[Observer] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    refused_hosts: list[str] = field(default_factory=list)

    def carry(self, service_id: str, operation: str, prepared: AWSPreparedRequest) -> AWSResponse:
        url = urlsplit(prepared.url)
        if url.hostname not in LOOPBACK_NAMES or url.port != self.port:
            self.refused_hosts.append(url.netloc)
            raise OtherHostError(endpoint_url=f"{url.scheme}://{url.netloc}")
        request = self._record(service_id, operation, prepared)
        if getattr(_hook, "running", False):
            return self._send(request, prepared)
        answer = self._ask(request)
        response = self._send(request, prepared) if answer is None else _response(prepared, request, answer)
        self._tell(request)
        return response

    def _record(self, service_id: str, operation: str, prepared: AWSPreparedRequest) -> Request:
        headers = {name: header_text(prepared.headers[name]) for name in _TELLING if name in prepared.headers}
        credential = _CREDENTIAL.search(headers.get("authorization", ""))
        invocation = None if getattr(_hook, "running", False) else current_invocation()
        url = urlsplit(prepared.url)
        service = credential[3] if credential else service_id
        with _numbering:
            request = Request(
                index=len(self.requests) + 1,
                service=service,
                operation=operation,
                method=str(prepared.method),
                host=url.netloc,
                path=url.path,
                target=headers.get("x-amz-target", ""),
                protocol=protocol_of(service, headers),
                principal=credential[1] if credential else "",
                function=invocation.function if invocation else None,
                invocation=invocation.id if invocation else None,
                step=invocation.step if invocation else None,
            )
            self.requests.append(request)
        if invocation:
            invocation.requests.append(request)
            prepared.headers["X-Simulator-Function"] = invocation.function
        return request

    def _ask(self, request: Request) -> Answer | None:
        _hook.running = True
        try:
            for observer in list(self.observers):
                answer = observer.before(request)
                if answer is not None:
                    return answer
            return None
        finally:
            _hook.running = False

    def _send(self, request: Request, prepared: AWSPreparedRequest) -> AWSResponse:
        response = self.wire.send(prepared)
        request.status = response.status_code
        return response

    def _tell(self, request: Request) -> None:
        _hook.running = True
        try:
            for observer in list(self.observers):
                observer.after(request)
        finally:
            _hook.running = False


def protocol_of(service: str, headers: dict[str, str]) -> str:
    """`s3`, `json`, `query` or `rest-json`: how this service spells an error."""
    if service == "s3":
        return "s3"
    if "x-amz-target" in headers:
        return "json"
    return "query" if headers.get("content-type", "").startswith("application/x-www-form-urlencoded") else "rest-json"


def _response(prepared: AWSPreparedRequest, request: Request, answer: Answer) -> AWSResponse:
    request.status = answer.status
    headers = HTTPHeaders()
    for name, value in answer.headers.items():
        headers[name] = value
    return AWSResponse(prepared.url, answer.status, headers, Body(answer.body))


_hook = threading.local()
_numbering = threading.Lock()
_running: list[Switchboard] = []


def connect(switchboard: Switchboard) -> None:
    """From now on requests go through this switchboard."""
    _running.append(switchboard)


def disconnect(switchboard: Switchboard) -> None:
    """Back to what was before."""
    _running.remove(switchboard)


def _before_send(event_name: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
    if not _running:
        return None
    names = event_name.split(".", 2)
    return _running[-1].carry(names[1], names[2], request)


# Last, so that a hook the function itself registers can refuse a request before it is carried out.
botocore.handlers.BUILTIN_HANDLERS.append(("before-send", _before_send, botocore.handlers.REGISTER_LAST))
