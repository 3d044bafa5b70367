"""Order a rotation, follow it, and say where to look if it does not end well."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from vsync_rotation.errors import RotationError, UnreachableError
from vsync_rotation.settings import is_paused
from vsync_rotation_cli.aws.explained import explained
from vsync_rotation_cli.aws.function_log import FunctionLog, LogLine
from vsync_rotation_cli.aws.secret_facts import CURRENT, PENDING, SecretFacts
from vsync_rotation_cli.aws.secrets import Ordered, Secrets
from vsync_rotation_cli.aws.session import Session, same_place
from vsync_rotation_cli.console import Console
from vsync_rotation_cli.refused import NOT_DONE, RefusedError, bad_input, telling_if_interrupted
from vsync_rotation_cli.rotate.following import Clock, End, Following
from vsync_rotation_cli.words import program, shown

ROTATED: Final = 0
# Attempts that failed before this one was ordered are in the log too, and are no news.
_TOLD_IN_TIME_MS: Final = 5_000
# What the SDK or the service calls a word that can name no secret.
_MALFORMED: Final = frozenset({"ParamValidationError", "ValidationException"})


@dataclass(frozen=True, slots=True)
class _Watched:
    """Implements `following.Secret`."""

    secrets: Secrets
    arn: str
    version_id: str
    function_log: FunctionLog
    since_ms: int

    def facts(self) -> SecretFacts:
        return found(self.secrets, self.arn)

    def log(self) -> Iterator[LogLine]:
        return self.function_log.about(self.version_id, self.since_ms)


@dataclass(frozen=True, slots=True)
class Rotating:
    """Starts rotations and follows them."""

    session: Session
    console: Console
    clock: Clock

    def order(self, secret_id: str) -> "Order":
        """Start the rotation, or have the unfinished one tried again.

        Raises:
            RefusedError: it cannot rotate as it stands; nothing was ordered.
        """
        secret = found(self._secrets, secret_id)
        function = _require_rotatable(secret)
        version_id = str(uuid4())
        began = self.clock.monotonic()
        self.console.say(f"{secret.name}: account {secret.account}, {secret.arn}")
        with telling_if_interrupted(lambda: _may_have_begun(secret, version_id)):
            if self._ordered(secret, version_id) is Ordered.REATTEMPTED:
                version_id = self._unfinished(secret)
                self.console.say(
                    f"{secret.name}: a previous rotation is not complete (version {version_id}); it is tried again, "
                    "and no other is begun"
                )
            else:
                self.console.say(f"{secret.name}: rotation started, version {version_id}")
        return Order(secret, function, version_id, _since_ms(secret), began)

    def follow(self, order: "Order", timeout_seconds: float) -> int:
        """Tell what happens until the end, at most so long. Returns the exit status.

        Raises:
            RefusedError: it cannot be seen any more. The rotation goes on.
        """
        function_log = FunctionLog(self.session, order.function)
        watched = _Watched(self._secrets, order.secret.arn, order.version_id, function_log, order.since_ms)
        following = Following(watched, order.version_id, self.clock, self.console, order.began)
        with telling_if_interrupted(lambda: _goes_on(order)):
            # Asked now, so that whatever is said later can be said without asking.
            where = f"what the function says: log group {function_log.group}, version_id {order.version_id}"
            try:
                end = following.to_the_end(timeout_seconds)
            except RefusedError as refusal:
                raise RefusedError(*refusal.problems, _goes_on(order), where) from None
            except RotationError as error:
                told = f"{order.secret.name} cannot be looked at any more: {'; '.join(explained(error))}"
                raise RefusedError(told, _goes_on(order), where) from None
        if end is End.PROMOTED:
            seconds = self.clock.monotonic() - order.began
            self.console.say(f"{order.secret.name}: rotated in {seconds:.0f} s; the value before is AWSPREVIOUS")
            return ROTATED
        self._say_where_to_look(order, end, timeout_seconds, following.seen, where)
        return NOT_DONE

    def _ordered(self, secret: SecretFacts, version_id: str) -> Ordered:
        try:
            return self._secrets.rotate(secret.arn, version_id)
        except UnreachableError as error:
            if error.not_done:
                raise
            told = f"{secret.name}: {'; '.join(explained(error))}"
            raise RefusedError(told, _may_have_begun(secret, version_id)) from None

    def _unfinished(self, secret: SecretFacts) -> str:
        version_id = found(self._secrets, secret.arn).holder(PENDING)
        if version_id is None:
            raise RefusedError(f"{secret.name}: a previous rotation ended just now; order it again")
        return version_id

    def _say_where_to_look(
        self, order: "Order", end: End, timeout_seconds: float, seen: SecretFacts | None, where: str
    ) -> None:
        what = {
            End.FAILED: "failed in a way that trying again does not mend",
            End.GIVEN_UP: "was given up: AWSPENDING was taken off its version",
            End.STILL_GOING: f"has not ended within {timeout_seconds:g} s; the service may go on trying",
            End.PROMOTED: "",
        }[end]
        say = self.console.say
        say(f"{order.secret.name}: the rotation {what}. {_of_label(order.secret, seen)}")
        say(f"  {where}")
        say('  what was announced: events of source vsync.rotation, detail-type "Rotation Step Failed"')
        say(f"  once it is mended, go on with: {_again(order.secret)}")

    @property
    def _secrets(self) -> Secrets:
        return Secrets(self.session)


@dataclass(frozen=True, slots=True)
class Order:
    """A rotation under way. `since_ms` and `began` are when it was ordered, by the service's clock and by ours."""

    secret: SecretFacts
    function: str
    version_id: str
    since_ms: int
    began: float


def found(secrets: Secrets, secret_id: str) -> SecretFacts:
    """The secret.

    Raises:
        RefusedError: there is none.
    """
    try:
        secret = secrets.find(secret_id)
    except RotationError as error:
        if error.code not in _MALFORMED:
            raise
        raise bad_input(f"{shown(secret_id)} can be no secret's name or ARN; give its name or its full ARN") from None
    if secret is None:
        raise RefusedError(f"there is no secret {shown(secret_id)} here; check name, region and account")
    return secret


def _since_ms(secret: SecretFacts) -> int:
    """From when on the function's log tells of what is ordered now. Our own clock may run hours ahead of the log's."""
    answered_at = secret.answered_at or datetime.now(UTC)
    return int(answered_at.timestamp() * 1_000) - _TOLD_IN_TIME_MS


def _goes_on(order: "Order") -> str:
    version_id = order.version_id
    return (
        f"the rotation of {order.secret.name} goes on by itself, and is done once version {version_id} is AWSCURRENT; "
        f"look again with: {_look(order.secret)}"
    )


def _may_have_begun(secret: SecretFacts, version_id: str) -> str:
    return (
        f"a rotation of {secret.name} may have begun, and then goes on by itself; "
        f"see whether there is a version {version_id}, with: {_look(secret)}"
    )


def _look(secret: SecretFacts) -> str:
    """Not by ordering it again: where the rotation has ended meanwhile, that would begin another one."""
    return f"aws secretsmanager describe-secret --secret-id {secret.name} {same_place(secret.region)}"


def _again(secret: SecretFacts) -> str:
    return f"{program()} rotate --follow --secret-id {secret.name} {same_place(secret.region)}"


def _of_label(before: SecretFacts, seen: SecretFacts | None) -> str:
    if seen is None:
        return "Whether AWSCURRENT moved could not be seen"
    if seen.holder(CURRENT) == before.holder(CURRENT):
        return "AWSCURRENT did not move"
    return "AWSCURRENT is on another version: somebody stored a value"


def _require_rotatable(secret: SecretFacts) -> str:
    """The ARN of the function that will rotate it."""
    if secret.to_be_deleted:
        raise RefusedError(f"{secret.name} is scheduled for deletion; aws secretsmanager restore-secret brings it back")
    if secret.rotation_function is None:
        raise RefusedError(
            f"{secret.name} has no rotation function; deploy the rotation stack: make deploy DEPLOYMENT=<name>"
        )
    if secret.rotation_enabled is False:
        raise RefusedError(
            f"rotation of {secret.name} was switched off (cancel-rotate-secret), and rotating would switch it on; "
            "deploy the rotation stack, or switch it on with aws secretsmanager rotate-secret"
        )
    if is_paused(secret.tags):
        raise RefusedError(
            f"{secret.name} is paused by its tag vsync-rotation:paused, and the function would refuse; "
            f"aws secretsmanager untag-resource --secret-id {secret.name} --tag-keys vsync-rotation:paused "
            f"{same_place(secret.region)}"
        )
    if secret.holder(CURRENT) is None:
        raise RefusedError(f"{secret.name} has no value to rotate; give it one with {program()} seed")
    return secret.rotation_function
