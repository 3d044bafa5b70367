"""The embedded AWS as one WSGI application: doors that may answer a request, then moto.

A door stands for something a service does before its own work (who are you, may you, is the condition met), for every
caller alike: this process, another one, or a plain HTTP client.
"""

import io
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.client import responses
from typing import Any
from urllib.parse import parse_qs, unquote

from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY

from simulator.error_answers import error_answer
from simulator.exchange import Answer
from simulator.switchboard import protocol_of
from simulator.wire import Wsgi

_CREDENTIAL = re.compile(r"Credential=([^/]+)/[^/]+/([^/]*)/([^/]+)/")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as the service reads it. Header names are lower case."""

    method: str
    raw_path: str
    query_string: str
    headers: dict[str, str]
    body: bytes
    key_id: str
    region: str
    service: str

    @property
    def path(self) -> str:
        return unquote(self.raw_path)

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.query_string, keep_blank_values=True).items()}

    def refused(self, status: int, code: str, message: str) -> Answer:
        """An error in the words of the service that was asked."""
        return error_answer(protocol_of(self.service, self.headers), self.method, status, code, message)


Door = Callable[[Incoming], Answer | None]


class FrontDoor:
    """Asks the doors in turn and hands on to moto what none of them answers. One request at a time."""

    def __init__(self, moto: Wsgi, doors: list[Door]) -> None:
        self._moto = moto
        self._doors = doors
        # moto keeps its state in plain dictionaries; without this two functions could tear one in half.
        self._lock = threading.RLock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        incoming = _read(environ)
        with self._lock:
            for door in self._doors:
                answer = door(incoming)
                if answer is not None:
                    status = f"{answer.status} {responses.get(answer.status, 'Error')}"
                    start_response(status, [*answer.headers.items(), ("Content-Length", str(len(answer.body)))])
                    return [answer.body]
            return self._moto(environ, start_response)


def _read(environ: dict[str, Any]) -> Incoming:
    length = environ.get("CONTENT_LENGTH")
    stream = environ["wsgi.input"]
    body = stream.read(int(length)) if length else stream.read() if environ.get("wsgi.input_terminated") else b""
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    names = environ.get(PRESERVED_HEADER_NAMES_ENVIRON_KEY) or {}
    headers = {
        names.get(key, key[5:].replace("_", "-")).lower(): str(value)
        for key, value in environ.items()
        if key.startswith("HTTP_")
    }
    headers["content-type"] = str(environ.get("CONTENT_TYPE", ""))
    headers["content-length"] = str(len(body))
    credential = _CREDENTIAL.search(headers.get("authorization", ""))
    key_id, region, service = credential.groups() if credential else ("", "", "")
    raw = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or environ["PATH_INFO"])
    return Incoming(
        method=environ["REQUEST_METHOD"],
        raw_path=raw.partition("?")[0],
        query_string=environ.get("QUERY_STRING", ""),
        headers=headers,
        body=body,
        key_id=key_id,
        region=region,
        service=service or ("s3" if "x-amz-target" not in headers else ""),
    )
