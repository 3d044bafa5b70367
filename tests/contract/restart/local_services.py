"""The consumers' services on a loopback socket: each request is held against the service's own model, then answered.

A request that breaks the model (method, path, target, content type, members, signature) or that the test did not
prepare is a finding, and so is an answer that nobody asked for.
"""

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel
from botocore.validate import ParamValidator

# Signing name -> the model's folder; they differ nowhere here.
SERVICES: Final = ("ecs", "lambda", "eks", "apprunner", "ssm", "sns")
# Environment variable -> which service it aims. The names are of the service ids.
ENDPOINT_VARIABLES: Final = tuple(
    f"AWS_ENDPOINT_URL_{name}" for name in ("ECS", "LAMBDA", "EKS", "APPRUNNER", "SSM", "SNS")
)
_AUTHORIZATION: Final = re.compile(
    r"AWS4-HMAC-SHA256 Credential=[^/,]+/\d{8}/(?P<region>[a-z0-9-]+)/(?P<service>[a-z]+)/aws4_request, "
    r"SignedHeaders=(?P<signed>[a-z0-9;-]+), Signature=[0-9a-f]{64}"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as the service understands it."""

    operation: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service says; `hang`: nothing at all, until the test is over."""

    status: int = 200
    body: Mapping[str, Any] | str = field(default_factory=dict)
    error: str = ""
    hang: bool = False


HANGS: Final = Answer(hang=True)


def refusal(code: str, status: int = 400) -> Answer:
    """An error in the spelling of the service that answers; its message quotes what nobody may repeat."""
    return Answer(status, error=code)


class LocalServices:
    """One server for all of them; `prepare` what an operation answers, then look at `asked` and `findings`."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.findings: list[str] = []
        self._answers: dict[str, list[Answer]] = {}
        self._over = threading.Event()
        services = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are two writes, and a delayed acknowledgement between them

            def do_GET(self) -> None:
                self._serve()

            def do_POST(self) -> None:
                self._serve()

            def do_PUT(self) -> None:
                self._serve()

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, kind, text = services.serve(self.command, self.path, headers, body)
                if not status:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def begin(self) -> None:
        """For a new test: nothing prepared, nothing asked."""
        self.asked, self.findings, self._answers, self._over = [], [], {}, threading.Event()

    def end(self) -> list[str]:
        """Let go of what hangs. Returns the findings of this test."""
        self._over.set()
        left = [f"{operation} was never asked" for operation, answers in self._answers.items() if answers]
        return self.findings + left

    def stop(self) -> None:
        """For good."""
        self._server.shutdown()
        self._server.server_close()

    def prepare(self, operation: str, *answers: Answer | Mapping[str, Any]) -> None:
        """What the operation answers, one after the other."""
        whole = [answer if isinstance(answer, Answer) else Answer(body=answer) for answer in answers]
        self._answers.setdefault(operation, []).extend(whole)

    def operations(self) -> list[str]:
        """What was asked, in order."""
        return [asked.operation for asked in self.asked]

    def serve(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str, bytes]:
        """Understand a request and answer it; a status of 0 hangs up."""
        try:
            model, operation, parameters = _understood(method, path, headers, body)
        except AssertionError as finding:
            self.findings.append(f"{method} {path}: {finding}")
            return 400, "text/plain", b""
        self.asked.append(Asked(operation.name, parameters))
        answers = self._answers.get(operation.name, [])
        if not answers:
            self.findings.append(f"{operation.name} was not expected (any more)")
            return 400, "text/plain", b""
        answer = answers.pop(0)
        if answer.hang:
            self._over.wait(30)
            return 0, "", b""
        return _spelled(answer, model)


def _understood(
    method: str, path: str, headers: dict[str, str], body: bytes
) -> tuple[ServiceModel, OperationModel, dict[str, Any]]:
    signature = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    assert signature, "no signature of version 4"
    assert {"host", "x-amz-date"} <= set(signature["signed"].split(";")), "host and date are not signed"
    assert signature["region"] == "eu-central-1"
    assert signature["service"] in SERVICES, f"signed for {signature['service']}"
    model = _model(signature["service"])
    match model.metadata["protocol"]:
        case "json":
            operation, parameters = _of_json(model, method, path, headers, body)
            assert "x-amz-target" in signature["signed"].split(";"), "the target is not signed"
        case "rest-json":
            operation, parameters = _of_rest(model, method, path, headers, body)
        case _:
            operation, parameters = _of_query(model, method, path, headers, body)
    assert operation.input_shape is not None
    report = ParamValidator().validate(parameters, operation.input_shape)
    assert not report.has_errors(), report.generate_report()
    return model, operation, parameters


def _of_json(
    model: ServiceModel, method: str, path: str, headers: dict[str, str], body: bytes
) -> tuple[OperationModel, dict[str, Any]]:
    assert (method, path) == ("POST", "/"), f"{method} {path}"
    kind = f"application/x-amz-json-{model.metadata['jsonVersion']}"
    assert headers["content-type"] == kind, headers["content-type"]
    prefix, _, name = headers["x-amz-target"].rpartition(".")
    assert prefix == model.metadata["targetPrefix"], prefix
    return model.operation_model(name), json.loads(body)


def _of_rest(
    model: ServiceModel, method: str, path: str, headers: dict[str, str], body: bytes
) -> tuple[OperationModel, dict[str, Any]]:
    url = urlsplit(path)
    for name in model.operation_names:
        operation = model.operation_model(name)
        template = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", operation.http["requestUri"])
        found = re.fullmatch(template, url.path)
        if found and operation.http["method"] == method:
            if body:
                assert headers["content-type"] == "application/json", headers["content-type"]
            placed = {part: unquote(value) for part, value in found.groupdict().items()}
            return operation, placed | dict(parse_qsl(url.query)) | (json.loads(body) if body else {})
    raise AssertionError("no operation of the service has this method and path")


def _of_query(
    model: ServiceModel, method: str, path: str, headers: dict[str, str], body: bytes
) -> tuple[OperationModel, dict[str, Any]]:
    assert (method, path) == ("POST", "/"), f"{method} {path}"
    assert headers["content-type"].startswith("application/x-www-form-urlencoded"), headers["content-type"]
    fields = dict(parse_qsl(body.decode(), strict_parsing=True))
    assert fields.pop("Version") == model.metadata["apiVersion"]
    return model.operation_model(fields.pop("Action")), fields


def _spelled(answer: Answer, model: ServiceModel) -> tuple[int, str, bytes]:
    protocol, quoted = model.metadata["protocol"], "a stranger's words"
    if protocol == "query":
        error = f"<Error><Type>Sender</Type><Code>{answer.error}</Code><Message>{quoted}</Message></Error>"
        ending = f"<ErrorResponse>{error}</ErrorResponse>" if answer.error else str(answer.body)
        return answer.status, "text/xml", ending.encode()
    body = {"__type": answer.error, "message": quoted} if answer.error else answer.body
    kind = "application/json" if protocol == "rest-json" else f"application/x-amz-json-{model.metadata['jsonVersion']}"
    return answer.status, kind, json.dumps(body).encode()


@cache
def _model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)
