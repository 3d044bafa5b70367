"""The addresses of a host name, within a time."""

import socket
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final

from vsync_rotation.web.addresses import Address

Resolve = Callable[[str, int], Iterable[str]]

_ADDRESS: Final = 4
_HOST: Final = 0


def system_resolve(host: str, port: int) -> tuple[str, ...]:
    """What the system's resolver says, in the order in which it would be tried.

    It also takes numbers for addresses (`2130706433`, `0x7f.1`), which is why addresses are judged, never names.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[_ADDRESS][_HOST]) for entry in found))


def addresses_of(host: str, port: int, resolve: Resolve, seconds: float) -> tuple[Address, ...]:
    """Every address of the host; none where it has none.

    Raises:
        TimeoutError: the resolver did not answer within `seconds`.
    """
    answers: SimpleQueue[tuple[Address, ...]] = SimpleQueue()

    def look_up() -> None:
        try:
            found = tuple(ip_address(text) for text in resolve(host, port))
        except (OSError, ValueError):
            found = ()
        answers.put(found)

    # getaddrinfo has no time limit: it waits for every name server in turn, 30 seconds and more. The thread is left
    # behind then; it ends with its answer, or with the environment.
    Thread(target=look_up, daemon=True).start()
    try:
        return answers.get(timeout=max(seconds, 0))
    except Empty:
        raise TimeoutError from None
