"""A rotation as it can be seen from outside: labels that move, and what the function writes about it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, Protocol

from vsync_rotation.errors import RotationError
from vsync_rotation_cli.aws.explained import may_pass
from vsync_rotation_cli.aws.function_log import LogLine
from vsync_rotation_cli.aws.secret_facts import CURRENT, PENDING, SecretFacts
from vsync_rotation_cli.console import Console

# A rotation that goes well takes seconds; one that does not waits for the service's next attempt.
_POLL_SECONDS: Final = 2.0
_LATER_POLL_SECONDS: Final = 10.0
_SOON_SECONDS: Final = 60.0
_STEP_DONE: Final = "step done"


class Clock(Protocol):
    """Time, and waiting."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Secret(Protocol):
    """The secret that rotates."""

    def facts(self) -> SecretFacts:
        """As it is now.

        Raises:
            RotationError: it cannot be seen.
            RefusedError: it is not there any more.
        """

    def log(self) -> Iterator[LogLine]:
        """What the function wrote about this rotation so far.

        Raises:
            RotationError: the log cannot be read.
        """


class End(Enum):
    """How it ended, as far as was waited for."""

    PROMOTED = auto()
    FAILED = auto()  # a step said that trying again will not help
    GIVEN_UP = auto()  # the version lost its label without becoming current
    STILL_GOING = auto()  # no end was seen in the time there was


@dataclass(slots=True)
class Following:
    """Watches one version and tells what happens to it, each thing once. `seen` is the secret as it was seen last."""

    secret: Secret
    version_id: str
    clock: Clock
    console: Console
    began: float
    seen: SecretFacts | None = None
    _told: set[str] = field(default_factory=set)
    _was_pending: bool = False
    _is_out_of_sight: bool = False
    _log_is_readable: bool = True
    _hopeless: bool = False

    def to_the_end(self, timeout_seconds: float) -> End:
        """Look every few seconds until it has ended, at most so long. A look that fails by chance is repeated.

        Raises:
            RotationError: it cannot be looked at, and waiting does not mend that.
            RefusedError: there is nothing to look at any more.
        """
        while True:
            end = self._look()
            if end is not None:
                return end
            elapsed = self.clock.monotonic() - self.began
            if elapsed >= timeout_seconds:
                return End.STILL_GOING
            self.clock.sleep(_POLL_SECONDS if elapsed < _SOON_SECONDS else _LATER_POLL_SECONDS)

    def _look(self) -> End | None:
        # Labels first: what the log tells afterwards is at least as new.
        secret = self._facts()
        if secret is None:
            return None
        self.seen = secret
        labels = secret.labels.get(self.version_id, frozenset())
        if PENDING in labels and not self._was_pending:
            self._was_pending = True
            self._tell("the pending version is there")
        self._read_log()
        if CURRENT in labels:
            self._tell("AWSCURRENT moved: the new value is live")
            return End.PROMOTED
        if self._was_pending and PENDING not in labels:
            return End.GIVEN_UP
        return End.FAILED if self._hopeless else None

    def _facts(self) -> SecretFacts | None:
        try:
            secret = self.secret.facts()
        except RotationError as error:
            if not may_pass(error):
                raise
            if not self._is_out_of_sight:
                self._tell(f"{error.what}; the rotation goes on, and is looked at again")
            self._is_out_of_sight = True
            return None
        self._is_out_of_sight = False
        return secret

    def _read_log(self) -> None:
        if not self._log_is_readable:
            return
        try:
            for line in self.secret.log():
                if line.id not in self._told:
                    self._told.add(line.id)
                    self._tell_line(line)
        except RotationError as error:
            if may_pass(error):
                return  # the lines are still there at the next look
            self._log_is_readable = False
            self._tell(f"the function's log cannot be read, so that single steps are not shown ({error.what})")

    def _tell_line(self, line: LogLine) -> None:
        if line.error is not None:
            self._tell_failure(line, line.error)
        elif line.message == _STEP_DONE:
            self._tell(f"{line.step} done")

    def _tell_failure(self, line: LogLine, error: str) -> None:
        self._hopeless = self._hopeless or not line.retryable
        # The place that the message begins with is what is being followed.
        reason = line.message.rpartition(f"version {self.version_id}: ")[2]
        again = f"{line.step} {reason}" in self._told
        self._told.add(f"{line.step} {reason}")
        self._tell(f"{line.step} failed again, as before" if again else f"{line.step} failed with {error}: {reason}")

    def _tell(self, what: str) -> None:
        self.console.say(f"  {self.clock.monotonic() - self.began:6.1f} s  {what}")
