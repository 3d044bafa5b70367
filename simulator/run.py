"""One run of the embedded AWS, from a clean start to the next reset: its parts, and the record of what happened."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final

from simulator import switchboard
from simulator.access.gate import Gate
from simulator.access.principals import Directory, KeyPair
from simulator.access.propagation import Propagation
from simulator.access.questions import Questions
from simulator.clock import Clock
from simulator.corrections import announcements
from simulator.corrections.rotation_requests import desks
from simulator.event_record import EventRecord
from simulator.exchange import Request
from simulator.functions import Functions, Raised
from simulator.inventory import open_texts
from simulator.leaks import Leak, SecretRegister, texts_of
from simulator.rotation_service import RotationService
from simulator.s3_conditions import ConditionalWrites
from simulator.server import server
from simulator.staleness import Staleness
from simulator.switchboard import Switchboard
from simulator.trail import TrailEntry

ACCOUNT_ID: Final = "123456789012"
# Only the world's own gate knows these; they open nothing anywhere else.
OPERATOR: Final = KeyPair("OPERATOR000000000000", "operator-of-the-embedded-aws")
FUNCTION: Final = KeyPair("FUNCTION000000000000", "functions-of-the-embedded-aws")


class Transport(StrEnum):
    """How requests of this process reach the embedded AWS."""

    HTTP = "http"
    IN_PROCESS = "in-process"


class Run:
    """Everything that is new after a reset.

    Attributes:
        clock: real time until `clock.stand_still()`.
        rotation_service: runs what RotateSecret ordered.
        gate: credentials and policies.
        propagation: makes new access keys fail at first.
        staleness: makes reads of Secrets Manager and IAM answer late.
        s3: conditional writes as AWS judges them, or as Ceph does.
        secrets: the leak register.
    """

    account_id = ACCOUNT_ID

    def __init__(self, transport: Transport, region: str) -> None:
        self.transport = transport
        self.region = region
        self.clock = Clock()
        self._make_parts()

    def _make_parts(self) -> None:
        wire = server().socket if self.transport is Transport.HTTP else server().in_process
        self.switchboard = Switchboard(server().port, wire)
        self.functions = Functions(f"arn:aws:lambda:{self.region}:{ACCOUNT_ID}:function:", self.clock)
        self.rotation_service = RotationService(self.functions, self.clock)
        self.propagation = Propagation(ACCOUNT_ID)
        self.staleness = Staleness(ACCOUNT_ID, self.clock, server().in_process)
        directory = Directory(ACCOUNT_ID, OPERATOR, FUNCTION, self.functions)
        self.gate = Gate(directory, Questions(ACCOUNT_ID), self.propagation)
        self.s3 = ConditionalWrites(ACCOUNT_ID)
        self.secrets = SecretRegister()
        self.events: list[EventRecord] = []

    def _connect(self) -> None:
        server().doors[:] = [
            self.gate.door,
            self.rotation_service.tokens.door,
            self.s3.door,
            self.staleness.door,
        ]
        desks.append(self.rotation_service)
        announcements.secret_born.listen(self.secrets.add)
        announcements.current_moved.listen(self.rotation_service.current_moved)
        announcements.label_moved.listen(self.rotation_service.label_moved)
        announcements.event_put.listen(self._event_put)
        switchboard.connect(self.switchboard)

    def _disconnect(self) -> None:
        switchboard.disconnect(self.switchboard)
        announcements.event_put.forget(self._event_put)
        announcements.label_moved.forget(self.rotation_service.label_moved)
        announcements.current_moved.forget(self.rotation_service.current_moved)
        announcements.secret_born.forget(self.secrets.add)
        desks.remove(self.rotation_service)
        server().doors.clear()

    def _event_put(self, _region: str, entry: dict[str, Any]) -> None:
        self.events.append(EventRecord.of(entry))

    @property
    def requests(self) -> list[Request]:
        return self.switchboard.requests

    @property
    def raised(self) -> list[Raised]:
        return self.functions.raised

    @property
    def trail(self) -> list[TrailEntry]:
        return self.rotation_service.trail

    @property
    def refused_hosts(self) -> list[str]:
        """Hosts other than this one that somebody tried to reach."""
        return self.switchboard.refused_hosts

    @property
    def log_lines(self) -> list[str]:
        """Every line functions wrote to standard output and error, in the order of their invocations."""
        return [line for invocation in self.functions.invocations for line in invocation.output]

    def leaks(self) -> list[Leak]:
        """Every place outside its secret in which secret material shows."""
        return [leak for where, text in self._open_texts() for leak in self.secrets.find(where, text)]

    def _open_texts(self) -> Iterator[tuple[str, str]]:
        yield from ((f"log line {number}", line) for number, line in enumerate(self.log_lines, 1))
        yield from ((f"event {event.detail_type}", event.text) for event in self.events)
        yield from ((f"path of request {request.index}", request.path) for request in self.requests)
        for raised in self.raised:
            yield from ((f"{type(raised.error).__name__} of {raised.function}", t) for t in texts_of(raised.error))
        yield from open_texts(ACCOUNT_ID)
