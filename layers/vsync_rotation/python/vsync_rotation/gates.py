"""The health gate: what consumers say of themselves after a promotion, and which of them are still waited for. No I/O.

While a gate is open the superseded key is not deactivated by its hours; the longest overlap and an order to revoke win.
What a consumer says is input from outside: of an answer only a status and a gen of the right form are kept, and why
there was none is one of the fixed reasons here, so that nothing else can reach a log, an event or a parameter.

See: SPEC 18
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol, Self

from vsync_rotation.consumers import HealthUrl
from vsync_rotation.events import ConsumerStraggling

# A restart takes minutes; one that takes longer than this is worth a look.
STRAGGLING_AFTER: Final = timedelta(minutes=15)

_FRESH: Final = "fresh"
_STATUS: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
# What every reader can count exactly and still raise (SPEC 7.2).
_MAX_GEN: Final = 2**53 - 2


@dataclass(frozen=True, slots=True)
class HealthAnswer:
    """What a consumer says; None where it does not say it in the form that counts. Make it with `of`."""

    status: str | None
    gen: int | None

    @classmethod
    def of(cls, status: object, gen: object) -> Self:
        """The answer with these two values: a status of 1 to 32 of `A-Za-z0-9_-`, a gen of 0 to 2^53 - 2."""
        return cls(
            status if isinstance(status, str) and _STATUS.fullmatch(status) else None,
            # Python's booleans are integers; JSON's are not.
            gen if isinstance(gen, int) and not isinstance(gen, bool) and 0 <= gen <= _MAX_GEN else None,
        )


class NoAnswer(StrEnum):
    """Why there is no useful answer: fixed words of ours, which may be logged."""

    NO_ADDRESS = "its host name has no address"
    ADDRESS_REFUSED = "its host has an address that may not be asked"
    UNREACHABLE = "there is no connection to it"
    NOT_TLS = "it speaks no TLS that is accepted"
    CERTIFICATE_EXPIRED = "its certificate is not valid at this time"
    CERTIFICATE_OF_ANOTHER_HOST = "its certificate is for another host"
    CERTIFICATE_UNTRUSTED = "its certificate is not trusted"
    TIMED_OUT = "it did not answer in time"
    TOO_LONG = "its answer is too long"
    NOT_HTTP = "its answer is not HTTP"
    NOT_OK = "its answer has another status than 200"
    NOT_AN_OBJECT = "its answer is not a JSON object"


Health = HealthAnswer | NoAnswer


class HealthProbe(Protocol):
    """Asks consumers."""

    def ask(self, url: HealthUrl) -> Health:
        """Ask once, without effect on the other side; never raises for anything that happens there."""


def is_fresh_after_key(health: Health) -> bool:
    """Whether a consumer runs well after a key's promotion: it says `fresh`.

    It may say so with the superseded key as well. Whether that one is still used, IAM tells; whether the consumer has
    restarted, the record of restarts.
    """
    return isinstance(health, HealthAnswer) and health.status == _FRESH


def is_fresh_after_passphrase(health: Health, gen: int) -> bool:
    """Whether a consumer has opened the bundle of this gen or of a later one, whatever its status is."""
    return isinstance(health, HealthAnswer) and health.gen is not None and health.gen >= gen


@dataclass(frozen=True, slots=True)
class Waiting:
    """A consumer that is waited for: the last answer it gave, and whether it was reported as a straggler."""

    last_answer: HealthAnswer | None = None
    reported: bool = False

    def after(self, health: Health | None) -> "Waiting":
        """The same after it was asked again; an answer that did not come leaves the last one standing."""
        return replace(self, last_answer=health) if isinstance(health, HealthAnswer) else self


@dataclass(frozen=True, slots=True)
class Gate:
    """The gate of one version: who is waited for, by name, and who has passed, which holds for this version."""

    version_id: str
    waiting: Mapping[str, Waiting] = field(default_factory=dict)
    passed: frozenset[str] = frozenset()

    def as_json(self) -> dict[str, Any]:
        """What `of_json` reads: a JSON value, to be kept in a function's memory."""
        return {
            "version_id": self.version_id,
            "waiting": {name: _fields(waiting) for name, waiting in sorted(self.waiting.items())},
            "passed": sorted(self.passed),
        }

    @classmethod
    def of_json(cls, record: object) -> "Gate | None":
        """Read it; None for anything but what `as_json` makes, which counts as no record: everybody is asked again."""
        try:
            gate = cls._read(record)
        except (KeyError, TypeError, AttributeError):
            return None
        return gate if gate.as_json() == record else None

    @classmethod
    def _read(cls, record: Any) -> "Gate":
        waiting = {name: _waiting(item) for name, item in record["waiting"].items()}
        return cls(str(record["version_id"]), waiting, frozenset(str(name) for name in record["passed"]))


def waited_for(gate: Gate | None, version_id: str, urls: Iterable[HealthUrl]) -> tuple[str, ...]:
    """The declared consumers that have not passed for this version: all of them where there is no gate for it.

    The gate is open while there are any; these are also the ones to ask.
    """
    passed = _of_version(gate, version_id).passed
    return tuple(url.name for url in urls if url.name not in passed)


def advance(
    gate: Gate | None,
    version_id: str,
    urls: Iterable[HealthUrl],
    answers: Mapping[str, Health],
    is_fresh: Callable[[Health], bool],
) -> Gate:
    """The gate after consumers were asked: a consumer passes once, one that is not declared any more is forgotten.

    Repeatable: the same answers again change nothing. `answers` are by name; who was not asked keeps their place.
    """
    before = _of_version(gate, version_id)
    names = {url.name for url in urls}
    passed = frozenset(name for name in names if name in before.passed or (name in answers and is_fresh(answers[name])))
    waiting = {name: before.waiting.get(name, Waiting()).after(answers.get(name)) for name in names - passed}
    return Gate(version_id, waiting, passed)


def stragglers_to_report(gate: Gate, promoted_at: datetime, now: datetime) -> tuple[ConsumerStraggling, ...]:
    """Who is still waited for 15 minutes after the promotion and has not been reported for this version."""
    if now - promoted_at < STRAGGLING_AFTER:
        return ()
    return tuple(
        _straggling(gate.version_id, name, waiting.last_answer)
        for name, waiting in sorted(gate.waiting.items())
        if not waiting.reported
    )


def with_reported(gate: Gate, stragglers: Iterable[ConsumerStraggling]) -> Gate:
    """The gate after these were reported. To be remembered after the report: a crash between costs a second one."""
    told = {straggler.consumer for straggler in stragglers}
    return replace(
        gate,
        waiting={
            name: replace(waiting, reported=waiting.reported or name in told) for name, waiting in gate.waiting.items()
        },
    )


def _of_version(gate: Gate | None, version_id: str) -> Gate:
    return gate if gate is not None and gate.version_id == version_id else Gate(version_id)


def _straggling(version_id: str, name: str, answer: HealthAnswer | None) -> ConsumerStraggling:
    said = answer or HealthAnswer(None, None)
    return ConsumerStraggling(version_id, name, said.status, said.gen)


def _fields(waiting: Waiting) -> dict[str, Any]:
    """Short, because a parameter is: what there is nothing to say about is left out."""
    fields: dict[str, Any] = {}
    if waiting.last_answer is not None:
        fields["said"] = [waiting.last_answer.status, waiting.last_answer.gen]
    return fields | ({"reported": True} if waiting.reported else {})


def _waiting(item: Mapping[str, Any]) -> Waiting:
    said = item.get("said")
    return Waiting(
        last_answer=None if said is None else HealthAnswer.of(*said),
        reported=item.get("reported") is True,
    )
