"""Asking a health URL: a real server over TLS on the loopback interface, and addresses that are never reached."""

import gzip
import json
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from tests.unit.engine.fakes import FakeClock
from tests.unit.web.authority import Authority
from tests.unit.web.conftest import HOST
from tests.unit.web.endpoint import Endpoint, serving
from vsync_rotation.aws.clock import SystemClock
from vsync_rotation.consumers import HealthUrl
from vsync_rotation.gates import HealthAnswer, NoAnswer
from vsync_rotation.web.health import HealthEndpoints

LOOPBACK = "127.0.0.1"
# Addresses of nobody's that count as public; a connection to one of them is an error of the test's.
PUBLIC, OTHER_PUBLIC = "2600::1", "11.0.0.1"
FRESH = b'{"status": "fresh", "gen": 7}'
GOOD = HealthAnswer("fresh", 7)
# Long enough for a loaded machine where nothing should be waited for.
GENEROUS_SECONDS = 60.0
SHORT_SECONDS = 0.2


@dataclass
class Names:
    """A name server that gives one answer after the other, the last one for ever."""

    answers: list[list[str]]
    asked: list[tuple[str, int]] = field(default_factory=list)

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@dataclass
class Wires:
    """Connections to any address lead to the endpoint, but those to a dead one; only the address is another."""

    endpoint: Endpoint
    dead: frozenset[str] = frozenset()
    tried: list[tuple[str, int]] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def __call__(self, address: tuple[str, int], seconds: float) -> socket.socket:
        self.tried.append(address)
        self.waits.append(seconds)
        if address[0] in self.dead:
            raise OSError("unreachable")
        return socket.create_connection((LOOPBACK, self.endpoint.port), seconds)


class TickingClock(FakeClock):
    """Every look at it takes a tenth of a second, so that time passes without anybody waiting."""

    def monotonic(self) -> float:
        self.elapsed += 0.1
        return self.elapsed


def url_of(endpoint: Endpoint, host: str = HOST, path: str = "/health") -> HealthUrl:
    return HealthUrl("web", host, endpoint.port, path)


def loopback_client(seconds: float = GENEROUS_SECONDS) -> HealthEndpoints:
    return HealthEndpoints(SystemClock(), max_seconds=seconds, resolve=Names([[LOOPBACK]]))


@pytest.mark.usefixtures("permission")
class TestAnEndpointThatMayBeAsked:
    def test_a_good_answer_is_read(self, endpoint: Endpoint) -> None:
        endpoint.answers(FRESH)
        assert loopback_client().ask(url_of(endpoint)) == GOOD

    def test_one_plain_request_is_sent_with_nothing_of_ours_in_it(
        self, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-to-be-seen")
        endpoint.answers(FRESH)
        loopback_client().ask(url_of(endpoint))
        assert endpoint.requests == [
            b"GET /health HTTP/1.1\r\n"
            b"Host: health.example:%d\r\n"
            b"Accept: application/json\r\n"
            b"Accept-Encoding: identity\r\n"
            b"User-Agent: vsync-rotation\r\n"
            b"Connection: close\r\n"
            b"\r\n" % endpoint.port
        ]
        assert endpoint.names_asked_for == [HOST]

    def test_the_usual_port_is_not_named(self, endpoint: Endpoint) -> None:
        endpoint.answers(FRESH)
        wires = Wires(endpoint)
        client = HealthEndpoints(SystemClock(), resolve=Names([[PUBLIC]]), connect=wires)
        assert client.ask(HealthUrl("web", HOST, 443, "/")) == GOOD
        assert b"\r\nHost: health.example\r\n" in endpoint.requests[0]
        assert wires.tried == [(PUBLIC, 443)]

    def test_asking_again_asks_again(self, endpoint: Endpoint) -> None:
        client = loopback_client()
        endpoint.answers(b'{"status": "stale", "gen": 6}')
        assert client.ask(url_of(endpoint)) == HealthAnswer("stale", 6)
        endpoint.answers(FRESH)
        assert client.ask(url_of(endpoint)) == GOOD

    @pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 There", "308 There"])
    def test_a_redirect_is_not_followed(self, status: str, endpoint: Endpoint) -> None:
        endpoint.answers(FRESH, status, f"Location: https://{HOST}:{endpoint.port}/other")
        assert loopback_client().ask(url_of(endpoint)) is NoAnswer.NOT_OK
        assert len(endpoint.requests) == 1

    @pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
    def test_a_proxy_of_the_environment_is_not_used(
        self, variable: str, endpoint: Endpoint, certificate: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        endpoint.answers(FRESH)
        with serving(None) as proxy:
            monkeypatch.setenv(variable, f"http://{LOOPBACK}:{proxy.port}")
            assert loopback_client().ask(url_of(endpoint)) == GOOD
        assert proxy.connections == 0

    def test_a_failing_answer_is_not_asked_for_again(self, endpoint: Endpoint) -> None:
        endpoint.says(b"")
        assert loopback_client().ask(url_of(endpoint)) is NoAnswer.NOT_HTTP
        assert (len(endpoint.requests), endpoint.connections) == (1, 1)

    def test_a_bomb_is_not_unpacked(self, endpoint: Endpoint) -> None:
        bomb = gzip.compress(b'{"status": "fresh", "x": "' + b" " * 10_000_000 + b'"}')
        endpoint.answers(bomb, "200 OK", "Content-Encoding: gzip")
        assert loopback_client().ask(url_of(endpoint)) is NoAnswer.NOT_AN_OBJECT


@pytest.mark.usefixtures("permission")
class TestWhoAnswers:
    def test_a_certificate_for_another_host_is_refused(self, authority: Authority) -> None:
        with serving(authority.certificate("other.example")) as endpoint:
            endpoint.answers(FRESH)
            assert loopback_client().ask(url_of(endpoint)) is NoAnswer.CERTIFICATE_OF_ANOTHER_HOST
            assert endpoint.requests == []

    def test_a_certificate_for_the_address_is_one_for_another_host(self, authority: Authority) -> None:
        with serving(authority.certificate(LOOPBACK)) as endpoint:
            endpoint.answers(FRESH)
            assert loopback_client().ask(url_of(endpoint)) is NoAnswer.CERTIFICATE_OF_ANOTHER_HOST
            assert endpoint.requests == []

    def test_an_unknown_authority_is_refused(self, tmp_path: Path) -> None:
        stranger = Authority(tmp_path, "stranger")
        with serving(stranger.certificate(HOST)) as endpoint:
            endpoint.answers(FRESH)
            assert loopback_client().ask(url_of(endpoint)) is NoAnswer.CERTIFICATE_UNTRUSTED
            assert endpoint.requests == []

    @pytest.mark.parametrize("begun", [timedelta(days=-3), timedelta(days=3)], ids=["expired", "not yet valid"])
    def test_a_certificate_of_another_time_is_refused(self, begun: timedelta, authority: Authority) -> None:
        with serving(authority.certificate(HOST, begun=begun, lasts=timedelta(days=1))) as endpoint:
            endpoint.answers(FRESH)
            assert loopback_client().ask(url_of(endpoint)) is NoAnswer.CERTIFICATE_EXPIRED
            assert endpoint.requests == []

    def test_plain_http_on_the_port_is_refused(self) -> None:
        with serving(None) as endpoint:
            endpoint.answers(FRESH)
            # The server takes the greeting for a request that never ends; it has to say something first.
            assert loopback_client(SHORT_SECONDS).ask(url_of(endpoint)) in {NoAnswer.TIMED_OUT, NoAnswer.NOT_TLS}
            assert endpoint.requests == []

    def test_a_server_that_greets_in_plain_text_is_refused(self) -> None:
        with socket.create_server((LOOPBACK, 0)) as listener:
            port = listener.getsockname()[1]

            def connect(address: tuple[str, int], seconds: float) -> socket.socket:
                ours = socket.create_connection(address, seconds)
                theirs, _ = listener.accept()
                theirs.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + FRESH)
                theirs.close()
                return ours

            client = HealthEndpoints(SystemClock(), resolve=Names([[LOOPBACK]]), connect=connect)
            assert client.ask(HealthUrl("web", HOST, port, "/")) in {NoAnswer.NOT_TLS, NoAnswer.UNREACHABLE}


@pytest.mark.usefixtures("permission")
class TestHowMuchAndHowLong:
    @pytest.mark.parametrize(
        "pieces",
        [
            pytest.param(
                [b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n", b" " * 10_000_000], id="as announced"
            ),
            pytest.param([b"HTTP/1.1 200 OK\r\n\r\n", b" " * 10_000_000], id="unannounced"),
            pytest.param(
                [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"8\r\n        \r\n" * 200_000],
                id="in chunks",
            ),
            pytest.param(
                [b"HTTP/1.1 200 OK\r\n", b"X: " + b"x" * 60_000 + b"\r\n", b"Y: " + b"y" * 60_000], id="headers"
            ),
            pytest.param([b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000], id="nothing but preliminaries"),
        ],
    )
    def test_no_more_than_64_kib_are_read(self, pieces: list[bytes], endpoint: Endpoint) -> None:
        endpoint.says(*pieces)
        assert loopback_client().ask(url_of(endpoint)) is NoAnswer.TOO_LONG

    def test_an_answer_of_nearly_64_kib_is_read(self, endpoint: Endpoint) -> None:
        endpoint.answers(json.dumps({"status": "fresh", "gen": 7, "x": "y" * 65_000}).encode())
        assert loopback_client().ask(url_of(endpoint)) == GOOD

    def test_a_server_that_drips_does_not_hold_the_function(self, endpoint: Endpoint) -> None:
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(FRESH) + FRESH
        endpoint.says(*(bytes([byte]) for byte in answer))
        client = HealthEndpoints(TickingClock(), resolve=Names([[LOOPBACK]]))
        assert client.ask(url_of(endpoint)) is NoAnswer.TIMED_OUT

    def test_the_same_drops_in_time_are_an_answer(self, endpoint: Endpoint) -> None:
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(FRESH) + FRESH
        endpoint.says(*(bytes([byte]) for byte in answer))
        client = HealthEndpoints(TickingClock(), max_seconds=GENEROUS_SECONDS, resolve=Names([[LOOPBACK]]))
        assert client.ask(url_of(endpoint)) == GOOD

    @pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\n", b'HTTP/1.1 200 OK\r\n\r\n{"status": "fr'])
    def test_a_server_that_falls_silent_is_not_waited_for(self, begun: bytes, endpoint: Endpoint) -> None:
        def respond(connection: socket.socket) -> None:
            connection.sendall(begun)
            endpoint.over.wait(10)

        endpoint.respond = respond
        assert loopback_client(SHORT_SECONDS).ask(url_of(endpoint)) is NoAnswer.TIMED_OUT

    def test_a_server_that_never_shakes_hands_is_not_waited_for(self) -> None:
        with socket.create_server((LOOPBACK, 0)) as listener:
            url = HealthUrl("web", HOST, listener.getsockname()[1], "/")
            assert loopback_client(SHORT_SECONDS).ask(url) is NoAnswer.TIMED_OUT

    def test_a_name_server_that_does_not_answer_is_not_waited_for(self, endpoint: Endpoint) -> None:
        over = Event()

        def resolve(host: str, port: int) -> list[str]:
            over.wait(10)
            return [LOOPBACK]

        client = HealthEndpoints(SystemClock(), max_seconds=SHORT_SECONDS, resolve=resolve)
        assert client.ask(url_of(endpoint)) is NoAnswer.TIMED_OUT
        over.set()
        assert endpoint.connections == 0


class TestWhereItLeads:
    def refusing(self, addresses: list[str]) -> HealthEndpoints:
        def connect(address: tuple[str, int], seconds: float) -> socket.socket:
            pytest.fail("it connected to an address of a host that was to be refused")

        return HealthEndpoints(SystemClock(), resolve=Names([addresses]), connect=connect)

    def test_without_permission_a_name_for_loopback_is_refused_before_any_connection(self, endpoint: Endpoint) -> None:
        endpoint.answers(FRESH)
        assert loopback_client().ask(url_of(endpoint)) is NoAnswer.ADDRESS_REFUSED
        assert endpoint.connections == 0

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1"])
    def test_no_spelling_of_loopback_gets_by_with_the_systems_resolver(self, host: str, endpoint: Endpoint) -> None:
        endpoint.answers(FRESH)
        assert HealthEndpoints(SystemClock()).ask(url_of(endpoint, host)) is NoAnswer.ADDRESS_REFUSED
        assert endpoint.connections == 0

    def test_permission_for_one_host_is_none_for_another(
        self, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("VSYNC_ROTATION_PRIVATE_HEALTH_HOSTS", "other.example")
        assert loopback_client().ask(url_of(endpoint)) is NoAnswer.ADDRESS_REFUSED
        assert endpoint.connections == 0

    @pytest.mark.parametrize("private", ["10.0.0.1", LOOPBACK, "fd12::1", "::ffff:10.0.0.1", "100.64.0.1"])
    def test_one_private_address_among_public_ones_refuses_the_host(self, private: str) -> None:
        for addresses in ([PUBLIC, private], [private, PUBLIC], [PUBLIC] * 6 + [private]):
            assert self.refusing(addresses).ask(HealthUrl("web", HOST, 443, "/")) is NoAnswer.ADDRESS_REFUSED

    @pytest.mark.usefixtures("permission")
    @pytest.mark.parametrize("address", ["169.254.169.254", "fd00:ec2::254", "fe80::1", "0.0.0.0", "224.0.0.1"])  # noqa: S104
    def test_no_permission_leads_to_metadata_or_the_like(self, address: str) -> None:
        for addresses in ([address], [LOOPBACK, address], [PUBLIC, address]):
            assert self.refusing(addresses).ask(HealthUrl("web", HOST, 443, "/")) is NoAnswer.ADDRESS_REFUSED

    def test_a_name_that_leads_nowhere_has_no_address(self) -> None:
        assert self.refusing([]).ask(HealthUrl("web", HOST, 443, "/")) is NoAnswer.NO_ADDRESS

    def test_a_name_that_changes_after_it_was_judged_changes_nothing(self, endpoint: Endpoint) -> None:
        endpoint.answers(FRESH)
        names, wires = Names([[PUBLIC], [LOOPBACK]]), Wires(endpoint)
        client = HealthEndpoints(SystemClock(), resolve=names, connect=wires)
        assert client.ask(url_of(endpoint)) == GOOD
        assert names.asked == [(HOST, endpoint.port)]
        assert wires.tried == [(PUBLIC, endpoint.port)]
        assert client.ask(url_of(endpoint)) is NoAnswer.ADDRESS_REFUSED
        assert len(wires.tried) == 1

    @pytest.mark.usefixtures("permission")
    def test_connecting_asks_no_name_server_again(self, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
        endpoint.answers(FRESH)
        asked: list[object] = []
        real: Callable[..., object] = socket.getaddrinfo

        def recorded(host: object, *others: object, **named: object) -> object:
            asked.append(host)
            return real(host, *others, **named)

        monkeypatch.setattr(socket, "getaddrinfo", recorded)
        assert loopback_client().ask(url_of(endpoint)) == GOOD
        assert set(asked) <= {LOOPBACK}

    def test_a_public_address_that_does_not_answer_is_followed_by_the_next(self, endpoint: Endpoint) -> None:
        endpoint.answers(FRESH)
        wires = Wires(endpoint, dead=frozenset({PUBLIC}))
        client = HealthEndpoints(SystemClock(), resolve=Names([[PUBLIC, OTHER_PUBLIC]]), connect=wires)
        assert client.ask(HealthUrl("web", HOST, 443, "/")) == GOOD
        assert wires.tried == [(PUBLIC, 443), (OTHER_PUBLIC, 443)]
        assert len(endpoint.requests) == 1

    def test_each_address_gets_its_share_of_the_time(self, endpoint: Endpoint) -> None:
        addresses = [f"2600::{number}" for number in range(1, 6)]
        wires = Wires(endpoint, dead=frozenset(addresses))
        client = HealthEndpoints(FakeClock(), max_seconds=12, resolve=Names([addresses]), connect=wires)
        assert client.ask(HealthUrl("web", HOST, 443, "/")) is NoAnswer.UNREACHABLE
        assert wires.waits == [3, 4, 6, 12]

    def test_the_time_that_connecting_took_is_gone(self, endpoint: Endpoint) -> None:
        clock, made = FakeClock(), []

        def connect(address: tuple[str, int], seconds: float) -> socket.socket:
            clock.elapsed += 5
            made.append(socket.create_connection((LOOPBACK, endpoint.port)))
            return made[0]

        client = HealthEndpoints(clock, resolve=Names([[PUBLIC]]), connect=connect)
        assert client.ask(HealthUrl("web", HOST, 443, "/")) is NoAnswer.TIMED_OUT
        assert made[0].fileno() == -1, "the connection stays open"
        assert endpoint.requests == []

    def test_where_no_address_answers_there_is_no_connection(self, endpoint: Endpoint) -> None:
        addresses = [f"2600::{number}" for number in range(1, 100)]
        wires = Wires(endpoint, dead=frozenset(addresses))
        client = HealthEndpoints(SystemClock(), resolve=Names([addresses]), connect=wires)
        assert client.ask(HealthUrl("web", HOST, 443, "/")) is NoAnswer.UNREACHABLE
        assert wires.tried == [(address, 443) for address in addresses[:4]]

    @pytest.mark.usefixtures("permission")
    def test_a_port_that_nobody_listens_on_is_no_connection(self) -> None:
        with socket.create_server((LOOPBACK, 0)) as listener:
            port = listener.getsockname()[1]
        assert loopback_client().ask(HealthUrl("web", HOST, port, "/")) is NoAnswer.UNREACHABLE
