"""One step in the replay: its recorded requests, and what the product does when one of them is refused for good.

Pauses come from the product's own `back_off` and its constants, numbers of tries from its clients' settings. What is
written again here is only the order of things after a refusal; `test_storm.py` holds it to the real handlers.
"""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

from rotate_iam_access_key import minting, proving
from tests.scale import assumptions
from tests.scale.traces import KEY, PASSPHRASE, Call, Trace
from vsync_rotation.aws import clients
from vsync_rotation.engine import promotion, settling
from vsync_rotation.engine.backoff import back_off

# A pause in seconds; the value a wait returns is True where what was waited for succeeded.
Wait = Generator[float, None, bool]

LABEL_MOVE: Final = "secretsmanager:UpdateSecretVersionStage"
PUT_VALUE: Final = "secretsmanager:PutSecretValue"
GET_VALUE: Final = "secretsmanager:GetSecretValue"
DESCRIBE: Final = "secretsmanager:DescribeSecret"
CREATE_KEY: Final = "iam:CreateAccessKey"
DELETE_KEY: Final = "iam:DeleteAccessKey"
KEY_LAST_USED: Final = "iam:GetAccessKeyLastUsed"
SET_STATUS: Final = "iam:UpdateAccessKey"
LIST_VERSIONS: Final = "secretsmanager:ListSecretVersionIds"
LIST_KEYS: Final = "iam:ListAccessKeys"
LIST_TAGS: Final = "iam:ListUserTags"
TAG: Final = "iam:TagUser"
UNTAG: Final = "iam:UntagUser"
EMIT: Final = "events:PutEvents"


def _tries(config: object) -> int:
    retries: dict[str, int] = config.retries  # type: ignore[attr-defined]  # botocore's Config has its options as attributes
    return retries["total_max_attempts"]


@dataclass(frozen=True, slots=True)
class Settings:
    """The product's settings that decide how a storm ends; by default as shipped.

    Attributes:
        tries, tries_to_tell: of the SDK, for one request; `tries_to_tell` for events.
        times_to_create: how often createSecret asks for the key, where it is throttled; the SDK asks once each time.
        times_to_move: how often finishSecret moves the label, where it is throttled; the SDK tries each several times.
    """

    tries: int = field(default_factory=lambda: _tries(clients._CONTROL))
    tries_to_tell: int = field(default_factory=lambda: _tries(clients._TELLING))
    times_to_create: int = minting._TRIES_TO_CREATE
    times_to_move: int = promotion._TRIES
    timeout_seconds: float = assumptions.FUNCTION_TIMEOUT_SECONDS

    def pauses_to_create(self, version_id: str) -> Iterator[float]:
        # The product names these two bounds nowhere; a test reads them off the wire.
        return back_off(
            version_id, first_seconds=minting._FIRST_PAUSE_SECONDS, longest_seconds=minting._LONGEST_PAUSE_SECONDS
        )

    def pauses_to_move(self, version_id: str) -> Iterator[float]:
        return back_off(
            version_id, first_seconds=promotion._FIRST_PAUSE_SECONDS, longest_seconds=promotion._LONGEST_PAUSE_SECONDS
        )

    def pauses_to_prove(self, version_id: str) -> Iterator[float]:
        return back_off(
            version_id, first_seconds=proving._FIRST_PAUSE_SECONDS, longest_seconds=proving._LONGEST_PAUSE_SECONDS
        )


@dataclass(slots=True)
class ReplayedRotation:
    """What is left of a rotation between two attempts.

    Attributes:
        done: the steps that were completed; entered again they ask less.
        intent_left: the intent on the IAM user outlived the attempt that recorded it.
        orphan_left: so did the key it announced, whose value could not be stored.
        swapped_at: when the pointer was swapped, while the label has not followed.
        window_seconds: from swap to label move.
    """

    kind: str
    version_id: str
    done: set[str] = field(default_factory=set)
    attempts: int = 0
    succeeded: bool = False
    intent_left: bool = False
    orphan_left: bool = False
    swapped_at: float | None = None
    window_seconds: float = 0.0


class Wire(Protocol):
    """The account's quotas and the time, as one client sees them."""

    now: float

    def asked(self, action: str, tries: int, ends_at: float) -> Wait:
        """One request of the SDK with its tries; True when it was admitted."""


class StepModel:
    """One invocation; `run` it once."""

    __slots__ = ("_ends_at", "_rotation", "_settings", "_step", "_trace", "_wire")

    def __init__(
        self, wire: Wire, settings: Settings, rotation: ReplayedRotation, trace: Trace, step: str, ends_at: float
    ) -> None:
        self._wire = wire
        self._settings = settings
        self._rotation = rotation
        self._trace = trace
        self._step = step
        self._ends_at = ends_at

    def run(self) -> Wait:
        calls, committed = self._calls(), False
        for position, call in enumerate(calls):
            if call.by_new_key:
                return (yield from self._proved(calls[position:]))
            succeeded = yield from self._done(call.action)
            committed = committed or call.action in (CREATE_KEY, LABEL_MOVE)
            # Marks made after the key exists or the label has moved, and events, never fail a step.
            is_best_effort = call.action == EMIT or (call.action == TAG and committed)
            if not succeeded and not is_best_effort:
                yield from self._cleared_up(call.action)
                return False
        self._rotation.done.add(self._step)
        return True

    def _calls(self) -> tuple[Call, ...]:
        first, again = self._trace.first[self._step], self._trace.again[self._step]
        done, resumed = self._step in self._rotation.done, self._rotation.intent_left
        if self._rotation.swapped_at is not None:
            return self._trace.torn[self._step]
        if self._step != "createSecret" or not resumed:
            return again if done else first
        if done:
            return (*again, Call(UNTAG))
        # The tags are read together with the keys, several times; and an intent that is there is not recorded again.
        intent = next(call for call in first if call.action == TAG)
        return tuple(call for call in first if call.action != LIST_TAGS and call is not intent)

    def _done(self, action: str) -> Wait:
        match action:
            case _ if action == LABEL_MOVE:
                return self._moved()
            case _ if action == CREATE_KEY:
                return self._created()
            case _ if action == LIST_KEYS and self._rotation.intent_left:
                return self._resumed()
            case _ if action == UNTAG:
                return self._untagged()
            case _:
                return self._asked(action)

    def _asked(self, action: str) -> Wait:
        tries = self._settings.tries_to_tell if action == EMIT else self._settings.tries
        return self._wire.asked(action, tries, self._ends_at)

    def _remaining_seconds(self) -> float:
        return self._ends_at - self._wire.now

    # createSecret of a key.

    def _created(self) -> Wait:
        times = range(self._settings.times_to_create)
        pauses = self._settings.pauses_to_create(self._rotation.version_id)
        for left, pause in zip(reversed(times), pauses, strict=False):
            if (yield from self._wire.asked(CREATE_KEY, 1, self._ends_at)):
                return True
            if not left or self._remaining_seconds() <= pause:
                break
            yield pause
        return False

    def _untagged(self) -> Wait:
        removed = yield from self._asked(UNTAG)
        self._rotation.intent_left = not removed
        return removed

    def _cleared_up(self, action: str) -> Wait:
        """What createSecret takes back when the key was not made, or was made and could not be stored."""
        if action == UNTAG:
            self._rotation.done.add(self._step)  # the value is stored, and only the intent was left behind
        if action == CREATE_KEY and not self._rotation.intent_left:
            yield from self._untagged()
        if action == PUT_VALUE and self._rotation.kind == KEY:
            yield from self._undone()
        return True

    def _undone(self) -> Wait:
        """The key is deleted again where no look shows a value. Otherwise the next attempt finds an orphan."""
        self._rotation.intent_left = self._rotation.orphan_left = True
        if not (yield from self._looked_for_in_vain((GET_VALUE,))) or not (yield from self._asked(DELETE_KEY)):
            return False
        self._rotation.orphan_left = False
        return (yield from self._untagged())

    def _resumed(self) -> Wait:
        """An earlier attempt left its intent: its key and its value may be late, so both are looked for a while."""
        looked_for = (LIST_KEYS, LIST_TAGS)
        found = self._all(looked_for) if self._rotation.orphan_left else self._looked_for_in_vain(looked_for)
        if not (yield from found) or not (yield from self._looked_for_in_vain((GET_VALUE,))):
            return False
        if self._rotation.orphan_left:
            held = (DESCRIBE, LIST_VERSIONS, GET_VALUE)
            if not (yield from self._all((*held, KEY_LAST_USED, SET_STATUS, *held, DELETE_KEY))):
                return False
            self._rotation.orphan_left = False
            yield from self._asked(EMIT)
            yield from self._asked(UNTAG)  # the orphan's own mark; the intent goes when its new key is stored
        return True

    def _looked_for_in_vain(self, actions: tuple[str, ...]) -> Wait:
        for pause in settling._PAUSES_SECONDS:
            if not (yield from self._all(actions)):
                return False
            if self._remaining_seconds() / 2 < pause:
                return True
            yield pause
        return (yield from self._all(actions))

    def _all(self, actions: Iterable[str]) -> Wait:
        for action in actions:
            if not (yield from self._asked(action)):
                return False
        return True

    # testSecret of a key.

    def _proved(self, probes: tuple[Call, ...]) -> Wait:
        """All of a round must succeed, several rounds in a row, until the deadline."""
        one_round = probes[: len(probes) // proving._SUCCESSES_IN_A_ROW]
        pauses, successes = self._settings.pauses_to_prove(self._rotation.version_id), 0
        while True:
            for call in one_round:
                if not (yield from self._wire.asked(call.action, 1, self._ends_at)):
                    successes, wait = 0, next(pauses)
                    break
            else:
                successes, wait = successes + 1, proving._PAUSE_AFTER_SUCCESS_SECONDS
            if successes == proving._SUCCESSES_IN_A_ROW:
                self._rotation.done.add(self._step)
                return True
            if self._remaining_seconds() <= wait:
                return False
            yield wait

    # finishSecret.

    def _moved(self) -> Wait:
        """The label's move with its repetitions; after each refusal the labels are read."""
        self._note_swap()
        times = range(self._settings.times_to_move)
        pauses = self._settings.pauses_to_move(self._rotation.version_id)
        for left, pause in zip(reversed(times), pauses, strict=False):
            if (yield from self._asked(LABEL_MOVE)):
                self._note_move()
                return True
            yield from self._asked(DESCRIBE)
            if not left or self._remaining_seconds() < pause:
                break
            yield pause
        return False

    def _note_swap(self) -> None:
        """The request before the first move of the label is the pointer's swap, where there is a pointer."""
        if self._rotation.kind == PASSPHRASE and self._rotation.swapped_at is None:
            self._rotation.swapped_at = self._wire.now - assumptions.REQUEST_SECONDS

    def _note_move(self) -> None:
        if self._rotation.swapped_at is not None:
            self._rotation.window_seconds = self._wire.now - self._rotation.swapped_at
            self._rotation.swapped_at = None
