"""A health endpoint's answer: HTTP, then a JSON object. All of it is somebody else's text."""

import socket
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from typing import IO, Protocol, cast

from vsync_rotation.formats.json_object import JsonObject, MalformedJsonError
from vsync_rotation.gates import Health, HealthAnswer, NoAnswer


class Source(Protocol):
    """Where an answer is read from."""

    def makefile(self, mode: str, /) -> IO[bytes]:
        """The bytes, buffered."""


def read_answer(source: Source, max_bytes: int) -> Health:
    """Read one answer. Redirects are not followed and compressed bodies not unpacked: neither is an answer.

    Raises:
        whatever the source raises.
    """
    # It takes a socket and asks it for nothing but `makefile`.
    with HTTPResponse(cast("socket.socket", source), method="GET") as response:
        try:
            response.begin()
            if response.status != HTTPStatus.OK:
                return NoAnswer.NOT_OK
            # As many bytes are set aside as the answer announces, unless it is told otherwise.
            body = response.read(max_bytes)
        except (HTTPException, ValueError):
            return NoAnswer.NOT_HTTP
    return _read_body(body)


def _read_body(body: bytes) -> Health:
    try:
        values = JsonObject.parse(body.decode("utf-8")).values()
    except (UnicodeDecodeError, MalformedJsonError):
        return NoAnswer.NOT_AN_OBJECT
    return HealthAnswer.of(values.get("status"), values.get("gen"))
