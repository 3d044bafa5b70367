"""What a peer sends, up to a number of bytes and an instant."""

import io
import socket
from typing import IO, Any

from vsync_rotation.engine.deadline import Deadline


class TooLongError(Exception):
    """The peer sent more bytes than were to be read."""


class BoundedStream(io.RawIOBase):
    """Reads a connection. A socket's own time-out begins anew with every byte that arrives; this one does not.

    Every byte counts, those of status line, headers and chunk sizes too: no part of an answer has a size of its own.
    """

    def __init__(self, connection: socket.socket, deadline: Deadline, max_bytes: int) -> None:
        super().__init__()
        self._connection = connection
        self._deadline = deadline
        self._left = max_bytes

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what is there, or wait for it.

        Raises:
            TimeoutError: the deadline passed.
            TooLongError: more than `max_bytes` came.
            OSError: the connection failed.
        """
        remaining_seconds = self._deadline.remaining_seconds()
        # Zero would make the socket non-blocking, less is no time-out at all.
        if remaining_seconds <= 0:
            raise TimeoutError
        self._connection.settimeout(remaining_seconds)
        count = self._connection.recv_into(buffer)
        self._left -= count
        if self._left < 0:
            raise TooLongError
        return count

    def makefile(self, _mode: str) -> IO[bytes]:
        """Itself, buffered: what `http.client` asks a socket for."""
        return io.BufferedReader(self)
