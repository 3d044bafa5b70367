"""How a request gets from botocore to the embedded AWS: over the loopback socket, or by a call in the same process.

Both carry the same bytes to the same WSGI application. The socket proves what a socket can prove; the call is several
times faster and is what thousands of histories are run over.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session
from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY
from urllib3 import HTTPHeaderDict

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Wire(Protocol):
    """Sends one prepared request and gives the answer, its body streamed where botocore asked for a stream."""

    def send(self, request: AWSPreparedRequest) -> AWSResponse: ...


class Socket:
    """The loopback socket, through botocore's own HTTP session."""

    def __init__(self) -> None:
        self._session = URLLib3Session(max_pool_connections=20)

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        return self._session.send(request)

    def close(self) -> None:
        self._session.close()


class Body(io.BytesIO):
    """The part of urllib3's response that botocore reads a body through."""

    def stream(self, amt: int = 65536, **_: object) -> Iterator[bytes]:
        while chunk := self.read(amt):
            yield chunk


class InProcess:
    """A direct call of the WSGI application."""

    def __init__(self, application: Wsgi) -> None:
        self._application = application

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        head: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> None:
            head[:] = [int(status.split(" ", 1)[0]), headers]

        chunks = self._application(_environ(request), start_response)
        body = b"".join(chunks)
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
        # From a socket, too, the SDK gets them as urllib3 has read them.
        headers: Any = HTTPHeaderDict(head[1])
        return AWSResponse(request.url, head[0], headers, Body(b"" if request.method == "HEAD" else body))


def _environ(request: AWSPreparedRequest) -> dict[str, Any]:
    url = urlsplit(request.url)
    body = _read(request.body)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        # WSGI hands the decoded path over as latin-1 text.
        "PATH_INFO": unquote(url.path, encoding="latin-1"),
        "QUERY_STRING": url.query,
        "RAW_URI": url.path + (f"?{url.query}" if url.query else ""),
        "REQUEST_URI": url.path + (f"?{url.query}" if url.query else ""),
        "SERVER_NAME": url.hostname,
        "SERVER_PORT": str(url.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": url.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        _add_header(environ, name, header_text(value))
    environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def header_text(value: object) -> str:
    """botocore hands header values over as text or bytes, as it happens to have them."""
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _add_header(environ: dict[str, Any], name: str, value: str) -> None:
    key = name.upper().replace("-", "_")
    if key == "TRANSFER_ENCODING":
        return  # the body is whole already
    key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
    environ[key] = value
    if "_" in name:
        # WSGI cannot tell `a_b` from `a-b`; names of object metadata may hold either, so moto takes them from here.
        environ.setdefault(PRESERVED_HEADER_NAMES_ENVIRON_KEY, {})[key] = name


def _read(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return bytes(body.read()) if hasattr(body, "read") else bytes(body)
