"""Health endpoints, as `gates.HealthProbe`: one bounded GET over TLS to an address that was judged before.

On the standard library rather than urllib3, which boto3 brings: urllib3's time-outs begin anew with every byte, so that
a server that drips could hold a function for hours, and it follows redirects, repeats requests and unpacks bodies
unless each is turned off. Here none of that exists.
"""

import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from functools import cached_property
from typing import Final

from vsync_rotation.consumers import HealthUrl
from vsync_rotation.engine.deadline import Deadline
from vsync_rotation.engine.ports import Clock
from vsync_rotation.gates import Health, NoAnswer
from vsync_rotation.web.addresses import Address, is_private, is_public, may_be_private
from vsync_rotation.web.answers import read_answer
from vsync_rotation.web.names import Resolve, addresses_of, system_resolve
from vsync_rotation.web.stream import BoundedStream, TooLongError

# For all of it, from the host's name to the last byte. A check asks every waiting consumer of a fleet in turn.
MAX_SECONDS: Final = 5.0
# Status line, headers and body; an answer has about a hundred bytes of its own, and proxies add headers.
MAX_BYTES: Final = 65_536
# A name may have any number of addresses, and each gets its share of the time.
_MAX_ADDRESSES_TRIED: Final = 4
_HTTPS_PORT: Final = 443

# OpenSSL's numbers, because its texts quote the certificate.
# See: https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/
_CERTIFICATES: Final[Mapping[int, NoAnswer]] = {
    9: NoAnswer.CERTIFICATE_EXPIRED,  # not yet valid
    10: NoAnswer.CERTIFICATE_EXPIRED,
    62: NoAnswer.CERTIFICATE_OF_ANOTHER_HOST,
    64: NoAnswer.CERTIFICATE_OF_ANOTHER_HOST,  # an IP address
}

Connect = Callable[[tuple[str, int], float], socket.socket]


class HealthEndpoints:
    """Asks health URLs. Keep it as long as the environment lives: the trusted certificates are read once.

    Trusted are the system's authorities, or those of the file that `SSL_CERT_FILE` names: a private host with a
    private authority needs it.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        max_seconds: float = MAX_SECONDS,
        resolve: Resolve = system_resolve,
        connect: Connect = socket.create_connection,
    ) -> None:
        self._clock = clock
        self._max_seconds = max_seconds
        self._resolve = resolve
        self._connect = connect

    def ask(self, url: HealthUrl) -> Health:
        """One GET, or none where an address of the host may not be asked; within `max_seconds`. Never raises for it."""
        deadline = Deadline(self._clock, self._clock.monotonic() + self._max_seconds)
        try:
            addresses = addresses_of(url.host, url.port, self._resolve, deadline.remaining_seconds())
            if not addresses:
                return NoAnswer.NO_ADDRESS
            # All of them: one that is private shows that the name is not what it should be.
            if not all(_may_be_asked(url.host, address) for address in addresses):
                return NoAnswer.ADDRESS_REFUSED
            return self._asked(url, addresses[:_MAX_ADDRESSES_TRIED], deadline)
        except TimeoutError:
            return NoAnswer.TIMED_OUT
        except TooLongError:
            return NoAnswer.TOO_LONG
        except ssl.SSLCertVerificationError as error:
            return _CERTIFICATES.get(error.verify_code, NoAnswer.CERTIFICATE_UNTRUSTED)
        except ssl.SSLError:
            return NoAnswer.NOT_TLS
        except OSError:
            return NoAnswer.UNREACHABLE

    def _asked(self, url: HealthUrl, addresses: Sequence[Address], deadline: Deadline) -> Health:
        with closing(self._connected(addresses, url.port, deadline)) as plain:
            plain.settimeout(_time_left(deadline))
            # The handshake is one operation, and its time-out holds for all of it. The name is checked by it, not the
            # address: so an address that a hostile name server gave still has to prove that it is this host.
            with closing(self._tls.wrap_socket(plain, server_hostname=url.host)) as connection:
                connection.settimeout(_time_left(deadline))
                connection.sendall(_request(url))
                return read_answer(BoundedStream(connection, deadline, MAX_BYTES), MAX_BYTES)

    def _connected(self, addresses: Sequence[Address], port: int, deadline: Deadline) -> socket.socket:
        """A connection to the first address that takes one, among those that were judged.

        To the address, not to the name: asked a second time, a hostile name server gives another address.

        Raises:
            OSError: none takes one.
        """
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            share_seconds = _time_left(deadline) / left
            with suppress(OSError):
                return self._connect((str(address), port), share_seconds)
        raise OSError("no address takes a connection")

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


def _may_be_asked(host: str, address: Address) -> bool:
    return is_public(address) or (is_private(address) and may_be_private(host))


def _time_left(deadline: Deadline) -> float:
    remaining_seconds = deadline.remaining_seconds()
    if remaining_seconds <= 0:
        raise TimeoutError
    return remaining_seconds


def _request(url: HealthUrl) -> bytes:
    """No cookie, no credential, nothing about the vault. Host and path have no character that HTTP would stumble on."""
    host = url.host if url.port == _HTTPS_PORT else f"{url.host}:{url.port}"
    lines = (
        f"GET {url.path} HTTP/1.1",
        f"Host: {host}",
        "Accept: application/json",
        "Accept-Encoding: identity",
        "User-Agent: vsync-rotation",
        "Connection: close",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii")
