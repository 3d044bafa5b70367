"""One request to the embedded AWS as its observers see it, and an answer given in the service's place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(slots=True)
class Request:
    """A single try on the wire: a retry by the SDK is a request of its own.

    Carries no parameters and no body, so that printing one can never show secret material.

    Attributes:
        index: rises by one per request, from 1, since the world was reset.
        service: the signing name, as in IAM actions (`secretsmanager`, `iam`, `s3`, `sts`, `events`).
        operation: as in boto3's API reference (`GetSecretValue`).
        target: the `X-Amz-Target` header of JSON services, otherwise empty.
        principal: the access key id that signed the request; empty when it is unsigned.
        function, invocation, step: of the function that is being run by this thread; None for everybody else.
        status: what the service answered with, also where a fault then lost the answer; None while there is none.
    """

    index: int
    service: str
    operation: str
    method: str
    host: str
    path: str
    target: str
    protocol: str
    principal: str
    function: str | None = None
    invocation: str | None = None
    step: str | None = None
    status: int | None = None

    @property
    def action(self) -> str:
        """`service:Operation`, the form in which faults select requests."""
        return f"{self.service}:{self.operation}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an observer says in the service's place: the request never reaches it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Observer(Protocol):
    """Sees every request twice.

    `before` may return None (let it pass), return an Answer (answer in its place) or raise (it never leaves).
    `after` may raise: it took effect and the caller never hears of it. Requests an observer itself makes pass the
    observers by.
    """

    def before(self, request: Request) -> Answer | None: ...

    def after(self, request: Request) -> None: ...
