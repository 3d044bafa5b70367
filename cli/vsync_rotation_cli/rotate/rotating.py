"""Order a rotation, follow it, and say where to look if it does not end well."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from vsync_rotation.settings import is_paused
from vsync_rotation_cli.aws.function_log import FunctionLog, LogLine
from vsync_rotation_cli.aws.secret_facts import CURRENT, PENDING, SecretFacts
from vsync_rotation_cli.aws.secrets import Ordered, Secrets
from vsync_rotation_cli.aws.session import Session
from vsync_rotation_cli.console import Console
from vsync_rotation_cli.refused import NOT_DONE, RefusedError
from vsync_rotation_cli.rotate.following import Clock, End, Following

ROTATED: Final = 0
# Attempts that failed before this one was ordered are in the log too, and are no news.
_TOLD_IN_TIME_MS: Final = 5_000


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
        # The machine's own clock stamps the log's lines as little as ours does: a little earlier costs nothing.
        since_ms = int(datetime.now(UTC).timestamp() * 1_000) - _TOLD_IN_TIME_MS
        version_id = str(uuid4())
        began = self.clock.monotonic()
        if self._secrets.rotate(secret.arn, version_id) is Ordered.REATTEMPTED:
            version_id = self._unfinished(secret)
            self.console.say(
                f"{secret.name}: a previous rotation is not complete (version {version_id}); it is tried again, "
                "and no other is begun"
            )
        else:
            self.console.say(f"{secret.name}: rotation started, version {version_id}")
        return Order(secret, function, version_id, since_ms, began)

    def follow(self, order: "Order", timeout_seconds: float) -> int:
        """Tell what happens until the end, at most so long. Returns the exit status."""
        watched = _Watched(
            self._secrets,
            order.secret.arn,
            order.version_id,
            FunctionLog(self.session, order.function),
            order.since_ms,
        )
        following = Following(watched, order.version_id, self.clock, self.console, order.began)
        end = following.to_the_end(timeout_seconds)
        if end is End.PROMOTED:
            seconds = self.clock.monotonic() - order.began
            self.console.say(f"{order.secret.name}: rotated in {seconds:.0f} s; the value before is AWSPREVIOUS")
            return ROTATED
        self._say_where_to_look(order, end, timeout_seconds)
        return NOT_DONE

    def _unfinished(self, secret: SecretFacts) -> str:
        version_id = found(self._secrets, secret.arn).holder(PENDING)
        if version_id is None:
            raise RefusedError(f"{secret.name}: a previous rotation ended just now; order it again")
        return version_id

    def _say_where_to_look(self, order: "Order", end: End, timeout_seconds: float) -> None:
        group = FunctionLog(self.session, order.function).group
        what = {
            End.FAILED: "failed in a way that trying again does not mend",
            End.GIVEN_UP: "was given up: AWSPENDING was taken off its version",
            End.STILL_GOING: f"has not ended within {timeout_seconds:g} s; the service may go on trying",
            End.PROMOTED: "",
        }[end]
        say = self.console.say
        moved = found(self._secrets, order.secret.arn).holder(CURRENT) != order.secret.holder(CURRENT)
        where = "AWSCURRENT is on another version: somebody stored a value" if moved else "AWSCURRENT did not move"
        say(f"{order.secret.name}: the rotation {what}. {where}")
        say(f"  what the function says: log group {group}, version_id {order.version_id}")
        say('  what was announced: events of source vsync.rotation, detail-type "Rotation Step Failed"')
        say(f"  once it is mended, go on with: vsync-rotation rotate --follow --secret-id {order.secret.name}")

    @property
    def _secrets(self) -> Secrets:
        return Secrets(self.session)


@dataclass(frozen=True, slots=True)
class Order:
    """A rotation under way. `since_ms` and `began` are when it was ordered, by two clocks."""

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
    secret = secrets.find(secret_id)
    if secret is None:
        raise RefusedError(f"there is no secret {secret_id} here; check name, region and account")
    return secret


def _require_rotatable(secret: SecretFacts) -> str:
    """The ARN of the function that will rotate it."""
    if secret.to_be_deleted:
        raise RefusedError(f"{secret.name} is scheduled for deletion; aws secretsmanager restore-secret brings it back")
    if secret.rotation_function is None:
        raise RefusedError(f"{secret.name} has no rotation function; deploy the rotation stack: make deploy")
    if secret.rotation_enabled is False:
        raise RefusedError(
            f"rotation of {secret.name} was switched off (cancel-rotate-secret), and rotating would switch it on; "
            "deploy the rotation stack, or switch it on with aws secretsmanager rotate-secret"
        )
    if is_paused(secret.tags):
        raise RefusedError(
            f"{secret.name} is paused by its tag vsync-rotation:paused, and the function would refuse; "
            f"aws secretsmanager untag-resource --secret-id {secret.name} --tag-keys vsync-rotation:paused"
        )
    if secret.holder(CURRENT) is None:
        raise RefusedError(f"{secret.name} has no value to rotate; give it one with vsync-rotation seed")
    return secret.rotation_function
