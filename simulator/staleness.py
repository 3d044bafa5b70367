"""Reads that answer late: chosen reads of Secrets Manager and IAM tell what was true before the latest writes.

A late answer is never invented: the service is shown as it was before one of the writes, and answers the request
itself, so that every read it has or will have can be late. Only functions get late answers; an operator (and so a
test's own look) is told the truth. Nothing is late unless asked for.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html (changes are not always immediately visible)
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders

from simulator.access.parsing import operation_of
from simulator.clock import Clock
from simulator.doors import Incoming
from simulator.exchange import Answer
from simulator.replicas import KeyUses, Replica, Secrets, Users, is_read
from simulator.wire import InProcess

Where = Callable[[Incoming], bool]
KEY_USES: Final = "iam:GetAccessKeyLastUsed"


def every_read(incoming: Incoming) -> bool:  # noqa: ARG001 - a choice looks at nothing when it takes all
    return True


def by_label_alone(incoming: Incoming) -> bool:
    """GetSecretValue that names no version: what AWS itself has been seen to answer late right after a put."""
    return b'"VersionId"' not in incoming.body


@dataclass(frozen=True, slots=True)
class Moment:
    """Just before a write: the instant on the world's monotonic clock, and the service's condition then."""

    at: float
    condition: Any = field(repr=False)


class Rule(Protocol):
    """Decides for each read how many of the latest writes it does not see."""

    def hidden(self, moments: list[Moment], now: float) -> int: ...


@dataclass(slots=True)
class _ByReads:
    reads: int
    _done: int = 0
    _done_before: list[int] = field(default_factory=list)  # for each write, the reads of this operation before it

    def hidden(self, moments: list[Moment], now: float) -> int:  # noqa: ARG002 - the protocol's signature
        self._done_before.extend([self._done] * (len(moments) - len(self._done_before)))
        hidden = sum(self._done - before < self.reads for before in self._done_before)
        self._done += 1
        return hidden


@dataclass(slots=True)
class _BySeconds:
    seconds: float

    def hidden(self, moments: list[Moment], now: float) -> int:
        return sum(now - moment.at < self.seconds for moment in moments)


@dataclass(slots=True)
class _Chosen:
    numbers: frozenset[int]
    writes: int | None
    _done: int = 0

    def hidden(self, moments: list[Moment], now: float) -> int:  # noqa: ARG002 - the protocol's signature
        self._done += 1
        if self._done not in self.numbers:
            return 0
        return len(moments) if self.writes is None else min(self.writes, len(moments))


@dataclass(frozen=True, slots=True)
class _Order:
    """What was asked for. `first`: how many moments there were then; what was written before is seen."""

    action: str
    where: Where
    rule: Rule
    first: int


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """One read that was answered late. `differed`: it was told something else than the truth."""

    action: str
    writes_hidden: int
    differed: bool


class Staleness:
    """Which reads answer late, of writes made from now on.

    Attributes:
        answers: every late answer so far.
    """

    def __init__(self, account_id: str, clock: Clock, wire: InProcess) -> None:
        self._clock = clock
        self._wire = wire
        users, uses = Users(account_id), KeyUses(account_id)
        self._replicas: dict[str, Replica] = {"secretsmanager": Secrets(account_id), "iam": users, KEY_USES: uses}
        self._moments: dict[str, list[Moment]] = {name: [] for name in self._replicas}
        self._orders: list[_Order] = []
        self._asking = False
        self.answers: list[LateAnswer] = []

    def late_by_reads(self, action: str, reads: int, where: Where = every_read) -> None:
        """No write is seen by the next `reads` reads of this operation (`iam:ListAccessKeys`).

        Raises:
            ValueError: nothing of the kind can be late.
        """
        self._add(action, where, _ByReads(reads))

    def late_by_seconds(self, action: str, seconds: float, where: Where = every_read) -> None:
        """No write is seen by this operation until `seconds` of the world's time have passed.

        Raises:
            ValueError: nothing of the kind can be late.
        """
        self._add(action, where, _BySeconds(seconds))

    def behind(self, action: str, numbers: Iterable[int], writes: int | None = None, where: Where = every_read) -> None:
        """The reads with these numbers, from 1, do not see the latest `writes` writes; None: none made from now on.

        Raises:
            ValueError: nothing of the kind can be late.
        """
        self._add(action, where, _Chosen(frozenset(numbers), writes))

    def settle(self) -> None:
        """Everything is seen again, and what was written so far will stay seen."""
        self._orders.clear()
        for moments in self._moments.values():
            moments.clear()

    def remember(self) -> None:
        """A write is about to be made by other ways than a request."""
        for name in self._moments:
            self._remember(name)

    def _add(self, action: str, where: Where, rule: Rule) -> None:
        name = self._replica_of(action)
        if name is None or not is_read(action.partition(":")[2]):
            raise ValueError(f"{action} is never late here: only reads of Secrets Manager and IAM are")
        self._orders.append(_Order(action, where, rule, len(self._moments[name])))

    def _replica_of(self, action: str) -> str | None:
        name = action if action in self._replicas else action.partition(":")[0]
        return name if name in self._replicas else None

    def _remember(self, name: str) -> None:
        if any(self._replica_of(order.action) == name for order in self._orders):
            moment = Moment(self._clock.monotonic(), self._replicas[name].capture())
            self._moments[name].append(moment)

    def door(self, incoming: Incoming) -> Answer | None:
        """Answer a late read; remember what is about to be changed."""
        if self._asking or not self._orders:
            return None
        operation = operation_of(incoming) if incoming.service != "s3" else ""
        for changed, replica in self._replicas.items():
            if replica.is_changed_by(incoming, operation):
                self._remember(changed)
        action = f"{incoming.service}:{operation}"
        name = self._replica_of(action) if is_read(operation) else None
        if name is None or "x-simulator-function" not in incoming.headers:
            return None
        hidden = self._hidden(action, name, incoming)
        return self._answer(incoming, action, name, hidden) if hidden else None

    def _hidden(self, action: str, name: str, incoming: Incoming) -> int:
        moments, now = self._moments[name], self._clock.monotonic()
        asked = [order for order in self._orders if order.action == action and order.where(incoming)]
        return max((order.rule.hidden(moments[order.first :], now) for order in asked), default=0)

    def _answer(self, incoming: Incoming, action: str, name: str, hidden: int) -> Answer:
        self._asking = True
        try:
            with self._replicas[name].showing(self._moments[name][-hidden].condition):
                late = self._ask(incoming)
            differed = self._ask(incoming).body != late.body
        finally:
            self._asking = False
        self.answers.append(LateAnswer(action, hidden, differed))
        return late

    def _ask(self, incoming: Incoming) -> Answer:
        query = f"?{incoming.query_string}" if incoming.query_string else ""
        url = f"http://{incoming.headers['host']}{incoming.raw_path}{query}"
        headers = HTTPHeaders()
        for field_name, value in incoming.headers.items():
            headers[field_name] = value
        response = self._wire.send(
            AWSPreparedRequest(incoming.method, url, headers, incoming.body, stream_output=False)
        )
        kept = {name: value for name, value in response.headers.items() if name.lower() != "content-length"}
        return Answer(response.status_code, kept, response.content)
