"""One event: which consumers of the secret restart, are followed, or are left alone; and what is told of it.

Delivered twice, an event does nothing the second time: what is restarted for its version is remembered, what is under
way is followed, and only what failed is tried again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from restart_consumers.announcement import Announcement
from restart_consumers.attempt import Attempt, attempt, short_reason
from restart_consumers.record import RestartRecord
from vsync_rotation.consumers import Consumer, ConsumerKind, MalformedConsumer, each_consumer
from vsync_rotation.engine.deadline import Deadline
from vsync_rotation.engine.ports import Ports, SecretDescription
from vsync_rotation.engine.staging import CURRENT, PENDING
from vsync_rotation.errors import (
    ConcurrentChangeError,
    ContractError,
    PermissionDeniedError,
    Place,
    RotationError,
    UnreachableError,
)
from vsync_rotation.events import ConsumersRestarted, Subject
from vsync_rotation.memory.ports import Memory
from vsync_rotation.memory.restarts import ConsumerRestart, RestartState
from vsync_rotation.rollouts import Order, Restarter
from vsync_rotation.settings import KIND, PAUSED, is_paused

Summary = dict[str, Any]
Restarters = Mapping[ConsumerKind, Restarter]

STEP: Final = "restart"
# For one consumer: two or three requests, each answered within a second as a rule, and the record of it.
RESERVE_SECONDS: Final = 10.0
# Stands for the tag's value, which is whatever somebody typed. Once corrected it is another target.
_MALFORMED: Final = "malformed"
_DONE_SO_FAR: Final = "what was restarted is recorded and is not restarted again"


@dataclass(slots=True)
class _Told:
    """What an invocation did, by consumer name. `again`: what Lambda's next delivery may do better."""

    restarted: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    under_way: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)


def restart_consumers(
    event: object, restarters: Restarters, memory: Memory, ports: Ports, deadline: Deadline
) -> Summary:
    """Restart what the event's secret declares, for the event's version. Returns what was done, for JSON.

    A memory that cannot be read must not keep applications on a superseded value: at the rotation's own event all
    consumers are restarted then. That is harmless, because every kind replaces what runs bit by bit, and it is bounded,
    because Lambda delivers one event three times at most. The check's events come for hours and are refused instead.

    Raises:
        RotationError: the event is none of ours, the secret cannot be described or its description is late, or a
            consumer failed in a way that may pass. Whatever was done is recorded and told before.
    """
    try:
        return _Restarting(restarters, memory, ports, deadline).run(event)
    except RotationError as error:
        ports.journal.error(str(error), error=type(error).__name__, retryable=error.retryable)
        # Whatever it was raised from is the SDK's or a library's, and may quote what it was given.
        error.__cause__ = error.__context__ = None
        raise


class _Restarting:
    """One invocation."""

    def __init__(self, restarters: Restarters, memory: Memory, ports: Ports, deadline: Deadline) -> None:
        self._restarters = restarters
        self._memory = memory
        self._ports = ports
        self._deadline = deadline
        self._now: datetime = ports.clock.now()
        self._told = _Told()

    def run(self, event: object) -> Summary:
        self._ports.journal.locate(step=STEP)
        announced = Announcement.parse(event)
        self._ports.journal.locate(secret=announced.secret_arn, version_id=announced.version_id)
        try:
            return self._serve(announced)
        except RotationError as error:
            error.at(Place(announced.secret_arn, announced.version_id, STEP))
            raise

    def _serve(self, announced: Announcement) -> Summary:
        secret = self._ports.secrets.describe(announced.secret_arn)
        self._ports.journal.locate(secret=secret.name)
        _require_kind(secret, announced)
        reason = _nothing_to_do(secret, announced)
        if reason is not None:
            self._ports.journal.info("nothing to do", reason=reason)
            return self._summary(secret, announced) | {"nothing_to_do": reason}
        self._serve_all(secret, announced)
        self._tell(secret, announced)
        if self._told.again:
            raise UnreachableError(
                f"consumers to be tried again: {', '.join(self._told.again)}",
                safe=_DONE_SO_FAR,
                remedy="let it be tried again; the log says what each of them met",
            )
        return self._summary(secret, announced)

    def _serve_all(self, secret: SecretDescription, announced: Announcement) -> None:
        declared = each_consumer(secret.tags)
        record = self._record(secret, announced)
        record.keep(consumer.name for consumer in declared)
        order = Order(secret.arn, secret.name, announced.kind, announced.version_id, announced.at)
        for consumer in declared:
            match consumer:
                case MalformedConsumer(name, error):
                    self._ports.journal.error(str(error), consumer=name, error=type(error).__name__)
                    reason = short_reason(error)
                    failed = ConsumerRestart(_MALFORMED, RestartState.FAILED, self._now, reason=reason)
                    self._note(record, name, Attempt(failed))
                case Consumer():
                    self._serve_one(consumer, record, order)

    def _serve_one(self, consumer: Consumer, record: RestartRecord, order: Order) -> None:
        remembered = record.of(consumer.name, str(consumer))
        if remembered is not None and remembered.state is RestartState.RESTARTED:
            self._told.already.append(consumer.name)
        elif self._deadline.remaining_seconds() < RESERVE_SECONDS:
            self._ports.journal.warning("no time left for a consumer", consumer=consumer.name)
            self._told.again.append(consumer.name)
        else:
            restarter = self._restarters[consumer.kind]
            tried = attempt(consumer, remembered, restarter, order, self._now, self._ports.journal)
            self._note(record, consumer.name, tried)

    def _note(self, record: RestartRecord, name: str, tried: Attempt) -> None:
        record.note(name, tried.restart)
        if tried.may_pass:
            self._told.again.append(name)
        match tried.restart.state:
            case RestartState.RESTARTED:
                self._told.restarted.append(name)
                self._ports.journal.count("ConsumerRestarted")
            case RestartState.BEGUN:
                self._told.under_way.append(name)
            case RestartState.FAILED:
                self._told.failed[name] = tried.restart.reason or ""
                self._ports.journal.count("ConsumerFailed")

    def _record(self, secret: SecretDescription, announced: Announcement) -> RestartRecord:
        where = self._memory, self._ports.journal, secret.name, announced.version_id
        try:
            return RestartRecord.read(*where)
        except (PermissionDeniedError, UnreachableError) as error:
            if not announced.is_first:
                raise
            self._ports.journal.warning("what was restarted is not known, so all is restarted", reason=str(error))
            return RestartRecord.unread(*where)

    def _tell(self, secret: SecretDescription, announced: Announcement) -> None:
        told = self._told
        self._ports.journal.info("consumers served", **self._lists())
        if told.restarted or told.failed:
            event = ConsumersRestarted(announced.version_id, tuple(told.restarted), tuple(told.failed))
            subject = Subject(secret.arn, secret.name, announced.kind, announced.repo, announced.env)
            self._ports.events.emit(event.detail_type, event.detail(subject, self._now))

    def _summary(self, secret: SecretDescription, announced: Announcement) -> Summary:
        return {"secret": secret.name, "version_id": announced.version_id, **self._lists()}

    def _lists(self) -> Summary:
        told = self._told
        return {
            "restarted": told.restarted,
            "failed": told.failed,
            "under_way": told.under_way,
            "already": told.already,
        }


def _require_kind(secret: SecretDescription, announced: Announcement) -> None:
    if secret.tags.get(KIND) != announced.kind:
        raise ContractError(
            f"tag {KIND} of the secret is not {announced.kind}, the kind that the event names",
            remedy="correct the tag, or send the event of another secret",
        )


def _nothing_to_do(secret: SecretDescription, announced: Announcement) -> str | None:
    """Why consumers are left alone, if they are.

    Raises:
        ConcurrentChangeError: the version is still pending where it is described.
    """
    if is_paused(secret.tags):
        return f"paused by tag {PAUSED}"
    if secret.scheduled_for_deletion:
        # Nobody can read it any more: what is stopped now would not start again.
        return "the secret is scheduled for deletion"
    labels = secret.labels.get(announced.version_id, frozenset())
    if CURRENT in labels:
        return None
    if PENDING in labels:
        # The event follows the move of the label; a description may be older than both.
        raise ConcurrentChangeError(
            "the version is not AWSCURRENT yet in the secret's description", remedy="let it be tried again"
        )
    return "a later version is AWSCURRENT"
