"""A consumer's health endpoint on the loopback interface, which does whatever a test tells it to."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

Respond = Callable[[socket.socket], None]


class Endpoint:
    """Accepts connections one after the other and records what it sees of them."""

    def __init__(self, certificate: Path | None) -> None:
        self._tls = None
        if certificate is not None:
            self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self._tls.load_cert_chain(certificate)
            self._tls.sni_callback = lambda _connection, name, _context: self.names_asked_for.append(name)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self.requests: list[bytes] = []
        self.names_asked_for: list[str | None] = []
        self.over = Event()
        self.respond: Respond = lambda _connection: None
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    def says(self, *pieces: bytes) -> None:
        """Send these, each in a record of its own, and close."""

        def respond(connection: socket.socket) -> None:
            for piece in pieces:
                connection.sendall(piece)

        self.respond = respond

    def answers(self, body: bytes, status: str = "200 OK", *headers: str) -> None:
        """Answer like a web server."""
        lines = (f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers)
        self.says("".join(f"{line}\r\n" for line in (*lines, "")).encode() + body)

    def falls_silent(self) -> None:
        """Answer nothing, and keep the connection."""
        self.respond = lambda _connection: _wait(self.over)

    def close(self) -> None:
        self.over.set()
        # A thread that waits in accept is not woken by closing the socket under it.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=10)
        self._listener.close()
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        while not self.over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            # A client that goes away in the middle is what many of the tests are about.
            with closing(connection), suppress(OSError):
                connection.settimeout(10)
                self._serve_one(connection)

    def _serve_one(self, plain: socket.socket) -> None:
        with closing(self._tls.wrap_socket(plain, server_side=True) if self._tls else plain) as connection:
            request = b""
            while not request.endswith(b"\r\n\r\n"):
                piece = connection.recv(4_096)
                if not piece:
                    return
                request += piece
            self.requests.append(request)
            self.respond(connection)
            # Without this the client may meet a reset before it has read everything.
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
                _drain(connection)


def _wait(over: Event) -> None:
    over.wait(10)


def _drain(connection: socket.socket) -> None:
    while connection.recv(4_096):
        continue


@contextmanager
def serving(certificate: Path | None) -> Iterator[Endpoint]:
    """An endpoint with that certificate; with None one that speaks plain HTTP."""
    endpoint = Endpoint(certificate)
    try:
        yield endpoint
    finally:
        endpoint.close()
